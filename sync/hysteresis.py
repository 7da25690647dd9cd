"""When a counter asks the server first, and when it stops waiting for it: pure, no dialog.

Three slow answers of the last ten turn it offline-first, so that a bad network costs one diner a
second and not every diner. Background probes turn it back: five good ones in a row over at least
thirty seconds. All times are monotonic seconds.
"""

from dataclasses import dataclass, replace

WINDOW = 10
"""How many of the last answers are looked at."""
SLOW_LIMIT = 3
"""So many slow ones among them turn the counter offline-first."""
SLOW_MS = 800.0
"""A payment that took as long as its budget is slow; no answer at all is slow too."""
PROBES_NEEDED = 5
PROBE_SPAN_S = 30.0
"""Good probes in a row, and the least time from the first to the last of them."""
PROBE_EVERY_S = PROBE_SPAN_S / (PROBES_NEEDED - 1)
"""How often to probe: the fifth good probe then comes after exactly the span."""


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """Online-first or offline-first, and what was seen lately."""

    is_online_first: bool = True
    was_slow: tuple[bool, ...] = ()
    good_probes: int = 0
    first_good_s: float = 0.0

    def answered(self, took_ms: float) -> "Hysteresis":
        """After a live answer that took `took_ms`."""
        return self._seen(is_slow=took_ms >= SLOW_MS)

    def unanswered(self) -> "Hysteresis":
        """After a live request without an answer in its budget."""
        return self._seen(is_slow=True)

    def probed(self, now_s: float, *, is_good: bool) -> "Hysteresis":
        """After a probe in the background; probes count only while offline-first."""
        if self.is_online_first:
            return self
        if not is_good:
            return replace(self, good_probes=0)
        first_s = self.first_good_s if self.good_probes else now_s
        count = self.good_probes + 1
        if count >= PROBES_NEEDED and now_s - first_s >= PROBE_SPAN_S:
            return Hysteresis()
        return replace(self, good_probes=count, first_good_s=first_s)

    def _seen(self, *, is_slow: bool) -> "Hysteresis":
        window = (*self.was_slow, is_slow)[-WINDOW:]
        if self.is_online_first and sum(window) >= SLOW_LIMIT:
            return Hysteresis(is_online_first=False)
        return replace(self, was_slow=window)
