"""`Pn532Reader`: cards from a PN532 on a serial line."""

from collections.abc import Iterator

from devices.cards.key_file import site_keys_of
from devices.cards.look import looked_at
from devices.drivers.pn532_reader.chip import CardGone, Pn532
from devices.drivers.pn532_reader.protocol import Target
from devices.ports import Assurance, CardPresented, CardRemoved, DeviceSettings, TwoCards
from devices.settings import check_fields
from devices.transport.serial import FIELDS, SerialLine, SerialPort

BAUD = 115_200
GONE_LOOKS = 2
"""A card at the edge of the field is missed now and then: so many empty looks mean it left."""

CardEvent = CardPresented | CardRemoved | TwoCards


class Pn532Reader:
    """A PN532 on a serial port; keeps the contract of `devices.ports.CardReader`."""

    kind = "card_reader"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, (*FIELDS, "keys"))
        self.name = name
        self.bus = f"serial:{name}"
        self._keys = site_keys_of(settings)
        self._port = SerialPort(SerialLine.of({"baud": BAUD, **settings}))
        self._chip = Pn532(self._port)
        self._reset()

    def open(self, now: float) -> None:
        """Open the port and wake the chip; `DeviceLost` when it is not there."""
        self._port.open()
        self._reset()
        self._chip.start()

    def step(self, now: float) -> list[CardEvent]:
        """Look into the field once; `DeviceLost` when the chip does not answer."""
        found = self._chip.look()
        events = list(self._events(found, now))
        self._is_first_look = False
        if found:
            self._chip.release()
        if not events:
            self._port.wait()
        return events

    def close(self) -> None:
        """Let go of the port."""
        self._port.close()

    def _reset(self) -> None:
        self._lying: bytes | None = None
        self._is_two, self._empty_looks, self._is_first_look = False, 0, True

    def _events(self, found: list[Target], now: float) -> Iterator[CardEvent]:
        if not found:
            yield from self._nothing(now)
            return
        self._empty_looks = 0
        if self._is_two:
            return
        if len(found) > 1:
            self._is_two, self._lying = True, None
            yield TwoCards(self.name, now)
        elif found[0].uid != self._lying:
            yield from self._another(found[0], now)

    def _nothing(self, now: float) -> Iterator[CardEvent]:
        self._empty_looks += 1
        was_told = self._is_two or self._lying is not None
        if was_told and self._empty_looks >= GONE_LOOKS:
            self._lying, self._is_two = None, False
            yield CardRemoved(self.name, now)

    def _another(self, target: Target, now: float) -> Iterator[CardEvent]:
        was_there = self._is_first_look
        if self._lying is not None:
            self._lying = None
            yield CardRemoved(self.name, now)
        try:
            known_by, assurance = self._looked_at(target)
        except CardGone:
            return
        self._lying = target.uid
        yield CardPresented(known_by, assurance, now, self.name, was_there)

    def _looked_at(self, target: Target) -> tuple[bytes, Assurance]:
        keys = self._keys if target.speaks_apdu else None
        return looked_at(lambda apdu: self._chip.exchange(target, apdu), target.uid, keys)
