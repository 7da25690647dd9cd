"""`PcscReader`: cards from the readers of the PC/SC service, by number or proven by their keys."""

from collections.abc import Iterator

from devices.cards.key_file import site_keys_of
from devices.cards.look import looked_at
from devices.cards.prove import Exchange, SiteKeys
from devices.cards.uid import GET_UID, uid_of
from devices.drivers.pcsc_reader.protocol import Left, Read, Tray, Two
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

LOOK_S = 2.0
"""How often the list of readers is asked for: another one may have been plugged in."""

UNKNOWN_MAX_S = 1.0
"""How long the service may not know what its slots are doing: a reset takes a moment."""

CardEvent = CardPresented | CardRemoved | TwoCards


class PcscReader:
    """All slots whose name contains `reader`; keeps the contract of `devices.ports.CardReader`."""

    kind = "card_reader"
    bus = "pcsc"

    def __init__(
        self, name: str, settings: DeviceSettings, context: PcscContext | None = None
    ) -> None:
        check_fields(settings, ("reader", "keys"))
        self.name = name
        self._wanted = str(settings.get("reader", "")).lower()
        self._settings = settings
        self._keys = site_keys_of(settings)
        self._context = context or PcscContext()
        self._readers: tuple[str, ...] = ()
        self._looked_at = 0.0
        self._known_at = 0.0
        self._tray = Tray()

    def renewed(self) -> "PcscReader":
        """Return the same reader anew, to take the place of one that hangs in a call."""
        return PcscReader(self.name, self._settings)

    def open(self, now: float) -> None:
        """Find the reader; `DeviceLost` when the service or the reader is not there."""
        self._context.open()
        self._readers = self._found()
        self._looked_at = self._known_at = now
        self._tray = Tray()

    def step(self, now: float) -> list[CardEvent]:
        """Return what happened until now, or wait a little; `DeviceLost` when the reader left."""
        events = self._hot_plugged(now)
        slots = self._context.states(self._readers)
        self._check_known(slots, now)
        events += self._events(slots, now)
        if not events:
            self._context.wait(slots)
        return events

    def close(self) -> None:
        """Let go of the service."""
        self._context.close()

    def _found(self) -> tuple[str, ...]:
        found = tuple(name for name in self._context.readers() if self._wanted in name.lower())
        if not found:
            raise DeviceLost("devices.absent", self._wanted or "PC/SC reader")
        return found

    def _check_known(self, slots: tuple[SlotState, ...], now: float) -> None:
        """A slot of which nothing is known holds no card; if that lasts for all, it is lost."""
        if any(slot.is_known for slot in slots):
            self._known_at = now
        elif now - self._known_at > UNKNOWN_MAX_S:
            raise DeviceLost("devices.lost", ", ".join(self._readers))

    def _hot_plugged(self, now: float) -> list[CardEvent]:
        """Take in a reader that came or went: what lies there now was already there."""
        if now - self._looked_at < LOOK_S:
            return []
        found, self._looked_at = self._found(), now
        if found == self._readers:
            return []
        was_told = bool(self._tray.leave())
        self._readers, self._tray = found, Tray()
        return [CardRemoved(self.name, now)] if was_told else []

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
            keys = None if self._is_storage(read.reader) else self._keys
            with self._context.held(read.reader) as exchange:
                found = _looked_at_card(exchange, keys)
        except CardTorn:
            found = None
        if found is None:
            self._tray.failed()
            return
        self._tray.done()
        known_by, assurance = found
        yield CardPresented(known_by, assurance, now, self.name, read.already_there)

    def _is_storage(self, reader: str) -> bool:
        """Some readers fail on a command to a card of memory alone: it would never be presented."""
        return any(slot.is_storage for slot in self._context.states((reader,)))


def _looked_at_card(exchange: Exchange, keys: SiteKeys | None) -> tuple[bytes, Assurance] | None:
    uid = uid_of(*exchange(GET_UID))
    return None if uid is None else looked_at(exchange, uid, keys)
