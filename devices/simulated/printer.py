"""A printer that keeps its receipts, and a drawer that tells when it moves."""

from collections import deque

from devices.ports import (
    DeviceLost,
    DeviceSettings,
    DrawerMoved,
    PrinterState,
    Receipt,
)
from devices.settings import check_fields
from devices.simulated.played import Played

KEPT_MAX = 1000


class SimulatedPrinter:
    """Twin of a receipt printer with a drawer behind it."""

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, ("width_dots",))
        self.name = name
        self.receipts: deque[Receipt] = deque(maxlen=KEPT_MAX)
        self.kick_count = 0
        self._state = PrinterState.READY
        self._is_open = False
        self._is_unplugged = False

    def show_state(self, state: PrinterState) -> None:
        """Report this from now on; without paper or with its cover open it prints nothing."""
        self._state = state

    def unplug(self) -> None:
        """Be gone until `plug_in`."""
        self._is_unplugged = True

    def plug_in(self) -> None:
        """Be there again."""
        self._is_unplugged = False

    def open(self, now: float) -> None:
        """Open, or raise `DeviceLost` while unplugged."""
        assert not self._is_open, "opened twice"
        self._answer("devices.absent")
        self._is_open = True

    def print_receipt(self, receipt: Receipt) -> None:
        """Keep the receipt; `DeviceLost` when it could not be printed."""
        assert self._is_open, "print before open"
        self._answer("devices.lost")
        if self._state is PrinterState.PAPER_OUT:
            raise DeviceLost("printers.no_paper", self.name)
        if self._state is PrinterState.COVER_OPEN:
            raise DeviceLost("printers.cover_open", self.name)
        self.receipts.append(receipt)

    def kick(self) -> None:
        """Open the drawer behind it, or raise `DeviceLost`."""
        self._answer("devices.lost")
        self.kick_count += 1

    def state(self) -> PrinterState:
        """What `show_state` said; `UNKNOWN` while unplugged or closed."""
        is_there = self._is_open and not self._is_unplugged
        return self._state if is_there else PrinterState.UNKNOWN

    def close(self) -> None:
        """Close."""
        self._is_open = False

    def _answer(self, code: str) -> None:
        if self._is_unplugged:
            raise DeviceLost(code, self.name)


class SimulatedDrawer(Played[bool]):
    """Twin of a drawer with a switch; `kick` opens it, a hand closes it."""

    kind = "drawer"

    def kick(self) -> None:
        """Open it, or raise `DeviceLost` when unplugged."""
        if self._is_unplugged:
            raise DeviceLost("devices.lost", self.name)
        self._play(True)

    def shut(self) -> None:
        """Close it by hand."""
        self._play(False)

    def step(self, now: float) -> list[DrawerMoved]:
        """Return how it moved; never waits."""
        return [DrawerMoved(is_open, self.name, now) for is_open in self._fetch()]
