"""At a keypad: phones that keep a line waiting, sums that ask twice, a face that needs its PIN."""

from fanpiao.demo.bench import Bench
from fanpiao.demo.cases.stage import Stage, must
from fanpiao.demo.tally import Sale

LATE_S = 20.0
WITH_PIN_AMOUNT = 5_200
"""Above what a face alone may pay."""
WRONG_PIN = "000000"


def parked_phone(stage: Stage) -> None:
    """A phone that waits is parked, the next diner pays meanwhile, and both are booked once."""
    bench, hands, person = stage.first, stage.hands, stage.crowd.one()
    _key_in(bench, "800")
    hands.ready(bench)
    hands.channel(bench, "91").begin()
    bench.expect(lambda view: view["phase"] == "awaiting", "wait for the phone")
    phone = bench.view["payment"]
    bench.key("next_pressed")
    bench.expect(lambda view: view["parked"] == 1, "park the phone")
    _key_in(bench, "900")
    must(hands.pay(bench, hands.card(bench, person)), "the next diner could not pay")
    bench.pass_until(lambda view: view["parked"] == 0, "hear of the phone", LATE_S)
    row = next(row for row in bench.view["strip"] if row[0] == phone)
    must(row[2] == "approved", f"the phone's sale is {row[2]}")
    stage.tally.sold(Sale(bench.name, hands.meal, "code", phone, row[1], bool(row[3])))


def phone_given_up(stage: Stage) -> None:
    """The cashier stops waiting for a phone: nothing is taken, and that is asked until proven."""
    bench = stage.first
    with stage.costs_nothing("given_up"):
        _key_in(bench, "700")
        stage.hands.ready(bench)
        stage.hands.channel(bench, "96").begin()
        bench.expect(lambda view: view["phase"] == "awaiting", "wait for the phone")
        bench.key("stop_pressed")
        bench.pass_until(
            lambda view: view["strip"][0][2] == "reversed" and view["phase"] == "idle",
            "give it up",
            LATE_S,
        )


def large_sum(stage: Stage) -> None:
    """A sum that looks mistyped is asked for twice; the wallet cannot carry it, and says so."""
    bench, person = stage.first, stage.crowd.one()
    with stage.costs_nothing("short_wallet"):
        _key_in(bench, "25000")
        bench.expect(
            lambda view: view["hint"] == "counters.amount_above", "ask whether it is meant"
        )
        must(bench.phase == "idle", "a large sum was taken without asking")
        bench.key("entered")
        must(stage.hands.pay(bench, stage.hands.card(bench, person)) is None, "it was paid")
        bench.pass_until(lambda view: view["phase"] == "idle", "rest")


def face_and_pin(stage: Stage) -> None:
    """Above the face's limit a PIN is asked: a wrong one pays nothing, the right one pays once."""
    bench, person = stage.first, stage.face(0)
    with stage.costs_once(person, WITH_PIN_AMOUNT):
        _key_in(bench, str(WITH_PIN_AMOUNT))
        stage.hands.ready(bench)
        showing = stage.hands.face(bench, person)
        began = showing.begin()
        bench.expect(lambda view: view["phase"] == "second_factor", "ask for the PIN")
        bench.press("factor_entered", text=WRONG_PIN)
        bench.expect(lambda view: view["hint"] == "factors.wrong", "say that it was wrong")
        stage.hands.see_through(bench, showing, began)
        bench.show_nobody()
        bench.pass_until(lambda view: view["phase"] == "idle", "rest")


def _key_in(bench: Bench, digits: str) -> None:
    bench.pass_until(lambda view: view["phase"] == "idle", "wait for a sum")
    bench.key("cleared")  # what was not paid may still stand there
    for digit in digits:
        bench.press("digit_typed", digits=digit)
    bench.key("entered")
