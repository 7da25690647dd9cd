"""Exposure is measured, held, and measured again; metadata nodes are no cameras."""

from __future__ import annotations

import os
import struct

import pytest

from devices.drivers.camera.protocol import HELD_S, WARM_UP_S, Exposure
from devices.ports import DeviceEntry, DeviceLost
from devices.registry import make_camera
from devices.transport import video
from devices.transport.video import Control, ExposureMode, Mains


class Camera:
    """A camera that measures an exposure of `measures` while it is automatic."""

    def __init__(self, lacks: frozenset[Control] = frozenset()) -> None:
        self.lacks = lacks
        self.measures = 157
        self.values = {Control.EXPOSURE_MODE: 3, Control.EXPOSURE: 10}
        self.asked = 0

    def get(self, control: Control) -> int | None:
        self.asked += 1
        if control in self.lacks:
            return None
        if control is Control.EXPOSURE and self.values[Control.EXPOSURE_MODE] == 3:
            return self.measures
        return self.values.get(control)

    def set(self, control: Control, value: int) -> bool:
        self.asked += 1
        is_automatic = self.values[Control.EXPOSURE_MODE] == 3
        if control in self.lacks or (control is Control.EXPOSURE and is_automatic):
            return False
        self.values[control] = value
        return True


def test_exposure_is_held_at_what_was_measured_while_warming_up():
    camera = Camera()
    exposure = Exposure(camera)
    exposure.begin(10.0)
    exposure.step(10.0 + WARM_UP_S / 2)
    assert camera.values[Control.EXPOSURE_MODE] == ExposureMode.APERTURE_PRIORITY
    exposure.step(10.0 + WARM_UP_S)
    assert camera.values[Control.EXPOSURE_MODE] == ExposureMode.MANUAL
    assert camera.values[Control.EXPOSURE] == 157


def test_it_is_measured_anew_when_the_light_may_have_changed():
    camera = Camera()
    exposure = Exposure(camera)
    exposure.begin(0.0)
    exposure.step(WARM_UP_S)
    camera.measures = 60
    exposure.step(WARM_UP_S + HELD_S)
    assert camera.values[Control.EXPOSURE_MODE] == ExposureMode.APERTURE_PRIORITY
    exposure.step(2 * WARM_UP_S + HELD_S)
    assert camera.values[Control.EXPOSURE] == 60


@pytest.mark.parametrize(("mains_hz", "value"), [(50, Mains.HZ_50), (60, Mains.HZ_60)])
def test_the_camera_is_told_how_the_lamps_flicker(mains_hz, value):
    camera = Camera()
    Exposure(camera, mains_hz).begin(0.0)
    assert camera.values[Control.MAINS] == value


@pytest.mark.parametrize("lacks", [set(Control), {Control.EXPOSURE}, {Control.EXPOSURE_MODE}])
def test_a_camera_without_the_controls_is_left_alone(lacks):
    camera = Camera(frozenset(lacks))
    exposure = Exposure(camera)
    exposure.begin(0.0)
    exposure.step(WARM_UP_S)
    asked = camera.asked
    for frame in range(100):
        exposure.step(WARM_UP_S + frame)
    assert camera.asked == asked
    assert camera.values[Control.EXPOSURE_MODE] == ExposureMode.APERTURE_PRIORITY


def test_a_lane_may_leave_the_exposure_to_the_camera():
    camera = Camera()
    exposure = Exposure(camera, is_locked=False)
    exposure.begin(0.0)
    exposure.step(WARM_UP_S)
    assert camera.values[Control.EXPOSURE_MODE] == ExposureMode.APERTURE_PRIORITY


@pytest.mark.parametrize(
    ("device_wide", "own", "captures"),
    [(0x84A00001, 0x04200001, True), (0x84A00001, 0x04A00000, False), (0x04000001, 0, True)],
)
def test_a_node_captures_when_its_own_abilities_say_so(device_wide, own, captures):
    capability = struct.pack("=16s32s32sIII12x", b"uvc", b"Cam", b"usb", 1, device_wide, own)
    assert len(capability) == 104
    assert video.capture_bit(capability) is captures


def test_cameras_are_listed_by_path_and_metadata_nodes_are_not(tmp_path):
    for number, index in enumerate("01"):
        node = tmp_path / "class" / f"video{number}"
        node.mkdir(parents=True)
        (node / "index").write_text(index)
        (node / "name").write_text("HD Webcam\n")
    (tmp_path / "by-path").mkdir()
    link = tmp_path / "by-path" / "pci-0-usb-1-video-index0"
    os.symlink("/dev/video0", link)
    (found,) = video.plugged_in(tmp_path / "class", tmp_path / "by-path")
    assert (found.path, found.name) == (str(link), "HD Webcam")
    (plain,) = video.plugged_in(tmp_path / "class", tmp_path / "none")
    assert plain.path == "/dev/video0"


def test_something_that_is_no_camera_is_told(tmp_path):
    path = tmp_path / "video0"
    path.write_bytes(b"")
    camera = make_camera(DeviceEntry("c", "camera", "device", {"path": str(path)}))
    with pytest.raises(DeviceLost, match="devices.protocol"):
        camera.open(0.0)


def test_a_flicker_that_no_mains_have_is_refused():
    with pytest.raises(ValueError, match="50, 60"):
        make_camera(DeviceEntry("c", "camera", "device", {"path": "/dev/x", "mains_hz": 55}))
