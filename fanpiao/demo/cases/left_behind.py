"""Things left lying: they pay once, however long they lie and whatever they show meanwhile."""

from fanpiao.demo.cases.stage import Stage, must

LIES_S = 10.0
RENEWS_S = 0.5


def phone_left_lying(stage: Stage) -> None:
    """A phone stays under the scanner and renews its code all the time."""
    bench, person = stage.second, stage.crowd.one()
    with stage.costs_once(person):
        sale = stage.hands.pay(bench, stage.hands.phone(bench, person))
        must(sale, "the phone's first code did not pay")
        for _ in range(round(LIES_S / RENEWS_S)):
            bench.scanner.read_out(stage.hands.code_of(person))
            bench.timeline.wait(RENEWS_S)
            stage.linger(0.03)
        must(bench.phase == "clearing", "the counter did not wait for the phone to go")
        stage.tally.spared("phone_left")
        bench.pass_until(lambda view: view["phase"] == "armed", "be armed again")


def card_left_lying(stage: Stage) -> None:
    """A card stays on the reader after it paid."""
    bench, person = stage.first, stage.crowd.one()
    with stage.costs_once(person):
        showing = stage.hands.card(bench, person)
        sale = stage.hands.pay(bench, showing, lies_on=True)
        must(sale, "the card did not pay")
        bench.stays(lambda view: view["phase"] in ("approved", "clearing"), "sell again", LIES_S)
        stage.tally.spared("card_left")
        showing.end()
        bench.pass_until(lambda view: view["phase"] == "armed", "be armed again")
