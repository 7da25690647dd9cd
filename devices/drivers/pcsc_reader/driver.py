"""`PcscReader`: card UIDs from the readers of the PC/SC service."""

from collections.abc import Iterator

from devices.drivers.pcsc_reader.protocol import GET_UID, Left, Read, Tray, Two, uid_of
from devices.ports import (
    Assurance,
    CardPresented,
    CardRemoved,
    DeviceLost,
    DeviceSettings,
    TwoCards,
)
from devices.settings import check_fields
from devices.transport.pcsc import CardTorn, PcscContext, SlotState

CardEvent = CardPresented | CardRemoved | TwoCards


class PcscReader:
    """All slots whose name contains `reader`; keeps the contract of `devices.ports.CardReader`."""

    kind = "card_reader"
    bus = "pcsc"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, ("reader",))
        self.name = name
        self._wanted = str(settings.get("reader", "")).lower()
        self._context = PcscContext()
        self._readers: tuple[str, ...] = ()
        self._tray = Tray()

    def open(self, now: float) -> None:
        """Find the reader; `DeviceLost` when the service or the reader is not there."""
        self._context.open()
        self._readers = tuple(
            found for found in self._context.readers() if self._wanted in found.lower()
        )
        if not self._readers:
            raise DeviceLost("devices.absent", self._wanted or "PC/SC reader")
        self._tray = Tray()

    def step(self, now: float) -> list[CardEvent]:
        """Return what happened until now, or wait a little; `DeviceLost` when the reader left."""
        slots = self._context.states(self._readers)
        events = list(self._events(slots, now))
        if not events:
            self._context.wait(slots)
        return events

    def close(self) -> None:
        """Let go of the service."""
        self._context.close()

    def _events(self, slots: tuple[SlotState, ...], now: float) -> Iterator[CardEvent]:
        for found in self._tray.look(slots):
            match found:
                case Left():
                    yield CardRemoved(self.name, now)
                case Two():
                    yield TwoCards(self.name, now)
                case Read():
                    yield from self._read(found, now)

    def _read(self, read: Read, now: float) -> Iterator[CardPresented]:
        try:
            uid = uid_of(*self._context.exchange(read.reader, GET_UID))
        except CardTorn:
            uid = None
        if uid is None:
            self._tray.failed()
            return
        self._tray.done()
        yield CardPresented(uid, Assurance.CARD_UID, now, self.name, read.already_there)
