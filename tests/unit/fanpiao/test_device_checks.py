"""Doctor looks at every device, at what nobody drives, at sound and keys, and says what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devices.drivers.serial_scanner.driver import SerialScanner
from devices.ports import DeviceEntry, PrinterState
from devices.simulated.bench_printer import BenchPrinter
from devices.simulated.input_line import InputLine
from devices.simulated.serial_line import SerialLine
from devices.transport.hid import Keyboard
from fanpiao import device_checks
from fanpiao.doctor import examine
from fanpiao.findings import Finding
from tests.unit.fanpiao.test_doctor import NOON


def look(kind: str, driver: str, **settings: str) -> Finding:
    (finding,) = device_checks.devices([DeviceEntry("one", kind, driver, settings)], 1.0)
    return finding


def test_a_device_that_answers_is_well_and_is_let_go(tmp_path: Path) -> None:
    line = InputLine(tmp_path / "pad")
    assert look("keypad", "hid_keypad", path=str(line.path)).state == "ok"
    assert look("keypad", "hid_keypad", path=str(line.path)).state == "ok"
    line.unplug()
    missing = look("keypad", "hid_keypad", path=str(line.path))
    assert (missing.state, missing.data["why"]) == ("wrong", "devices.absent")
    assert str(line.path) in missing.sentence("zh")
    assert str(line.path) in missing.sentence("en")


def test_what_a_running_counter_holds_is_left_to_it_and_is_no_fault(tmp_path: Path) -> None:
    line = SerialLine(tmp_path / "scanner")
    held = SerialScanner("glass", {"port": str(line.path)})
    held.open(0.0)
    finding = look("scanner", "serial_scanner", port=str(line.path))
    assert (finding.state, finding.data["why"]) == ("warning", "devices.busy")
    held.close()
    line.unplug()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PrinterState.READY, ("ok", None)),
        (PrinterState.PAPER_LOW, ("warning", "printers.paper_low")),
        (PrinterState.PAPER_OUT, ("warning", "printers.no_paper")),
        (PrinterState.COVER_OPEN, ("warning", "printers.cover_open")),
    ],
)
def test_a_printer_says_how_its_paper_is(state: PrinterState, expected: tuple) -> None:
    printer = BenchPrinter()
    printer.show(state)
    finding = look("printer", "escpos_printer", address=printer.address)
    printer.close()
    assert (finding.state, finding.data.get("why")) == expected


def test_a_mistake_in_settings_is_the_devices_finding() -> None:
    assert look("scanner", "serial_scanner").data["why"] == "devices.settings"


def test_a_camera_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    finding = look("camera", "device", path=str(tmp_path / "video9"))
    assert finding.data["why"] == "devices.absent"


def test_a_keyboard_that_may_not_be_read_comes_with_the_line_to_add(tmp_path: Path) -> None:
    gone = Keyboard(str(tmp_path / "event3"), "Honeywell 1900", "0c2e:0b61", "")
    other = Keyboard(str(tmp_path / "event4"), "Keyboard", "046d:c31c", "")
    entry = DeviceEntry("gun", "scanner", "hid_scanner", {"usb": "0C2E:0B61"})
    finding = device_checks.keyboards([entry], [gone, other])
    assert finding.state == "wrong"
    line = finding.sentence("en").splitlines()[-1]
    assert line == (
        'KERNEL=="event*", SUBSYSTEM=="input", ATTRS{idVendor}=="0c2e", '
        'ATTRS{idProduct}=="0b61", GROUP="input", MODE="0660"'
    )
    assert line in finding.sentence("zh")
    assert "Keyboard (" not in finding.sentence("en")
    assert device_checks.keyboards([], [gone]).state == "warning"
    Path(gone.path).touch()
    assert device_checks.keyboards([entry], [gone]).code == "input.ok"
    assert device_checks.keyboards([], []).code == "input.none"


def test_what_nobody_drives_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = (Keyboard("/dev/input/event7", "Unknown Scanner", "0c2e:0b61", ""),)
    monkeypatch.setattr("devices.transport.hid.plugged_in", lambda: found)
    finding = device_checks.unclaimed([])
    assert "Unknown Scanner" in finding.sentence("zh")
    named = DeviceEntry("gun", "scanner", "hid_scanner", {"usb": "0c2e:0b61"})
    assert "Unknown Scanner" not in str(device_checks.unclaimed([named]).data)


def test_sound_needs_a_library_and_an_output(tmp_path: Path) -> None:
    cards = tmp_path / "cards"
    cards.write_text(
        " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n      at 0xf7d10000 irq 31\n"
    )
    heard = device_checks.sound(cards, "libc.so.6", runtime=str(tmp_path))
    assert (heard.code, heard.data) == ("sound.ok", {"outputs": "HDA Intel PCH"})
    cards.write_text("--- no soundcards ---\n")
    assert device_checks.sound(cards, "libc.so.6", runtime=str(tmp_path)).code == "sound.none"
    (tmp_path / "pipewire-0").touch()
    assert device_checks.sound(cards, "libc.so.6", runtime=str(tmp_path)).code == "sound.ok"
    assert device_checks.sound(cards, "libnone.so.1").code == "sound.no_library"


def test_keys_that_others_may_read_are_wrong(tmp_path: Path) -> None:
    path = tmp_path / "terminal-keys.json"
    assert device_checks.key_store(path).code == "keys.none"
    path.write_text("{")
    os.chmod(path, 0o644)
    assert device_checks.key_store(path).code == "keys.too_open"
    assert "chmod 600" in device_checks.key_store(path).sentence("zh")
    os.chmod(path, 0o600)
    assert device_checks.key_store(path).code == "keys.damaged"
    assert device_checks.server_of(path) == ""


def test_a_device_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    profile = tmp_path / "trial.toml"
    profile.write_text(
        'name = "trial"\ntenders = ["code"]\ntitle = { zh = "试", en = "Trial" }\n'
        '[[devices]]\nname = "glass"\nkind = "scanner"\ndriver = "serial_scanner"\n'
        'settings = { port = "/dev/no-such-port" }\n',
        encoding="utf-8",
    )
    findings = examine(str(profile), None, now=NOON, state=tmp_path)
    about = [one.code for one in findings if one.data.get("device") == "glass"]
    assert about == ["profile.device_missing"]
