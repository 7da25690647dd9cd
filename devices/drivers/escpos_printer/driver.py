"""`EscposPrinter`: receipts and the drawer, over a device file or the network."""

from typing import Final

from devices.drivers.escpos_printer import protocol
from devices.ports import DeviceLost, DeviceSettings, PrinterState, Receipt
from devices.receipts import WIDTH, FontMissing, draw, font
from devices.settings import check_fields, number
from devices.transport.outlet import Outlet, outlet_of

FIELDS: Final = ("address", "width", "timeout_s", "drawer_pin")
_TROUBLES: Final = {
    PrinterState.PAPER_OUT: "printers.no_paper",
    PrinterState.COVER_OPEN: "printers.cover_open",
}


class EscposPrinter:
    """A printer that speaks ESC/POS; keeps `devices.ports.Printer` and `CashDrawer`.

    Belongs to one thread: the printing queue's. A job is sent whole or the printer is lost; a
    receipt cut off in the middle is printed again from the start.
    """

    kind = "printer"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, FIELDS)
        pin = int(number(settings, "drawer_pin", 2, 2, 5))
        if pin not in protocol.DRAWER_PINS:
            raise ValueError(f"drawer_pin = {pin}; allowed: 2, 5")
        self.name = name
        self._width = int(number(settings, "width", WIDTH, 192, 1024)) // 8 * 8
        self._timeout_s = number(settings, "timeout_s", 5.0, 0.1, 60)
        self._pin = pin
        self._outlet: Outlet = outlet_of(str(settings.get("address", "")))

    def open(self, now: float) -> None:
        """Look that the printer is there and that Chinese can be drawn; `DeviceLost` if not."""
        try:
            font()
        except FontMissing as missing:
            raise DeviceLost("printers.no_font", str(missing)) from missing
        self._outlet.open(self._timeout_s)
        self._outlet.close()

    def print_receipt(self, receipt: Receipt) -> None:
        """Print and cut; `DeviceLost` without paper, with an open cover, or when it is away."""
        job = protocol.receipt_bytes(draw(receipt, self._width))
        self._send(job)

    def kick(self) -> None:
        """Open the drawer, paper or no paper; `DeviceLost` when the printer is away."""
        with self._outlet.opened(self._timeout_s) as outlet:
            outlet.write(protocol.drawer_bytes(self._pin))

    def state(self) -> PrinterState:
        """Ask the printer; `UNKNOWN` when it does not say, or is away."""
        try:
            with self._outlet.opened(self._timeout_s) as outlet:
                return _asked(outlet)
        except DeviceLost:
            return PrinterState.UNKNOWN

    def close(self) -> None:
        """Let go of the printer."""
        self._outlet.close()

    def _send(self, job: bytes) -> None:
        with self._outlet.opened(self._timeout_s) as outlet:
            state = _asked(outlet)
            if state in _TROUBLES:
                raise DeviceLost(_TROUBLES[state], self.name)
            outlet.write(job)


def _asked(outlet: Outlet) -> PrinterState:
    offline = outlet.ask(protocol.ASK_OFFLINE)
    if not offline:
        return PrinterState.UNKNOWN
    return protocol.read_status(offline, outlet.ask(protocol.ASK_PAPER))
