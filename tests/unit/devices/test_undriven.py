"""A serial port that an entry names by its USB identity is no hardware without a driver."""

from __future__ import annotations

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from devices.ports import DeviceEntry
from devices.undriven import undriven


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> ListPortInfo:
    found = ListPortInfo("/dev/ttyUSB77")
    found.vid, found.pid, found.hwid = 0x10C4, 0xEA60, "USB VID:PID=10C4:EA60"
    monkeypatch.setattr(list_ports, "comports", lambda: [found])
    return found


@pytest.mark.parametrize(
    ("kind", "driver"),
    [
        ("scanner", "serial_scanner"),
        ("scale", "serial_scale"),
        ("card_reader", "pn532_reader"),
    ],
)
def test_a_port_that_a_driver_takes_by_its_usb_identity_is_not_listed(port, kind, driver):
    def listed(usb: str) -> list[str]:
        entry = DeviceEntry("one", kind, driver, {"usb": usb})
        return [one.address for one in undriven([entry]) if one.bus == "serial"]

    assert listed("10c4:ea60") == []
    assert listed("10c4:ea61") == [port.device]
