"""The network and the power fail in the middle of a sale."""

from typing import Any

from fanpiao.demo.canteen import CASHIER_PIN
from fanpiao.demo.cases.stage import Stage, must


def time_out_then_offline(stage: Stage) -> None:
    """The server hangs longer than a diner waits; the counter decides, and both agree later."""
    bench, person = stage.second, stage.crowd.one()
    stage.hands.ready(bench)
    must(bench.view["online"], "the counter was not asking the server")
    with stage.costs_once(person):
        stage.canteen.freeze_server(is_frozen=True)
        try:
            sale = stage.hands.pay(bench, stage.hands.phone(bench, person))
        finally:
            stage.canteen.freeze_server(is_frozen=False)
        must(sale is not None and not sale.is_online, "it was not decided at the counter")


def power_cut_and_paid(stage: Stage) -> None:
    """The counter dies while the server decides; started again, it learns that the sale stands."""
    person = stage.crowd.one()
    with stage.costs_once(person) as booked:
        settled = _cut_in_the_middle(stage, person_card=person.card_uid, is_server_lost=False)
    must(settled == [[booked[0].payment_id, True]], f"the counter believes {settled}")
    stage.tally.recovered.append(booked[0].payment_id)


def power_cut_and_lost(stage: Stage) -> None:
    """The counter dies, and the server with the question unanswered: nothing happened."""
    person = stage.crowd.one()
    with stage.costs_nothing("power_cut"):
        settled = _cut_in_the_middle(stage, person_card=person.card_uid, is_server_lost=True)
    must([one[1] for one in settled] == [False], f"the counter believes {settled}")


def _cut_in_the_middle(
    stage: Stage, person_card: bytes, *, is_server_lost: bool
) -> list[list[Any]]:
    bench, canteen = stage.second, stage.canteen
    stage.hands.ready(bench)
    canteen.freeze_server(is_frozen=True)
    bench.lay_card(person_card)
    bench.expect(lambda view: view["phase"] == "authorising", "ask the server")
    stage.linger(0.15)
    bench.cut_power()
    if is_server_lost:
        canteen.cut_server()
        canteen.start_server()
    else:
        canteen.freeze_server(is_frozen=False)
    bench.switch_on()
    bench.come_up()
    bench.pass_until(lambda view: view["phase"] == "locked", "give the sale its outcome", 30)
    settled: list[list[Any]] = bench.view["settled"]
    bench.press("pin_entered", pin=CASHIER_PIN)
    bench.expect(lambda view: bool(view["is_signed_in"]), "know the cashier")
    bench.press("day_accepted")
    bench.expect(lambda view: view["phase"] == "idle", "go on with the shift")
    stage.hands.serve(bench)
    return settled
