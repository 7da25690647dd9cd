"""From `fanpiao server` on an empty database, in a real browser and at a kiosk, to the first sale.

Every input is counted: a field filled, a key or button pressed, a thing held before a device.
"""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from kiosk_profiles.load import load
from terminal_app.counter.first_run import CheckName, CheckState, FirstRunStage
from terminal_app.counter.machine import Phase
from terminal_app.counter.view import CounterView
from terminal_app.new_terminal import NewTerminal
from terminal_app.screens.first_run import SetupWindow
from terminal_app.screens.kiosk import look_of
from terminal_app.screens.windows import Kind
from terminal_app.terminal import Terminal
from tests.browser.conftest import Eyes, Served, first_run_link
from tests.browser.test_first_run import Fingers, give_account
from tests.factories.schools import FACES
from tests.journeys.bad_input.open_canteen import wait_for
from tests.journeys.lunch.eyes import SteppedEyes, looking
from tests.journeys.lunch.kiosk import Glass
from tests.qt.screens.page_glass import PageGlass
from tests.server_fixtures import _connected

pytestmark = pytest.mark.pictures

MOST_INPUTS = 40
PIN = "246810"
PRICE = 1200
WITHIN_S = 30.0
CARD = b"\x04new-one"
FACE = FACES / "people/sample-01/1.jpg"
LUNCH_HOUR = 11


def zone_at_lunch() -> str:
    """A time zone where the lunch that is offered, 10:30 to 13:30, is on now."""
    ahead = LUNCH_HOUR - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"  # the sign there is the other way round


def sets_up(hand: Fingers, link: str) -> None:
    """Site, operator, account, meals, people, in the browser."""
    hand.page.goto(link)
    hand.inputs += 1
    hand.press("button")
    hand.fill("organisation", "第一中学")
    hand.press("details summary")
    hand.fill("zone", zone_at_lunch())
    hand.press("button.primary")
    hand.fill("name", "王师傅")
    hand.fill("pin", PIN)
    hand.press("button.primary")
    give_account(hand)
    hand.press("button.primary")  # meals and prices as offered
    hand.press("button[name=samples]")
    hand.page.wait_for_selector("svg.qr")


def read_code(hand: Fingers) -> str:
    """What a scanner reads from the screen."""
    picture = Image.open(io.BytesIO(hand.page.locator("svg.qr").screenshot()))
    return str(zxingcpp.read_barcodes(picture)[0].text)


@contextmanager
def running(made: Any) -> Iterator[dict[str, Any]]:
    """A terminal, old or new, with its threads; gives its twins by name."""
    made.start()
    try:
        yield {one.name: one for one in made.hardware.supervised}
    finally:
        # The browser keeps an event loop in this thread; the terminal's wire has one of its own
        stopping = threading.Thread(target=made.stop)
        stopping.start()
        stopping.join(WITHIN_S)


class Unboxed:
    """A kiosk that is bound to nothing yet, and its window; counts what is pressed or shown."""

    def __init__(self, folder: Path) -> None:
        profile = load("canteen")
        self.new = NewTerminal(profile, folder, is_simulated=True, make_eyes=SteppedEyes)
        self.run = run = self.new.first_run
        self.glass = PageGlass(
            lambda: SetupWindow(profile, run.post, look_of(profile)),
            lambda page: page.show_view(run.view()),
        )
        self.inputs = 0

    def shows(self, show: Callable[[Any], None], what: Any) -> None:
        """Hold something before a device."""
        show(what)
        self.inputs += 1

    def tap(self, name: str) -> None:
        """Press a key of the window, as it is now."""
        self.glass.refresh()
        self.glass.tap(name)
        self.inputs += 1

    def ticks(self, name: CheckName) -> None:
        """Wait until this device is ticked."""
        wait_for(lambda: self._states()[name] is CheckState.OK, WITHIN_S)

    def _states(self) -> dict[CheckName, CheckState]:
        return {one.name: one.state for one in self.run.view().checks}


def binds(folder: Path, code: str) -> int:
    """Scan, tap, look, print and listen at a fresh kiosk; return the inputs."""
    box, looks = Unboxed(folder), looking(FACE)
    try:
        with running(box.new) as twins:
            assert "请扫描激活码" in box.glass.words()
            box.shows(twins["scanner"].present, code)
            wait_for(lambda: box.run.view().stage is FirstRunStage.CHECK, WITHIN_S)
            box.glass.refresh()
            assert "第一中学" in box.glass.words()
            box.shows(twins["reader"].present, CARD)
            box.ticks(CheckName.TAP)
            assert isinstance(box.new.eyes, SteppedEyes)
            box.shows(box.new.eyes.show, looks)
            box.ticks(CheckName.LOOK)
            box.tap("print_page")
            box.ticks(CheckName.PRINT)
            box.tap("play")
            box.tap("heard")
            box.ticks(CheckName.SOUND)
            assert {one.state for one in box.run.view().checks} == {CheckState.OK}
            box.tap("done")
            assert box.new.wait(WITHIN_S)
    finally:
        box.glass.close()
    return box.inputs


