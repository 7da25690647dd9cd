"""A cashier, both windows and each provider's own peer: what phones do at lunch, and the books.

After every journey our ledger equals the provider's books to the fen and the audit is clean.
"""

from __future__ import annotations

import httpx

from server.sandbox.entries import State
from server.sandbox.faults import Operation
from terminal_app.counter.machine import Phase
from terminal_app.counter.strip import RowState
from tests.journeys.channels.channel_kiosk import (
    DECLINED,
    GUEST,
    NEVER,
    PAYS,
    STUDENT,
    TYPES,
    ChannelKiosk,
)
from tests.journeys.lunch.kiosk import READ_S

TYPED_S = 21.0
"""A little longer than the payer types."""
GIVEN_UP_S = 46.0
"""A little longer than a phone is waited for."""
LATE_S = 61.0
"""One tap does not undo it any more."""


def test_a_phone_pays_at_once(kiosk: ChannelKiosk) -> None:
    kiosk.pays_by_phone(PAYS)
    kiosk.until_phase(Phase.APPROVED)
    payment_id = kiosk.sees_paid(GUEST)
    assert kiosk.charged(payment_id) == GUEST


def test_while_one_payer_types_a_password_the_next_one_eats(kiosk: ChannelKiosk) -> None:
    kiosk.pays_by_phone(TYPES)
    kiosk.until_phase(Phase.AWAITING)
    assert kiosk.word("dinerPhone", kiosk.diner) in kiosk.diner.words()
    assert kiosk.word("awaitingTitle") in kiosk.cashier.words()
    payment_id = kiosk.parks()
    kiosk.pays_by_card(STUDENT)
    assert kiosk.row(payment_id).state is RowState.AWAITING
    kiosk.wait(TYPED_S)
    kiosk.until_so(kiosk.is_row(payment_id, RowState.APPROVED))
    assert kiosk.word("paidLater") in kiosk.cashier.words()
    kiosk.shown[payment_id] = GUEST
    assert kiosk.charged(payment_id) == GUEST


def test_stop_really_cancels_a_payer_who_never_answers(kiosk: ChannelKiosk) -> None:
    kiosk.pays_by_phone(NEVER)
    kiosk.until_phase(Phase.AWAITING)
    payment_id = kiosk.view.payment_id
    assert payment_id is not None
    kiosk.cashier.tap("stop")
    assert kiosk.word("cancellingTitle") in kiosk.cashier.words()
    kiosk.until_so(lambda: kiosk.is_definite(payment_id), skips_s=1.0)
    kiosk.until_so(lambda: kiosk.is_over(payment_id), skips_s=0.1)
    assert {order.state for order in kiosk.orders_of(payment_id)} <= {State.REVERSED, State.CLOSED}
    assert kiosk.charged(payment_id) == 0


def test_a_payer_whom_nobody_stopped_is_reversed_by_schedule(kiosk: ChannelKiosk) -> None:
    kiosk.pays_by_phone(NEVER)
    kiosk.until_phase(Phase.AWAITING)
    payment_id = kiosk.parks()
    kiosk.pays_by_card(STUDENT)
    kiosk.wait(GIVEN_UP_S)
    kiosk.until_so(lambda: kiosk.is_definite(payment_id), skips_s=1.0)
    kiosk.until_so(kiosk.is_row(payment_id, RowState.REVERSED), skips_s=0.1)
    assert kiosk.word("reversed") in kiosk.cashier.words()
    assert kiosk.charged(payment_id) == 0


def test_a_declined_phone_pays_by_card_instead(kiosk: ChannelKiosk) -> None:
    kiosk.pays_by_phone(DECLINED)
    kiosk.until_phase(Phase.DECLINED)
    assert kiosk.view.code.startswith("channels.")
    kiosk.says(kiosk.diner, "diners.see_phone")
    assert kiosk.word("declinedTitle") in kiosk.cashier.words()
    kiosk.lays_card(kiosk.canteen.next_diner().card_uid)
    kiosk.sees_paid(STUDENT)
    kiosk.lifts_card()


