"""kill -9 of a kiosk while the server is being asked; after the restart its window says which."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.config.sample import SamplePerson
from terminal_app.counter.machine import Phase
from tests.journeys.bad_input.books import paid
from tests.journeys.bad_input.open_canteen import LUNCH, START_LIMIT_S, OpenCanteen, wait_for
from tests.journeys.lunch.conftest import MakeKiosk
from tests.journeys.lunch.kiosk import Kiosk, bind

pytestmark = pytest.mark.pictures

STUDENT = 1200
CHILD = "tests.journeys.lunch.selling_kiosk"
ROOT = Path(__file__).parents[3]


@contextmanager
def selling(canteen: OpenCanteen, folder: Path, steps: list[dict[str, object]]) -> Iterator[None]:
    """A kiosk on this folder, in a process that dies when the line loses something of it."""
    ahead_s = canteen.noon.monotonic() - time.monotonic()
    script = "\n".join(json.dumps(step) for step in steps) + "\n"
    process = subprocess.Popen(
        [sys.executable, "-m", CHILD, str(folder), LUNCH.isoformat(), repr(ahead_s)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdin is not None
    canteen.street.on_lost = process.kill
    try:
        process.stdin.write(script)
        process.stdin.flush()
        yield
    finally:
        canteen.street.on_lost = lambda: None
        process.kill()
        process.communicate()


def cut(canteen: OpenCanteen, folder: Path, diner: SamplePerson, *, loses: str) -> None:
    """Cut the power of a kiosk mid-sale, while the line loses the `question` or the `answer`."""
    bind(canteen, folder)
    steps: list[dict[str, object]] = [
        {"ready_within_s": 20},
        {"press": "pin_entered", "pin": canteen.pin("cashier")},
        {"press": "day_accepted"},
        {"until": "idle"},
        {"key": "serving_started"},
        {"until": "armed"},
        {"wait_s": 0.4},
        {"device": "reader", "present_hex": diner.card_uid.hex()},
    ]
    canteen.street.loses, canteen.street.lost_count = loses, 0
    with selling(canteen, folder, steps):
        wait_for(lambda: canteen.street.lost_count > 0, START_LIMIT_S)
    canteen.street.loses = ""


def says_and_sells_on(kiosk: Kiosk, word: str, amount: int) -> None:
    """The window says what became of the sale, and the next one goes on as ever."""
    if amount:
        (line,) = kiosk.view.strip
        assert line.row.amount == amount
        kiosk.shown[line.row.payment_id] = amount
    assert kiosk.phase is Phase.LOCKED
    assert kiosk.word(word).replace("%1", "¥12.00") in kiosk.cashier.words()
    kiosk.canteen.street.is_open = True
    kiosk.sign_in()
    kiosk.serve()
    kiosk.lays_card(kiosk.canteen.next_diner().card_uid)
    kiosk.sees_paid(STUDENT)
    kiosk.lifts_card()
    kiosk.books_hold()


def test_what_the_server_had_booked_is_said_to_be_charged(
    canteen: OpenCanteen, make: MakeKiosk, tmp_path: Path
) -> None:
    diner = canteen.next_diner()
    cut(canteen, tmp_path / "cut", diner, loses="answer")
    assert paid(diner.person_id) == [STUDENT]
    kiosk = make(tmp_path / "cut")
    says_and_sells_on(kiosk, "powerCharged", STUDENT)
    assert paid(diner.person_id) == [STUDENT]


def test_what_never_reached_the_server_is_said_not_to_be_charged(
    canteen: OpenCanteen, make: MakeKiosk, tmp_path: Path
) -> None:
    diner = canteen.next_diner()
    cut(canteen, tmp_path / "cut", diner, loses="question")
    kiosk = make(tmp_path / "cut")
    says_and_sells_on(kiosk, "powerNotCharged", 0)
    assert paid(diner.person_id) == []


@pytest.mark.parametrize(
    ("key", "word", "amount"),
    [("handedOver", "powerCharged", STUDENT), ("notHandedOver", "powerNotCharged", 0)],
)
def test_with_the_network_gone_too_the_cashier_says_whether_the_meal_was_given(
    canteen: OpenCanteen, make: MakeKiosk, tmp_path: Path, key: str, word: str, amount: int
) -> None:
    diner = canteen.next_diner()
    cut(canteen, tmp_path / "cut", diner, loses="answer")
    canteen.street.is_open = False
    kiosk = make(tmp_path / "cut", learns=False)
    kiosk.until_answered()
    assert kiosk.phase is Phase.RECOVER
    assert kiosk.word("recoverText") in kiosk.cashier.words()
    kiosk.cashier.tap(key)
    kiosk.until(Phase.LOCKED)
    says_and_sells_on(kiosk, word, amount)
    assert [one for one in paid(diner.person_id) if one] == [one for one in [amount] if one]