class Live:
    """What a window needs of a terminal whose threads run."""

    def __init__(self, terminal: Terminal) -> None:
        self.post = terminal.counter.post
        self._terminal = terminal

    @property
    def view(self) -> CounterView:
        """What the counter shows."""
        return self._terminal.counter.view()


class Till:
    """The two windows of a terminal that runs; counts what is pressed."""

    def __init__(self, terminal: Terminal) -> None:
        self.counter, live = terminal.counter, Live(terminal)
        self.diner = Glass(live, Kind.DINER)  # type: ignore[arg-type]
        self.cashier = Glass(live)  # type: ignore[arg-type]
        self.pressed = 0

    def tap(self, *names: str) -> None:
        """Press keys of the cashier's window."""
        self.cashier.tap(*names)
        self.pressed += len(names)

    def until(self, is_so: Callable[[CounterView], bool]) -> None:
        """Wait for the counter."""
        wait_for(lambda: is_so(self.counter.view()), WITHIN_S)

    def close(self) -> None:
        """Close both."""
        self.cashier.close()
        self.diner.close()


def sells(folder: Path) -> int:
    """Sign in, look at the day, serve, and take the first ¥12.00 in cash; return the inputs."""
    terminal = Terminal(load("canteen"), folder, is_simulated=True, make_eyes=SteppedEyes)
    with running(terminal):
        till = Till(terminal)
        try:
            takes_the_first_sale(till)
        finally:
            till.close()
    return till.pressed


def takes_the_first_sale(till: Till) -> None:
    """From the PIN to the tick, and until the server has it."""
    till.until(lambda view: view.phase is Phase.LOCKED and view.day.period == "lunch")
    till.tap(*(f"pad_{digit}" for digit in PIN), "pad_enter")
    till.until(lambda view: view.is_signed_in)
    for shown in ("王师傅", "午餐", "¥12.00"):
        assert shown in till.cashier.words()
    till.tap("acceptDay")
    till.until(lambda view: view.phase is Phase.IDLE)
    till.tap("serve")
    till.until(lambda view: view.phase is Phase.ARMED)
    assert "¥12.00" in till.diner.words()
    till.tap("cash", "exact")
    till.until(lambda view: bool(view.strip))
    for glass in (till.cashier, till.diner):
        assert "¥12.00" in glass.words()
    assert till.counter.view().strip[0].row.amount == PRICE
    till.until(lambda view: view.badge.waiting_count == 0)


def books_hold(database: Path, django_db_blocker: Any) -> None:
    """One sale of ¥12.00 in cash, and nothing the audit finds."""
    from server.payments.models import Payment

    for _ in _connected(str(database), django_db_blocker):
        (sale,) = Payment.objects.all()
        assert (sale.tender, sale.total_amount, sale.state) == ("cash", PRICE, "succeeded")
    command = [sys.executable, "-m", "fanpiao", "audit", "--database", str(database)]
    audited = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert audited.returncode == 0, audited.stdout + audited.stderr


def test_from_an_empty_database_to_the_first_sale(
    serve: Callable[[str], Served],
    eyes: Eyes,
    tmp_path: Path,
    qapp: object,
    django_db_blocker: Any,
) -> None:
    database = tmp_path / "new.sqlite3"
    served = serve(str(database))
    hand = Fingers(eyes.page())
    sets_up(hand, first_run_link(served))
    at_the_kiosk = binds(tmp_path / "kiosk", read_code(hand))
    hand.page.wait_for_selector("[data-live*='step=sale']")
    at_the_kiosk += sells(tmp_path / "kiosk")
    hand.page.wait_for_selector("text=¥12.00")
    hand.press("form button")
    hand.press("a.primary")
    assert hand.page.url.endswith("/console/")
    assert "12.00" in hand.page.inner_text("main")
    inputs = hand.inputs + at_the_kiosk
    print(
        f"first run: {hand.inputs} inputs in the browser + {at_the_kiosk} at the kiosk = {inputs}"
    )
    assert inputs <= MOST_INPUTS
    books_hold(database, django_db_blocker)