def test_while_the_channel_is_down_the_line_goes_on_and_all_is_resolved_later(
    kiosk: ChannelKiosk,
) -> None:
    kiosk.goes_down(Operation.PAY, Operation.QUERY, Operation.REVERSE, Operation.CLOSE)
    kiosk.pays_by_phone(PAYS)
    kiosk.until_phase(Phase.AWAITING)
    payment_id = kiosk.parks()
    kiosk.pays_by_card(STUDENT)
    kiosk.wait(GIVEN_UP_S)
    kiosk.speak()
    assert kiosk.row(payment_id).state is RowState.CANCELLING
    assert kiosk.word("cancelling") in kiosk.cashier.words()
    kiosk.peer.faults.clear()
    kiosk.until_so(lambda: kiosk.is_definite(payment_id), skips_s=2.0)
    kiosk.until_so(kiosk.is_row(payment_id, RowState.REVERSED), skips_s=0.1)
    assert kiosk.charged(payment_id) == 0


def test_money_goes_back_with_a_pin_and_is_back_at_the_provider(kiosk: ChannelKiosk) -> None:
    kiosk.pays_by_phone(PAYS)
    kiosk.until_phase(Phase.APPROVED)
    payment_id = kiosk.sees_paid(GUEST)
    kiosk.wait(LATE_S)
    kiosk.cashier.tap("undo_0")
    assert kiosk.word("undoPinTitle") in kiosk.cashier.words()
    kiosk.enters("000000")
    kiosk.says(kiosk.cashier, "pins.wrong")
    kiosk.enters(kiosk.canteen.pin("cashier"))
    kiosk.until_so(lambda: kiosk.charged(payment_id) == 0, skips_s=1.0)
    kiosk.until_so(kiosk.is_row(payment_id, RowState.REVERSED), skips_s=1.0)
    kiosk.took_back(payment_id)


def test_a_payer_scans_the_code_on_the_glass(kiosk: ChannelKiosk) -> None:
    kiosk.until(Phase.ARMED)
    kiosk.wait(READ_S)
    kiosk.cashier.tap("showCode")
    kiosk.until_so(lambda: bool(kiosk.view.showing.text))
    assert kiosk.word("dinerScan", kiosk.diner) in kiosk.diner.words()
    assert kiosk.word("scanTitle") in kiosk.cashier.words()
    payment_id = kiosk.view.payment_id
    assert payment_id is not None
    kiosk.opens_page(kiosk.view.showing.text)
    (order,) = kiosk.orders_of(payment_id)
    kiosk.peer.peer.books.pay_open(order.number, "somebody")
    kiosk.until_phase(Phase.APPROVED)
    assert kiosk.sees_paid(GUEST) == payment_id
    assert kiosk.charged(payment_id) == GUEST


def test_a_code_that_was_opened_and_then_stopped_is_closed_at_the_provider(
    kiosk: ChannelKiosk,
) -> None:
    kiosk.until(Phase.ARMED)
    kiosk.wait(READ_S)
    kiosk.cashier.tap("showCode")
    kiosk.until_so(lambda: bool(kiosk.view.showing.text))
    payment_id, page = kiosk.view.payment_id, kiosk.view.showing.text
    assert payment_id is not None
    kiosk.opens_page(page)
    kiosk.cashier.tap("stop")
    kiosk.until_so(lambda: kiosk.is_definite(payment_id), skips_s=1.0)
    kiosk.until_so(lambda: kiosk.is_over(payment_id), skips_s=0.1)
    assert kiosk.charged(payment_id) == 0
    api = page.replace("/pay/", "/v1/pay/")
    told = httpx.get(api, trust_env=False).json()
    assert told["outcome"] == "cancelled"
