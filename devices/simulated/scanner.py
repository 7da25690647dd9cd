"""A scanner that reads what it is shown, again and again while it lies there."""

from devices.ports import CodeGone, CodeScanned, DeviceSettings, Symbology
from devices.settings import check_fields, choice, number
from devices.simulated.played import Played

Shown = tuple[bytes, Symbology]


class SimulatedScanner(Played[Shown]):
    """Twin of a presentation scanner; `trigger = "hand"` as the real one's."""

    kind = "scanner"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, ("gone_s", "trigger"))
        super().__init__(name, {})
        trigger = choice(settings, "trigger", ("presentation", "hand"), "presentation")
        self._is_hand = trigger == "hand"
        self._gone_s = number(settings, "gone_s", 2.0, 0.1, 60)
        self._lying: Shown | None = None
        self._told = b""
        self._seen_at = 0.0

    def present(self, text: str | bytes, symbology: Symbology = Symbology.QR) -> None:
        """Read a code once: the phone was shown and taken away."""
        raw = text if isinstance(text, bytes) else text.encode()
        self._play((raw, symbology))

    def lay(self, text: str | bytes, symbology: Symbology = Symbology.QR) -> None:
        """Leave a phone with this code on the glass, until `remove`."""
        self.present(text, symbology)
        self._lying = (text if isinstance(text, bytes) else text.encode(), symbology)

    def remove(self) -> None:
        """Take the phone away."""
        self._lying = None

    def open(self, now: float) -> None:
        """Open; what lay there before may lie there still."""
        super().open(now)
        self._seen_at = now

    def step(self, now: float) -> list[CodeScanned | CodeGone]:
        """Return what happened; never waits."""
        lying = self._lying
        shown = self._fetch() + ([lying] if lying is not None else [])
        if not shown:
            return self._gone(now)
        events: list[CodeScanned | CodeGone] = []
        for raw, symbology in shown:
            self._seen_at = now
            if self._told and not (self._is_hand and raw != self._told):
                continue
            self._told = raw
            text = raw.decode("utf-8", errors="replace")
            events.append(
                CodeScanned(text, symbology, self.name, now, raw, deliberate=self._is_hand)
            )
        return events

    def _gone(self, now: float) -> list[CodeScanned | CodeGone]:
        if not self._told or now - self._seen_at < self._gone_s:
            return []
        self._told = b""
        return [CodeGone(self.name, now)]
