"""A card reader on which cards are put, left lying, torn away and removed."""

from devices.ports import Assurance, CardPresented, CardRemoved, DeviceSettings, TwoCards
from devices.simulated.played import Played

CardEvent = CardPresented | CardRemoved | TwoCards


class SimulatedCardReader(Played[CardEvent]):
    """Twin of a contactless reader."""

    kind = "card_reader"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        super().__init__(name, settings)
        self._lying: list[bytes] = []
        self._told: str = ""
        self._is_first_look = True

    def present(self, uid: bytes) -> None:
        """Put a card on the reader, beside what lies there."""
        with self._turn:
            self._lying = [*self._lying, uid]

    def remove(self, uid: bytes | None = None) -> None:
        """Take this card away, or all."""
        with self._turn:
            self._lying = [one for one in self._lying if uid is not None and one != uid]

    def open(self, now: float) -> None:
        """Open; a card that lies there is told as already there."""
        super().open(now)
        self._told, self._is_first_look = "", True

    def step(self, now: float) -> list[CardEvent]:
        """Return what happened; never waits."""
        self._fetch()
        lying, is_first, self._is_first_look = self._lying, self._is_first_look, False
        if not lying:
            was_told, self._told = self._told, ""
            return [CardRemoved(self.name, now)] if was_told else []
        if self._told == "two":
            return []
        if len(lying) > 1:
            self._told = "two"
            return [TwoCards(self.name, now)]
        return self._one(lying[0], now, already_there=is_first)

    def _one(self, uid: bytes, now: float, *, already_there: bool) -> list[CardEvent]:
        if self._told == uid.hex():
            return []
        events: list[CardEvent] = [CardRemoved(self.name, now)] if self._told else []
        self._told = uid.hex()
        return [
            *events,
            CardPresented(uid, Assurance.CARD_UID, now, self.name, already_there=already_there),
        ]
