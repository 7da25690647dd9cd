"""A reader that falls off its cable, a wrong PIN, and the hours between meals."""

from fanpiao.demo.canteen import CASHIER_PIN, FLOAT_AMOUNT
from fanpiao.demo.cases.stage import Stage, must

BACK_S = 30.0


def reader_away(stage: Stage) -> None:
    """The card reader is unplugged: cards are not offered until it is back; codes go on."""
    bench, person = stage.second, stage.crowd.one()
    stage.hands.ready(bench)
    bench.say(device="reader", unplug=True)
    bench.pass_until(lambda view: "card" not in view["tenders"], "take cards off the glass", BACK_S)
    with stage.costs_once(person):
        must(stage.hands.pay(bench, stage.hands.phone(bench, person)), "codes stopped too")
    bench.say(device="reader", plug_in=True)
    bench.pass_until(lambda view: "card" in view["tenders"], "offer cards again", BACK_S)


def wrong_pin(stage: Stage) -> None:
    """Somebody who is no operator tries the locked counter."""
    bench = stage.second
    bench.press("pin_entered", pin="000000")
    bench.expect(lambda view: view["refusal"].startswith("pins."), "refuse the PIN")
    must(not bench.view["is_signed_in"], "a wrong PIN signed somebody in")
    stage.tally.was_refused(str(bench.view["refusal"]))


def between_meals(stage: Stage) -> None:
    """After dinner a fixed price sells nothing: the glass says when the next meal begins."""
    bench = stage.second
    with stage.costs_nothing("no_meal"):
        bench.press("pin_entered", pin=CASHIER_PIN)
        bench.expect(lambda view: bool(view["is_signed_in"]), "know the cashier")
        bench.press("day_accepted", float_amount=FLOAT_AMOUNT)
        bench.expect(lambda view: view["phase"] == "no_period", "wait for the next meal")
        bench.lay_card(stage.crowd.one().card_uid)
        bench.stays(lambda view: view["phase"] == "no_period", "sell between meals", 2.0)
        bench.lift_card()
        stage.settle()
        bench.press("close_asked", counted_amount=FLOAT_AMOUNT)
        bench.expect(lambda view: view["phase"] == "locked", "close the shift")
