"""A kiosk in a process of its own, to have its power cut in the middle of a sale.

    python -m tests.journeys.lunch.selling_kiosk DIR NOON AHEAD_S

Standard input: a script as `terminal_app.headless` reads it. Standard output: the phase whenever
it changes. DIR is a bound terminal's folder; its clock is the machine's monotonic one, AHEAD_S
ahead, and stood at 1000 s when it was NOON.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from terminal_app.counter.view import CounterView
from terminal_app.headless import Play
from terminal_app.terminal import Terminal
from tests.integration.counter.bench import profile


class AheadClock:
    """The canteen's true time, as a process of its own can know it."""

    def __init__(self, noon: datetime, ahead_s: float) -> None:
        self._noon, self._ahead_s = noon, ahead_s

    def now(self) -> datetime:
        return self._noon + timedelta(seconds=self.monotonic() - 1_000)

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead_s

    def boot_id(self) -> str:
        return "before-the-cut"


def main() -> None:
    """Sell until killed."""
    folder = Path(sys.argv[1])
    clock = AheadClock(datetime.fromisoformat(sys.argv[2]), float(sys.argv[3]))
    faceless = profile("canteen", face={"mode": "off"})
    terminal = Terminal(
        faceless, folder, is_simulated=True, clock=clock,
        make_eyes=lambda _config, _post: None,  # type: ignore[arg-type, return-value]
    )  # fmt: skip
    told = ""

    def tell(view: CounterView) -> None:
        nonlocal told
        if view.phase.value != told:
            told = view.phase.value
            print(told, flush=True)

    terminal.counter.listen(tell)
    play = Play(terminal)
    terminal.start()
    play.run(sys.stdin)
    terminal.wait()


if __name__ == "__main__":
    main()
