"""What is plugged in shows in a folder, at most half a second later, and nothing else does."""

from __future__ import annotations

import os

from devices.hotplug import LOOK_S, Plugs
from devices.ports import DeviceEntry


def test_what_comes_and_goes_is_noticed_once_each(tmp_path):
    plugs = Plugs((), [str(tmp_path)])
    assert not plugs.changed(0.0)
    place = tmp_path / "usb-scanner"
    place.touch()
    os.utime(tmp_path, ns=(1, 1))
    assert plugs.changed(1.0)
    assert not plugs.changed(2.0)
    place.unlink()
    assert plugs.changed(3.0)


def test_a_folder_that_appears_with_its_first_device_is_noticed(tmp_path):
    by_id = tmp_path / "by-id"
    plugs = Plugs((), [str(by_id)])
    by_id.mkdir()
    assert plugs.changed(1.0)


def test_it_looks_twice_a_second_and_no_more(tmp_path):
    plugs = Plugs((), [str(tmp_path)])
    plugs.changed(1.0)
    (tmp_path / "new").touch()
    assert not plugs.changed(1.0 + LOOK_S / 2)
    assert plugs.changed(1.0 + LOOK_S)


def test_the_folders_of_the_profiles_own_paths_are_watched(tmp_path):
    entry = DeviceEntry("p", "printer", "escpos_printer", {"address": f"file:{tmp_path}/lp0"})
    plugs = Plugs([entry], [])
    os.utime(tmp_path, ns=(1, 1))
    assert plugs.changed(1.0)
