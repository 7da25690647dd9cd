"""Every call from QML becomes exactly one event or press, and no secret shows in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.events import Who
from terminal_app.screens.actions import Actions
from terminal_app.screens.first_run_model import FirstRunActions
from terminal_app.screens.station_actions import StationActions

QML = Path(__file__).parents[3] / "terminal_app" / "qml"
CALLED = re.compile(r"\bact\.([a-zA-Z]+)\(")
SALE = UUID(int=7)

CALLS: dict[str, tuple[tuple[Any, ...], Any]] = {
    "signIn": (("135790",), presses.PinEntered("135790")),
    "newPin": (("135790",), presses.NewPinEntered("135790")),
    "acceptDay": ((20_000,), presses.DayAccepted(20_000)),
    "lock": ((), on.LockPressed()),
    "close": ((100, True), presses.CloseAsked(100, is_queue_accepted=True)),
    "moveCash": ((-500, "cash_out", "246801"), presses.CashMovedBy(-500, "cash_out", "246801")),
    "serve": ((), on.ServingStarted()),
    "pause": ((), on.Paused()),
    "holdOpen": (("lunch", "246801"), presses.PeriodHeldOpen("lunch", "246801")),
    "acceptClock": ((), presses.ClockAccepted()),
    "extend": (("246801",), presses.ExtensionAsked("246801")),
    "practise": (("135790",), presses.PracticeAsked("135790")),
    "leavePractice": ((), presses.PracticeLeft()),
    "syncNow": ((), presses.SyncAsked()),
    "digit": (("00",), presses.DigitTyped("00")),
    "backspace": ((), presses.Backspaced()),
    "plus": ((), presses.PlusTyped()),
    "times": ((2,), presses.TimesTyped(2)),
    "dish": (("10001",), presses.DishChosen("10001")),
    "enter": ((), on.Entered()),
    "clear": ((), on.Cleared()),
    "cash": ((5000,), presses.CashTendered(5000)),
    "byNumber": (("1001", "", "phone_empty"), presses.NumberEntered("1001", "", "phone_empty")),
    "factor": (("778899",), presses.FactorEntered("778899")),
    "confirm": (("cashier",), on.Confirmed(Who.CASHIER)),
    "notMe": ((), on.NotMe()),
    "plusOne": ((), on.PlusOne()),
    "next": ((), on.NextPressed()),
    "stop": ((), on.StopPressed()),
    "newCode": ((), on.NewCodePressed()),
    "showCode": ((), presses.PayeeCodeAsked()),
    "onAccount": ((), on.OnAccount()),
    "topUp": ((), presses.TopUpAsked()),
    "topUpNumber": (("1001",), presses.TopUpNumber("1001")),
    "findSale": ((), presses.FindOpened()),
    "findNumber": (("21216320012348",), presses.FindNumber("21216320012348")),
    "refundFound": ((500, "135790"), presses.FoundRefunded(500, "135790")),
    "printFound": ((), presses.FoundPrinted()),
    "leaveFound": ((), presses.FindClosed()),
    "undo": ((str(SALE), "diner", ""), presses.UndoPressed(SALE, Who.DINER)),
    "handedOver": ((str(SALE), True), presses.HandedOver(SALE, is_handed_over=True)),
    "reprint": ((str(SALE),), presses.ReprintAsked(SALE)),
}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_call_posts_one_event_whose_repr_shows_no_pin(name: str) -> None:
    given, wanted = CALLS[name]
    posted: list[Any] = []
    getattr(Actions(posted.append), name)(*given)
    assert posted == [wanted]
    assert not any(pin in repr(posted) for pin in ("135790", "246801", "778899"))


OTHERS = {"setup": FirstRunActions, "station": StationActions}
"""Folders whose pages post to something else than a counter."""


def called_in(*paths: Path) -> set[str]:
    return {name for path in paths for name in CALLED.findall(path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("folder", sorted(OTHERS))
def test_pages_without_a_counter_call_nothing_that_is_not_there(folder: str) -> None:
    actions = OTHERS[folder]
    called = called_in(*(QML / folder).rglob("*.qml"))
    assert len(called) >= 6
    assert {name for name in called if name not in vars(actions)} == set()
    # The page of a first PIN is the counter's
    unused = {name for name in vars(actions) if not name.startswith("_")} - called
    assert unused <= {"staticMetaObject", "newPin"}


def test_qml_calls_nothing_that_is_not_there() -> None:
    paths = [one for one in QML.rglob("*.qml") if one.parent.name not in OTHERS]
    called = called_in(*paths)
    # `act.trigger()` is the button named act
    assert called - CALLS.keys() <= {"trigger"}
    assert len(called) > 25


def test_an_undo_of_nothing_is_no_press() -> None:
    posted: list[Any] = []
    Actions(posted.append).undo("", "diner", "")
    assert posted == []
