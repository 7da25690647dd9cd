"""Puts a stretch of trade into the books by the product's own commands, hundreds at a time."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from domain.ids import attempt_number, new_id
from domain.offline_policy import Assurance
from domain.routing import Book, Candidate, Moment, RouteAsked, choose
from server.channels.channel import Declined, QueryOutcome, Reversed, Succeeded, Unknown
from server.ledger.apply import apply
from server.merchants.contracts import read_contracts
from server.payments.arrivals import Arrived
from server.payments.choose_channel import NOBODY, Chosen
from server.payments.decide_payment import DecidePayment
from server.payments.plan import Asked, Kept, plan_payments
from server.payments.refund_payment import plan_refunds
from server.payments.settle_attempt import SettleAttempt
from server.payments.settle_refund import SettleRefund
from server.routing.choose_route import rate_snapshot
from sync.messages import (
    Acceptance,
    CredentialKind,
    Evidence,
    Intent,
    Line,
    Mode,
    Outcome,
    PaymentRequest,
    RefundRequest,
    Stamp,
    Tender,
    fingerprint,
    payer_of_code,
)
from tests.factories.month.injected import Put
from tests.factories.month.journals import check
from tests.factories.month.town import Town
from tests.factories.month.trade import CASH, CHANNELS, WALLET, Sale
from tests.factories.server_rows import SECRETS

AT_ONCE: Final = 400
ANSWERS_IN: Final = timedelta(seconds=2)
REFUNDS_IN: Final = timedelta(minutes=20)


@dataclass(slots=True)
class Sold:
    """A sale as it went into the books; `number` is what its channel knows it by."""

    sale: Sale
    request: PaymentRequest
    number: str = ""
    refund_id: UUID | None = None

    @property
    def refund_number(self) -> str:
        """What the channel knows its refund by."""
        return "" if self.refund_id is None else attempt_number(self.refund_id)


@dataclass
class Selling:
    """Sells for a town; keeps nothing but its source of chance and what stores agreed."""

    town: Town
    rng: random.Random
    kept: Kept = field(default_factory=Kept)
    payments: int = 0
    refunds: int = 0

    def __post_init__(self) -> None:
        merchants = [merchant.id for merchant in self.town.merchants]
        self._contracts = read_contracts(self.town.organisation, merchants)
        self._chosen = cache(self._choose)

    def sell(self, sales: Sequence[Sale]) -> Iterator[Sold]:
        """Book the sales, and what is given back of them; yield what a channel has heard of."""
        for first in range(0, len(sales), AT_ONCE):
            some = [Sold(sale, self._request(sale)) for sale in sales[first : first + AT_ONCE]]
            self._book_late([one for one in some if one.sale.late_days])
            online = [one for one in some if not one.sale.late_days]
            self._decide(online)
            self._give_back([one for one in some if one.sale.refund_amount])
            self.payments += len(some)
            yield from (one for one in online if one.number and one.sale.fate != "declined")

    # --- payments ------------------------------------------------------------------------

    def _decide(self, online: Sequence[Sold]) -> None:
        asked = [Asked(self._terminal(one), one.request, one.sale.at) for one in online]
        plans = plan_payments(asked, self.kept)
        decided = run([
            DecidePayment(
                plan=plan, fingerprint=fingerprint(one.request.intent), now=one.sale.at,
                secrets=SECRETS, chosen=self._chosen_for(one.sale),
            )
            for plan, one in zip(plans, online, strict=True)
        ])  # fmt: skip
        sent = []
        for one, made in zip(online, decided, strict=True):
            if made.attempt is None:
                assert made.answer.outcome is Outcome.APPROVED, made.answer
                continue
            one.number = attempt_number(made.attempt.id)
            sent.append((one, made.attempt))
        run([self._settled(one, attempt) for one, attempt in sent])

    def _settled(self, one: Sold, attempt: Any) -> SettleAttempt:
        intent = one.request.intent
        return SettleAttempt(
            organisation_id=self.town.organisation, payment_id=intent.payment_id,
            order_id=intent.order_id, merchant_id=intent.merchant_id, channel=one.sale.tender,
            attempt_id=attempt.id, said=_word(one), now=one.sale.at + ANSWERS_IN, secrets=SECRETS,
        )  # fmt: skip

    def _book_late(self, late: Sequence[Sold]) -> None:
        """What counters sold offline and could not hand over for a day or two."""
        by_store: dict[int, list[Sold]] = {}
        for one in late:
            by_store.setdefault(one.sale.store, []).append(one)
        for store, theirs in by_store.items():
            acceptances = [
                Acceptance(request=one.request, mode=Mode.OFFLINE, policy_version=1)
                for one in theirs
            ]
            now = max(one.sale.arrives_at for one in theirs)
            commands, follow = self.town.places[store].journal.push(acceptances, now)
            check(run(commands))
            run([follow])

    # --- refunds -------------------------------------------------------------------------

    def _give_back(self, some: Sequence[Sold]) -> None:
        if not some:
            return
        run(plan_refunds([self._refund(one) for one in some]))
        words = [one for one in some if one.sale.tender in CHANNELS]
        run([
            SettleRefund(
                self.town.organisation, one.request.intent.payment_id, one.refund_id,
                Declined("not_enough") if one.sale.put is Put.STATUS else Succeeded("back"),
                one.sale.at + REFUNDS_IN + ANSWERS_IN,
            )
            for one in words if one.refund_id is not None
        ])  # fmt: skip
        self.refunds += len(some)

    def _refund(self, one: Sold) -> Arrived[RefundRequest]:
        back_at = one.sale.at + REFUNDS_IN
        one.refund_id = self._id(back_at)
        intent = one.request.intent
        message = RefundRequest(
            refund_id=one.refund_id, payment_id=intent.payment_id, amount=one.sale.refund_amount,
            tender=intent.tender, reason="spilt", stamp=_stamp(back_at), binding_version=1,
            shift_id=one.request.shift_id,
        )  # fmt: skip
        return self._arrived(message, one, back_at)

    # --- messages ------------------------------------------------------------------------

    def _request(self, sale: Sale) -> PaymentRequest:
        place = self.town.places[sale.store]
        tender, kind, payer, code = self._payer(sale)
        line = Line(
            item="keyed", name="餐", quantity=1, unit_amount=sale.amount, amount=sale.amount
        )
        terminal = place.terminal
        intent = Intent(
            payment_id=self._id(sale.at), organisation_id=self.town.organisation,
            merchant_id=terminal.merchant_id, store_id=terminal.store_id,
            terminal_id=terminal.terminal_id, order_id=self._id(sale.at), tender=tender,
            payer=payer, lines=(line,), total=sale.amount,
        )  # fmt: skip
        live = int(Assurance.FACE_LIVE) if tender is Tender.WALLET else 0
        return PaymentRequest(
            intent=intent, evidence=Evidence(credential=kind, assurance=live),
            stamp=_stamp(sale.at), order_total=sale.amount, auth_code=code, binding_version=1,
            shift_id=place.shift,
        )  # fmt: skip

    def _payer(self, sale: Sale) -> tuple[Tender, CredentialKind, str, str]:
        if sale.tender == WALLET:
            person = self.town.people[sale.person]
            return Tender.WALLET, CredentialKind.FACE, f"person:{person}", ""
        if sale.tender == CASH:
            return Tender.CASH, CredentialKind.NONE, "cash", ""
        code = f"13{self.rng.randrange(10**16):016d}"
        return Tender.CHANNEL, CredentialKind.CHANNEL_CODE, payer_of_code(code), code

    def _arrived(self, message: Any, one: Sold, received_at: datetime) -> Arrived[Any]:
        return Arrived(
            message=message, terminal=self._terminal(one), key_state="active", revoked_at=None,
            bound=True, beyond_head=False, record_id=self._id(received_at),
            received_at=received_at,
        )  # fmt: skip

    def _terminal(self, one: Sold) -> Any:
        return self.town.places[one.sale.store].terminal

    def _id(self, at: datetime) -> UUID:
        return new_id(int(at.timestamp() * 1000), self.rng.randbytes)

    # --- routes --------------------------------------------------------------------------

    def _chosen_for(self, sale: Sale) -> Chosen:
        if sale.tender not in CHANNELS:
            return NOBODY
        merchant = self.town.places[sale.store].terminal.merchant_id
        return self._chosen(merchant, sale.tender, sale.amount)

    def _choose(self, merchant: UUID, channel: str, amount: int) -> Chosen:
        """Choose as `choose_route` does, with the contracts read once."""
        asked = RouteAsked(self.town.organisation, merchant, merchant, amount, channel)
        one = Candidate(channel, frozenset({channel}), True, True, 1.0, 0)
        opened_at = self.town.opened_at
        book = Book(self._contracts[merchant])
        route = choose(asked, [one], book, Moment(opened_at, opened_at.date()))
        return Chosen(route.channel, route.fee_amount, route.as_data(), rate_snapshot(route))


def run(commands: Sequence[Any]) -> list[Any]:
    """Apply commands in one transaction."""
    if not commands:
        return []
    with transaction.atomic():
        return list(apply(connection, commands))


def _word(one: Sold) -> QueryOutcome:
    """What we heard of the attempt."""
    if one.sale.put is Put.LATE_SUCCESS:
        return Unknown("time-out")
    if one.sale.fate == "declined":
        return Declined("no_money")
    if one.sale.fate == "cancelled":
        return Reversed(took_money=True)
    return Succeeded(f"ref{one.number[-12:]}")


def _stamp(at: datetime) -> Stamp:
    return Stamp(corrected_at=at, raw_at=at, boot_id="month", monotonic_s=1.0)
