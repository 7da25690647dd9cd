"""The day: three meals at two counters, an outage in the rush, the cases, the end of the day."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from fanpiao.demo.canteen import ZONE, Canteen
from fanpiao.demo.folder import fresh_folder
from fanpiao.demo.hands import Hands
from fanpiao.demo.meals import Crowd, Lines, Menu
from fanpiao.demo.processes import DemoFailed
from fanpiao.demo.tally import Tally

Echo = Callable[[str], None]
SECOND_METHODS = "cards, codes, cash, numbers"


def run_day(echo: Echo, *, is_patient: bool = False) -> bool:
    """Run everything; return whether every invariant held. `is_patient`: go on after a failure."""
    with fresh_folder() as folder:
        day = Day(folder, echo, is_patient=is_patient)
        return day.run()


class Day:
    """One run of the demo."""

    def __init__(self, folder: Path, echo: Echo, *, is_patient: bool) -> None:
        self.folder, self.is_patient = folder, is_patient
        self.began = time.monotonic()
        self._say = echo
        self.canteen = Canteen(folder)
        self.tally = Tally()
        self.hands = Hands(self.canteen, self.tally)
        self.problems: list[str] = []

    def run(self) -> bool:
        """Open, three meals, close; what was started is ended whatever happens."""
        try:
            self._open()
            self._breakfast()
            self._lunch()
            self._dinner()
            self._end()
        except DemoFailed as failure:
            self.problems.append(str(failure))
            self.echo(f"FAILED: {failure}")
        finally:
            self.canteen.close()
        return not self.problems

    def echo(self, text: str) -> None:
        """One line of progress, with the seconds since the start."""
        self._say(f"{time.monotonic() - self.began:6.1f} s  {text}")

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Say what a phase brought."""
        began, sold = time.monotonic(), len(self.tally.sales)
        yield
        count, took_s = len(self.tally.sales) - sold, time.monotonic() - began
        self.echo(f"{name}: {count} sales in {took_s:.1f} s")

    # --- the meals ------------------------------------------------------------------------

    def _open(self) -> None:
        canteen = self.canteen
        canteen.fill()
        self.echo(f"a made-up canteen of {len(canteen.sample.people)} people is in the database")
        canteen.start_server()
        canteen.open_counters()
        self.echo(f"server {canteen.url}, two counters, PC/SC service, camera are up")

    def _start_meal(self, name: str) -> Crowd:
        self.hands.meal = name
        for bench in self.canteen.benches:
            self.hands.open_shift(bench)
        return Crowd(self.hands, self.canteen.sample.people)

    def _end_meal(self) -> None:
        for bench in self.canteen.benches:
            self.hands.close_shift(bench)

    def _serve(self, crowd: Crowd, first: Menu, second: Menu) -> Lines:
        canteen = self.canteen
        return Lines(
            self.hands,
            {canteen.first: crowd.line(first), canteen.second: crowd.line(second)},
        )

    def _breakfast(self) -> None:
        crowd = self._start_meal("breakfast")
        with self.phase("breakfast, online"):
            first = Menu(codes=4, cards=5, faces=6, channels=1, cash=2, numbers=1)
            second = Menu(codes=14, cards=10, channels=8, cash=4, numbers=3)
            self._serve(crowd, first, second).finish()
        self._end_meal()

    def _lunch(self) -> None:
        self._go_to(11, 20)
        crowd = self._start_meal("lunch")
        first = Menu(codes=6, cards=6, faces=6, cash=2, numbers=1)
        second = Menu(codes=24, cards=12, channels=0, cash=12, numbers=4)
        with self.phase("lunch, the server gone in the rush"):
            lines, sold = self._serve(crowd, first, second), len(self.tally.sales)
            lines.wait_for(lambda: len(self.tally.sales) >= sold + 12)
            self.canteen.cut_server()
            self.echo("the server is killed; the lines go on")
            lines.wait_for(lambda: len(self.tally.sales) >= sold + 36)
            self.canteen.start_server()
            self.echo("the server is back on the same database")
            lines.finish()
        self._end_meal()

    def _dinner(self) -> None:
        self._go_to(17, 0)
        crowd = self._start_meal("dinner")
        with self.phase("dinner, online"):
            first = Menu(codes=4, cards=5, faces=6, channels=1, cash=2, numbers=1)
            second = Menu(codes=20, cards=10, channels=12, cash=8, numbers=3)
            self._serve(crowd, first, second).finish()
        self._end_meal()

    def _end(self) -> None:
        canteen = self.canteen
        canteen.wait_for(
            lambda: all(bench.view["waiting"][0] == 0 for bench in canteen.benches),
            "both queues are empty",
        )

    def _go_to(self, hour: int, minute: int) -> None:
        now = self.canteen.clock.now().astimezone(ZONE)
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        self.canteen.timeline.wait((then - now) / timedelta(seconds=1))
        self.echo(f"it is {_clock(self.canteen.clock.now())}")


def _clock(now: datetime) -> str:
    return now.astimezone(ZONE).strftime("%H:%M")
