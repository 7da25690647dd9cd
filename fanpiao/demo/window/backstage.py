"""Behind the bench: does what its buttons ask, watches counter and books, and says how all stands.

`act` and `end` may be called from any thread; `step(now)` does the work and is called by one. That
thread also starts every process, since a child here ends with the thread that started it.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Final

from domain.money import format_amount
from fanpiao.demo.books import Books
from fanpiao.demo.canteen import CASHIER_PIN, SUPERVISOR_PIN
from fanpiao.demo.processes import DemoFailed
from fanpiao.demo.window.actions import ACTIONS, Parts
from fanpiao.demo.window.guide import Guide
from fanpiao.demo.window.hands import Hands
from fanpiao.demo.window.money import Money, Watch
from fanpiao.demo.window.people import People
from fanpiao.demo.window.stall import Stall
from fanpiao.demo.window.story import Story
from fanpiao.demo.window.webcam import Webcam
from terminal_app.screens.bench.view import BenchView, MoneyLine

Show = Callable[[BenchView], None]
Echo = Callable[[str], None]
MONEY_EVERY_S: Final = 0.4
UP_MAX_S: Final = 90.0
"""A slow machine loads its models for a while."""


class Backstage:
    """One windowed demo at work."""

    def __init__(self, stall: Stall, echo: Echo) -> None:
        self.stall, self._echo = stall, echo
        self.show: Show = lambda _view: None
        """Where every new view goes; called on the thread of `step`."""
        self._books = Books(stall.database)
        self._asked: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._stages = [
            ("doingFill", stall.fill),
            ("doingServer", stall.start_server),
            ("doingCounter", stall.open_counter),
            ("doingCounter", self._begin),
        ]
        self._trouble = ""
        self._note = ""
        self._is_up = False
        self._up_until = float("inf")
        self._heard = 0
        self._money, self._money_at = Money(), float("-inf")
        self._shown: BenchView | None = None
        self._told = ""
        self.guide = Guide()
        self.story = Story(stall.clock.now, echo)
        self.parts: Parts
        self._watch: Watch

    def act(self, name: str, value: str = "") -> None:
        """Ask for something: an action of `ACTIONS`."""
        self._asked.put((name, value))

    @property
    def has_failed(self) -> bool:
        """Whether something the demo needs did not happen."""
        return bool(self._trouble)

    @property
    def is_ready(self) -> bool:
        """Whether everything is open and nothing failed."""
        return not self._stages and not self._trouble

    def step(self, now: float) -> None:
        """Do what was asked, look at everything, and show how it stands."""
        try:
            self._step(now)
        except DemoFailed as failure:
            self._fail(str(failure))
        self._publish()

    def close(self) -> None:
        """End every process."""
        if self.is_ready:
            self.parts.webcam.close()
        self.stall.close()

    # --- inside ---------------------------------------------------------------------------

    def _step(self, now: float) -> None:
        if self._trouble:
            return
        if self._stages:
            if self._shown is not None:
                self._stages.pop(0)[1]()
            return
        self._look(now)
        while not self._asked.empty():
            self._do(*self._asked.get())
        self.parts.hands.step(now)
        self._step_webcam(now)
        if now - self._money_at >= MONEY_EVERY_S:
            self._money, self._money_at = self._watch.read(now), now

    def _step_webcam(self, now: float) -> None:
        webcam = self.parts.webcam
        webcam.step(now)
        if webcam.has_restarted:
            webcam.has_restarted = self._is_up = False
            self.story.forget()
            self.parts.hands.serve()

    def _begin(self) -> None:
        people = People(self.stall.sample.people)
        hands = Hands(self.stall, people)
        self.parts = Parts(self.stall, people, hands, self.guide, Webcam(self.stall, people))
        self._watch = Watch(self.stall.bench.store, self._books)

    def _look(self, now: float) -> None:
        """See whether the counter came up or went away, and what it showed."""
        bench = self.stall.bench
        if self._is_up and not self.stall.is_on:
            self._is_up, self._up_until = False, float("inf")
            self.story.say("saidOff", "bad")
            self.story.forget()
        elif not self._is_up and self.stall.is_on:
            self._rise(now)
        views, self._heard = bench.views[self._heard :], len(bench.views)
        paid_before = len(self.story.paid)
        self.story.hear(views)
        if len(self.story.paid) > paid_before:
            self.parts.hands.paid()
        self.guide.look(bench.view, self.story.paid, is_cut=self.stall.cable.is_cut)

    def _rise(self, now: float) -> None:
        bench = self.stall.bench
        self._up_until = min(self._up_until, now + UP_MAX_S)
        if bench.view:
            self._is_up, self._up_until = True, float("inf")
            self.stall.settle()
            self.story.say("saidUp", "good")
        elif now > self._up_until:
            child = bench.child
            raise DemoFailed(f"the counter does not come up: {child.last_words() if child else ''}")

    def _do(self, name: str, value: str) -> None:
        done = ACTIONS[name]
        if done.needs_power and not self.stall.is_on:
            self._note = "noteOff"
        else:
            self._note = done.play(self.parts, value)

    def _fail(self, trouble: str) -> None:
        self._trouble = trouble
        self._echo(f"BROKEN: {trouble}")

    # --- what is shown --------------------------------------------------------------------

    def _publish(self) -> None:
        view = self._view()
        if view == self._shown:
            return
        self._shown = view
        self.show(view)
        self._tell(view)

    def _view(self) -> BenchView:
        if self._trouble:
            return BenchView(stage="failed", trouble=self._trouble)
        if self._stages:
            return BenchView(doing=self._stages[0][0])
        stall = self.stall
        return BenchView(
            stage="ready",
            is_power_on=stall.is_on,
            is_up=self._is_up,
            is_network_cut=stall.cable.is_cut,
            is_reader_out=stall.is_reader_out,
            is_paper_out=stall.is_paper_out,
            is_card_lying=stall.card is not None and not self.parts.hands.lifts_soon,
            is_standing=self.parts.hands.is_standing,
            holder=self.parts.people.told(self._books),
            money=money_line(self._money, is_off=not stall.is_on),
            guide=self.guide.step,
            note=self._note,
            happened=self.story.lines,
            receipts=len(stall.printer.receipts),
            cashier_pin=CASHIER_PIN,
            supervisor_pin=SUPERVISOR_PIN,
            webcam=self.parts.webcam.view,
        )

    def _tell(self, view: BenchView) -> None:
        """One line on standard output whenever the line of money changes."""
        if view.stage != "ready":
            return
        line = view.money
        told = (
            f"counter says {format_amount(line.counter_amount)},"
            f" books say {format_amount(line.books_amount)}: {line.standing}"
            f" ({line.waiting_count} waiting)"
        )
        if told != self._told:
            self._told = told
            self._echo(told)


def money_line(money: Money, *, is_off: bool) -> MoneyLine:
    """Say in one word how counter and books stand to each other."""
    standing = "agree"
    if money.unexplained:
        standing = "differ"
    elif not money.agrees:
        standing = "waiting" if money.waiting_count else "open"
    elif money.open_count and is_off:
        standing = "open"
    return MoneyLine(
        counter_amount=money.counter_amount,
        books_amount=money.books_amount,
        standing=standing,
        waiting_count=money.waiting_count,
        differing_count=len(money.unexplained),
    )
