"""Every screen the counters came to, drawn after the day by a process of its own.

The counters recorded views while they served; drawing them needs Qt and takes its time, so it
neither happens in a counter nor counts as part of the day.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fanpiao.demo.counter import VIEWS
from fanpiao.demo.processes import Child, DemoFailed

DRAW_S = 300.0
"""A slow machine draws four pictures a second; a day has some three hundred."""
TELL_EVERY = 10
LANGUAGES = ("zh", "en")
SHAPES = ("cashier", "diner", "portrait")


@dataclass(frozen=True, slots=True)
class Screens:
    """What was drawn: the states, in a day's order. Files are `<state>-<language>-<shape>.png`."""

    states: tuple[str, ...] = ()
    folder: str = "screens"

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.states) * len(LANGUAGES) * len(SHAPES)


def draw_screens(benches: list[Path], report: Path, echo: Callable[[str], None]) -> Screens:
    """Draw what the benches' counters recorded into `report`/screens; tells how far it is.

    Raises `DemoFailed` with the last words of the drawing process.
    """
    folders = [bench / VIEWS for bench in benches]
    arguments = [str(report / "screens"), *(str(folder) for folder in folders)]
    log = report.parent / "screens.log"
    child = Child("terminal_app.screens.pictures", arguments, log, {"QT_QPA_PLATFORM": "offscreen"})
    watch = threading.Timer(DRAW_S, child.kill)
    watch.start()
    try:
        states = _follow(child, echo)
        if child.process.wait() != 0:
            raise DemoFailed(f"the screens could not be drawn: {child.last_words()}")
    finally:
        watch.cancel()
        child.stop()
    return Screens(tuple(states))


def _follow(child: Child, echo: Callable[[str], None]) -> list[str]:
    states: list[str] = []
    wanted = 0
    assert child.process.stdout is not None
    for line in child.process.stdout:
        said = json.loads(line)
        wanted = said.get("count", wanted)
        if "state" not in said:
            continue
        states.append(said["state"])
        if len(states) % TELL_EVERY == 0 or len(states) == wanted:
            echo(f"{len(states)} of {wanted} screens are drawn")
    return states
