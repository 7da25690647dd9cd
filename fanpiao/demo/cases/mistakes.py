"""A sale taken back, an amount changed before somebody's eyes, and wrong codes and cards."""

import os
from datetime import timedelta

from devices.simulated.scene import Scene
from fanpiao.demo.bench import SEED
from fanpiao.demo.cases.stage import Stage, must
from fanpiao.demo.hands import LOOK_S, actor_of, picture_of

FIRST, CHANGED_AMOUNT = "1300", 1350
NOBODYS_CARD = bytes.fromhex("04534d50ffffff")


def undo(stage: Stage) -> None:
    """The cashier takes the newest sale back; its money is where it was."""
    bench, person = stage.second, stage.crowd.one()
    with stage.costs_nothing("undone", approvals=1):
        sale = stage.hands.pay(bench, stage.hands.card(bench, person))
        must(sale is not None, "there was no sale to take back")
        bench.say(undo="newest")
        bench.expect(lambda view: view["strip"][0][2] == "reversed", "take it back")
        bench.pass_until(lambda view: view["phase"] == "armed", "be armed again")
        assert sale is not None
        stage.tally.undone.append(sale.payment_id)


def amount_changed(stage: Stage) -> None:
    """At a keypad the amount is edited after the face was named: only the new amount is charged."""
    bench, person = stage.first, stage.face(1)
    with stage.costs_once(person, CHANGED_AMOUNT):
        for digit in FIRST:
            bench.press("digit_typed", digits=digit)
        bench.key("entered")
        stage.hands.ready(bench)
        mark = len(bench.faces)
        bench.show(Scene((actor_of(picture_of(person, 0), 3 * LOOK_S),), 3 * LOOK_S, SEED))
        began = bench.expect_face(mark, "seen").at
        bench.expect(lambda view: view["phase"] == "confirm" and view["amount"] == 1300, "ask")
        bench.press("backspaced")
        bench.press("backspaced")
        for digit in "50":
            bench.press("digit_typed", digits=digit)
        bench.expect(lambda view: view["amount"] == CHANGED_AMOUNT, "show the new amount")
        must(bench.phase != "authorising", "the old amount was charged")
        stage.hands.see_through(bench, stage.hands.face(bench, person), began)
        stage.tally.spared("amount_changed")
        bench.show_nobody()
        bench.pass_until(lambda view: view["phase"] == "idle", "rest")


def wrong_codes(stage: Stage) -> None:
    """Nobody's card, an old code, a foreign text, and a code that has already paid."""
    bench, hands, person = stage.second, stage.hands, stage.crowd.one()
    clock = stage.canteen.clock
    old = person.phone.code(clock.now() - timedelta(minutes=10), os.urandom(8))
    for reason, text in (("code_expired", old), ("code_unknown", "HELLO")):
        hands.ready(bench)
        with stage.costs_nothing(reason):
            bench.scanner.read_out(text)
            bench.expect(lambda view: view["hint"].startswith("codes."), "say what is wrong")
            bench.timeline.wait(2.2)
            bench.pass_until(lambda view: not view["hint"], "forget what it said")
    hands.ready(bench)
    with stage.costs_nothing("card_unknown"):
        bench.lay_card(NOBODYS_CARD)
        bench.expect(lambda view: view["phase"] == "declined", "decline it")
        stage.tally.was_refused(str(bench.view["code"]))
        bench.lift_card()
        bench.key("cleared")
        bench.pass_until(lambda view: view["phase"] == "armed", "be armed again")


def code_replayed(stage: Stage) -> None:
    """A code is photographed and shown at the other counter."""
    hands, person = stage.hands, stage.crowd.one()
    text = hands.code_of(person)
    with stage.costs_once(person):
        must(hands.pay(stage.second, hands.text(stage.second, text, person)), "it did not pay")
        hands.ready(stage.first)
        stage.first.scanner.read_out(text)
        stage.first.expect(
            lambda view: view["phase"] in ("declined", "confirm"), "refuse or ask about it"
        )
        if stage.first.phase == "confirm":
            stage.linger(0.4)
            stage.first.key("confirmed", who="cashier")
            stage.first.expect(lambda view: view["phase"] == "declined", "decline it")
        stage.tally.was_refused(str(stage.first.view["code"]))
        stage.tally.spared("code_replayed")
        stage.first.key("cleared")
        stage.first.pass_until(lambda view: view["phase"] == "armed", "be armed again")
