"""Messages for one payment in any order, repeated, with crashes between them: the books always show
what the rules on paper say, and the end depends on the set of messages and the first decision only.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain.authorization import Tender as PaperTender
from domain.payment_states import PaymentState, RefundState
from server.audit.run_audit import run_audit
from server.channels.channel import Declined, QueryOutcome, Reversed, Succeeded, Unknown
from server.payments.models import Attempt, Refund
from sync.messages import Outcome, PaymentRequest, Tender
from tests.factories.payments import Till, other, run
from tests.factories.server_rows import NOW, Rows
from tests.properties.server.payments.model import Model

seeds = itertools.count(10_000)
TOTAL = 1_200
JUDGES = {
    "r01_transfers", "r02_balances", "r03_payments", "r04_legs", "r05_orders",
    "r06_holds_and_counters", "r07_suspense", "r08_receivables", "r12_codes",
    "r14_organisations",
}  # fmt: skip
NEVER = {Outcome.APPROVED}


class PowerCut(Exception):
    """The process died before its commit."""


@pytest.fixture(scope="module", autouse=True)
def books(sqlite_template: Path, tmp_path_factory: Any, django_db_blocker: Any) -> Iterator[None]:
    """One SQLite database for all examples, each an organisation of its own; audited at the end."""
    from django.db import connections

    from server.config.database import use_database

    path = tmp_path_factory.mktemp("any-order") / "fanpiao.sqlite3"
    shutil.copyfile(sqlite_template, path)
    with django_db_blocker.unblock():
        use_database(str(path))
        yield
        report = run_audit(NOW)
        connections.close_all()
    assert report.transfers > 0
    assert [found for found in report.findings if found.rule in JUDGES] == []


def crash_before_commit(step: Callable[[], Any]) -> None:
    """Run a step and die before its commit: nothing of it remains."""
    with contextlib.suppress(PowerCut), transaction.atomic():
        step()
        raise PowerCut


def a_sale(till: Till, tender: Tender, *, is_affordable: bool = True) -> PaymentRequest:
    if not is_affordable:
        till.online(till.request(total=4_900))
    return till.request(total=TOTAL, tender=tender)


def net_of(till: Till, sale: PaymentRequest) -> tuple[int, int, int]:
    """(merchant, cash in suspense, surplus), as the model has them."""
    net = till.net(sale)
    merchant = sum(
        net.get(f"merchant/{kind}", 0) for kind in ("payable", "disputed", "cash_takings")
    )
    return (
        merchant,
        -net.get("shift/drawer_suspense", 0),
        net.get("organisation/suspense_long", 0),
    )


class OnePayment(RuleBasedStateMachine):
    """One payment id, its counter, its server, its channel."""

    tender = Tender.WALLET
    is_affordable = True

    @initialize(is_asked_first=st.booleans())
    def begin(self, is_asked_first: bool) -> None:
        self.till = Till(Rows(next(seeds)))
        self.sale = a_sale(self.till, self.tender, is_affordable=self.is_affordable)
        decides = PaymentState.SUCCEEDED if self.is_affordable else PaymentState.DECLINED
        self.model = Model(PaperTender(self.tender.value), TOTAL, decides)
        self.refunds: dict[str, Any] = {}
        if is_asked_first:
            self.online(is_same=True, crash="")

    def deliver(self, step: Callable[[], Any], crash: str) -> None:
        """Deliver a message; after a crash its sender sends it again."""
        if crash == "before":
            crash_before_commit(step)
        step()
        if crash == "after":
            step()

    crashes = st.sampled_from(["", "", "before", "after"])

    def _sale(self, *, is_same: bool) -> PaymentRequest:
        """The sale, or another one under its id once that id is bound."""
        is_bound = self.model.state is not PaymentState.NOTHING
        return other(self.sale) if is_bound and not is_same else self.sale

    @rule(is_same=st.booleans(), crash=crashes)
    def online(self, is_same: bool, crash: str) -> None:
        sale = (
            self.sale if is_same or self.model.state is PaymentState.NOTHING else other(self.sale)
        )
        before = self.model.state
        self.deliver(lambda: self._online(sale, before, crash), crash)
        self.model.online(is_same=sale is self.sale)

    def _online(self, sale: PaymentRequest, before: PaymentState, crash: str) -> None:
        answer = self.till.decide(sale).answer
        if before in (PaymentState.CANCELLED, PaymentState.REVERSING, PaymentState.REVERSED):
            assert answer.outcome not in NEVER, "approved after an end"
        if sale is not self.sale:
            assert answer.outcome is Outcome.KEY_REUSED

    @rule(is_same=st.booleans(), crash=crashes)
    def acceptance(self, is_same: bool, crash: str) -> None:
        sale = (
            self.sale if is_same or self.model.state is PaymentState.NOTHING else other(self.sale)
        )
        record = self.till.rows.id()
        self.deliver(lambda: self.till.accept(sale, record_id=record), crash)
        self.model.accept(is_same=sale is self.sale)

    @rule(by_server=st.booleans(), crash=crashes)
    def cancellation(self, by_server: bool, crash: str) -> None:
        if by_server and self.model.state is PaymentState.NOTHING:
            return
        step = self.till.cancel_by_server if by_server else self.till.cancel
        if by_server and crash == "after":
            crash = ""  # the server's own decision is not sent twice
        self.deliver(lambda: step(self.sale), crash)
        self.model.cancel(by_server=by_server)

    @rule(
        amount=st.sampled_from([300, 500, 1_200, 1_500]), is_cash=st.booleans(), crash=crashes,
        again=st.booleans(),
    )  # fmt: skip
    def refund(self, amount: int, is_cash: bool, crash: str, again: bool) -> None:
        is_cash = is_cash or self.sale.intent.tender is Tender.CASH
        name = f"{amount}/{is_cash}" if again else f"{amount}/{is_cash}/{len(self.refunds)}"
        if name not in self.refunds:
            tender = Tender.CASH if is_cash else self.sale.intent.tender
            self.refunds[name] = self.till.refund_request(self.sale, amount, tender=tender)
        message = self.refunds[name]
        self.deliver(lambda: self.till.book_refund(message), crash)
        self.model.refund(str(message.refund_id), amount, is_cash=is_cash)

    @rule(word=st.sampled_from(["success", "decline", "reversed", "unknown"]), crash=crashes)
    def channel(self, word: str, crash: str) -> None:
        if not Attempt.objects.filter(payment=self.sale.intent.payment_id).exists():
            return
        if word == "reversed" and self.model.state is not PaymentState.REVERSING:
            return
        if word == "decline" and self.model.state is not PaymentState.SUBMITTED:
            return
        words: dict[str, QueryOutcome] = {
            "success": Succeeded("r"),
            "decline": Declined("channels.insufficient_funds"),
            "reversed": Reversed(self.model.took_money),
            "unknown": Unknown("slow"),
        }
        self.deliver(lambda: self.till.channel_says(self.sale, words[word]), crash)
        if word == "success":
            self.model.channel_succeeds()
        elif word == "decline":
            self.model.channel_declines()
        elif word == "reversed":
            self.model.channel_confirms_reversal()

    @invariant()
    def the_books_show_what_the_rules_say(self) -> None:
        if not hasattr(self, "till"):
            return
        till, sale, model = self.till, self.sale, self.model
        assert till.state(sale) == model.state
        assert net_of(till, sale) == (model.merchant, model.suspended_cash, model.surplus)
        states = dict(
            Refund.objects.filter(organisation=till.organisation)
            .exclude(reason="late_success")
            .values_list("id", "state")
        )
        assert {str(id): RefundState(state) for id, state in states.items()} == {
            name: refund.state for name, refund in model.refunds.items()
        }


class OneDeclinedPayment(OnePayment):
    """The server would decline it."""

    is_affordable = False


class OneChannelPayment(OnePayment):
    """Paid through a channel."""

    tender = Tender.CHANNEL


class OneCashPayment(OnePayment):
    """Paid in cash."""

    tender = Tender.CASH


@pytest.mark.parametrize(
    "machine", [OnePayment, OneDeclinedPayment, OneChannelPayment, OneCashPayment]
)
def test_the_books_follow_the_rules_step_by_step(machine: type[OnePayment]) -> None:
    assert settings.default is not None
    examples = max(1, settings.default.max_examples // 2)
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples, stateful_step_count=10)
    )


MESSAGES = ("online", "acceptance", "cancellation", "refund")


def first_word(order: tuple[str, ...], tender: Tender) -> tuple[str, ...]:
    """What the end may depend on besides the set of messages.

    The first decision on the id; of two records that contradict, which came first; and of cash
    that was handed out and a cancellation, whether the cash was still a part of what was paid.
    """
    pairs = [("acceptance", "cancellation")]
    if tender is Tender.CASH:
        pairs.append(("refund", "cancellation"))
    binding = next((name for name in order if name != "refund"), "")
    firsts = []
    for pair in pairs:
        found = [name for name in order if name in pair]
        firsts.append(found[0] if len(set(found)) == 2 else "")
    return binding, *firsts


def play(order: tuple[str, ...], tender: Tender, *, is_affordable: bool) -> tuple[Any, ...]:
    """Deliver `order` to a fresh server and let its channel have the last word."""
    till = Till(Rows(next(seeds)))
    sale = a_sale(till, tender, is_affordable=is_affordable)
    refund = till.refund_request(sale, 300)
    steps = {
        "online": lambda: till.decide(sale),
        "acceptance": lambda: till.accept(sale),
        "cancellation": lambda: till.cancel(sale),
        "refund": lambda: till.book_refund(refund),
    }
    for name in order:
        steps[name]()
    attempt = Attempt.objects.filter(payment=sale.intent.payment_id).first()
    if attempt is not None:
        is_reversing = till.state(sale) == "reversing"
        till.channel_says(sale, Reversed(False) if is_reversing else Succeeded("r"))
    return till.state(sale), net_of(till, sale)


@given(
    order=st.lists(st.sampled_from(MESSAGES), min_size=2, max_size=6).map(tuple),
    shuffled=st.randoms(use_true_random=False),
    tender=st.sampled_from([Tender.WALLET, Tender.CHANNEL, Tender.CASH]),
    is_affordable=st.booleans(),
)
def test_the_end_depends_on_the_messages_and_the_first_decision_only(
    order: tuple[str, ...], shuffled: Any, tender: Tender, is_affordable: bool
) -> None:
    is_affordable = is_affordable or tender is not Tender.WALLET
    another = list(order)
    shuffled.shuffle(another)
    if first_word(tuple(another), tender) != first_word(order, tender):
        return
    one = play(order, tender, is_affordable=is_affordable)
    assert play(tuple(another), tender, is_affordable=is_affordable) == one


def test_a_step_that_is_run_again_after_a_crash_is_one_step() -> None:
    till = Till(Rows(next(seeds)))
    sale = till.request()
    crash_before_commit(lambda: run(till.online_command(sale)))
    assert till.state(sale) == "nothing"
    till.online(sale)
    till.online(sale)
    assert net_of(till, sale) == (TOTAL, 0, 0)
