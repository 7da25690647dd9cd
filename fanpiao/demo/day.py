"""The day: three meals at two counters, an outage in the rush, the cases, the end of the day."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from fanpiao.demo.books import Books
from fanpiao.demo.canteen import ZONE, Canteen
from fanpiao.demo.cases.played import (
    AFTER_BREAKFAST,
    AFTER_DINNER,
    AFTER_LUNCH,
    AT_THE_KEYPAD,
    LATE,
    Case,
)
from fanpiao.demo.cases.stage import Stage
from fanpiao.demo.folder import fresh_folder
from fanpiao.demo.hands import Hands
from fanpiao.demo.meals import Crowd, Lines, Menu
from fanpiao.demo.processes import DemoFailed
from fanpiao.demo.proof import prove
from fanpiao.demo.report import Run, write_report
from fanpiao.demo.screens import Screens, draw_screens
from fanpiao.demo.summary import report_folder, summarise
from fanpiao.demo.tally import CaseResult, Tally

Echo = Callable[[str], None]


def run_day(echo: Echo) -> bool:
    """Run everything; return whether every invariant held."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with fresh_folder() as folder:
        return Day(folder, echo).run()


class Day:
    """One run of the demo."""

    def __init__(self, folder: Path, echo: Echo) -> None:
        self.folder = folder
        self.began = time.monotonic()
        self._say = echo
        self.canteen = Canteen(folder)
        self.books = Books(self.canteen.database)
        self.tally = Tally()
        self.hands = Hands(self.canteen, self.tally)
        self.problems: list[str] = []

    def run(self) -> bool:
        """Open, three meals, close; what was started is ended whatever happens."""
        try:
            self._open()
            self._sell()
            self._report()
        except DemoFailed as failure:
            self._broke(str(failure))
        finally:
            self.canteen.close()
        return not self.problems

    def _sell(self) -> None:
        """The meals; one that breaks ends the day, and the report says so."""
        try:
            self._breakfast()
            self._lunch()
            self._dinner()
            self.hands.wait_for_queues()
        except DemoFailed as failure:
            self._broke(str(failure))

    def _broke(self, problem: str) -> None:
        self.problems.append(problem)
        self.echo(f"BROKEN: {problem}")

    def echo(self, text: str) -> None:
        """One line of progress, with the seconds since the start."""
        self._say(f"{self.seconds:6.1f} s  {text}")

    @property
    def seconds(self) -> float:
        """Real seconds since the start."""
        return time.monotonic() - self.began

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
            self.hands.print_newest(bench)
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
            first = Menu(codes=3, cards=4, faces=5, channels=1, cash=1, numbers=1)
            second = Menu(codes=17, cards=10, channels=14, cash=6, numbers=3)
            self._serve(crowd, first, second).finish()
        self._play(AFTER_BREAKFAST, crowd)
        self._end_meal()

    def _lunch(self) -> None:
        self._go_to(11, 20)
        crowd = self._start_meal("lunch")
        first = Menu(codes=5, cards=4, faces=5, cash=2, numbers=1)
        second = Menu(codes=16, cards=10, cash=22, numbers=3)
        with self.phase("lunch, the server gone in the rush"):
            lines, sold = self._serve(crowd, first, second), len(self.tally.sales)
            lines.wait_for(lambda: len(self.tally.sales) >= sold + 12)
            self.canteen.cut_server()
            self.echo("the server is killed; the lines go on")
            lines.wait_for(lambda: len(self.tally.sales) >= sold + 36)
            self.canteen.start_server()
            self.echo("the server is back on the same database")
            lines.finish()
        self._recover()
        self._play(AFTER_LUNCH, crowd)
        self._end_meal()

    def _dinner(self) -> None:
        self._go_to(17, 0)
        crowd = self._start_meal("dinner")
        with self.phase("dinner, online"):
            first = Menu(codes=3, cards=4, faces=5, channels=1, cash=2, numbers=1)
            second = Menu(codes=14, cards=8, channels=22, cash=10, numbers=3)
            self._serve(crowd, first, second).finish()
        self._play(AFTER_DINNER, crowd)
        self._end_meal()
        self._at_the_keypad(crowd)

    def _at_the_keypad(self, crowd: Crowd) -> None:
        """The first counter becomes a shop till: amounts are keyed."""
        bench = self.canteen.first
        bench.restart(lambda: self.canteen.write_profile(0, "keyed"))
        self.hands.sign_in(bench)
        self._play(AT_THE_KEYPAD, crowd)
        self.hands.close_shift(bench)
        self._go_to(21, 0)
        self._play(LATE, crowd)

    def _recover(self) -> None:
        began = time.monotonic()
        self.canteen.wait_for(
            lambda: all(
                bench.view["waiting"][0] == 0 and bench.view["online"]
                for bench in self.canteen.benches
            ),
            "both counters hand over everything and ask the server again",
        )
        self.echo(f"all is handed over, {time.monotonic() - began:.1f} s after the last sale")

    def _play(self, cases: tuple[Case, ...], crowd: Crowd) -> None:
        """Play cases; a broken one ends the day unless it is to go on."""
        stage = Stage(self.canteen, self.hands, self.tally, self.books, crowd)
        for case in cases:
            began, problem = time.monotonic(), ""
            try:
                case.play(stage)
            except DemoFailed as failure:
                problem = str(failure)
                self._broke(f"case {case.code}: {problem}")
            took_s = time.monotonic() - began
            told = (case.play.__doc__ or "").strip()
            result = CaseResult(case.code, case.zh, case.en, told, took_s, problem)
            self.tally.cases.append(result)
            if not problem:
                self.echo(f"case {case.code}: holds ({took_s:.1f} s)")

    def _report(self) -> None:
        """Audit the books and write the report, also of a day that broke."""
        canteen = self.canteen
        for bench in canteen.benches:
            bench.switch_off()
        proof = prove(canteen, self.tally, self.books, self.problems)
        for problem in proof.problems[len(self.problems) :]:
            self._broke(problem)
        summary = summarise(canteen, self.tally, self.books, proof)
        seconds = self.seconds
        self.echo(f"the day is over after {seconds:.0f} s")
        screens = self._draw()
        run = Run(canteen, self.tally, self.books, proof, seconds, screens)
        page = write_report(run, summary)
        self.echo(
            f"{summary['payments']['total']} payments in the books, {proof.transfers} transfers,"
            f" {proof.checks} rules: {'all holds' if proof.ok else 'BROKEN'}"
        )
        self.echo(f"report: {page}")

    def _draw(self) -> Screens:
        """Draw every screen; a mistake in one is reported like any other."""
        benches = [bench.folder for bench in self.canteen.benches]
        try:
            return draw_screens(benches, report_folder(self.canteen.folder), self.echo)
        except DemoFailed as failure:
            self._broke(str(failure))
            return Screens()

    def _go_to(self, hour: int, minute: int) -> None:
        now = self.canteen.clock.now().astimezone(ZONE)
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        self.canteen.timeline.wait((then - now) / timedelta(seconds=1))
        self.echo(f"it is {_clock(self.canteen.clock.now())}")


def _clock(now: datetime) -> str:
    return now.astimezone(ZONE).strftime("%H:%M")
