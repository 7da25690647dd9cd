"""Book a signed acceptance: a fact, since the meal is gone (MONEY §2).

It is always booked. The payer is debited only within the policy that terminal held: each wallet
in spending order to its floor, the rest to debt. What lies outside (a cap, a revoked terminal
beyond its head, a lost card, a frozen person, a used code) is booked suspense → merchant disputed
with one case, and nobody is debited. What the outcome table parks is left to the inbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from domain.authorization import Approve, debit_for, draw_fact
from domain.payment_outcomes import Arrival, Effect, Message, Outcome, outcome
from domain.payment_states import LIVE_PAYMENT_STATES, PaymentEvent, PaymentState, advance
from server.ledger.commands import AccountKey, CounterKey, Decision, Key, Locked, Reader
from server.payments import read_files
from server.payments.accounts import (
    CASH_TAKINGS,
    PAYABLE,
    receivable_account,
)
from server.payments.answers import default_secrets, is_own_approval
from server.payments.arrivals import Arrived, Booked
from server.payments.debits import accepted, claim
from server.payments.draft import Draft
from server.payments.judge_acceptance import Judgement, judge_acceptances
from server.payments.legs import Leg, left_of
from server.payments.moves import end_holds, sell
from server.payments.new_row import new_row, save, save_order
from server.payments.plan import Asked, Objection, Plan, plan_payments
from server.payments.put_open import dispute, put_open, refund_overpay
from server.payments.read_files import OrderFile, PaymentFile
from server.payments.refund_moves import server_state
from server.payments.rows import AcceptanceParked, ParkedRow, PaymentRow
from server.payments.sale import (
    code_used,
    counters_of,
    meal_of,
    sale_accounts,
    sale_legs,
    snapshot_of,
)
from server.runtime import Secrets
from sync.messages import Acceptance, Mode, Status, Tender, fingerprint

UNKNOWN_ROUTE = "unrouted"
"""The channel of an approval that only a counter remembers, until its bill is matched."""


@dataclass(frozen=True, slots=True)
class BookAcceptance:
    """One acceptance. Its decision's answer is `Booked`."""

    arrived: Arrived[Acceptance]
    plan: Plan
    judgement: Judgement
    fingerprint: bytes
    is_server_approved: bool
    now: datetime

    organisation_id: UUID = field(init=False)
    payment_key: Key = field(init=False)
    order_key: Key = field(init=False)
    keys: Sequence[Key] = field(init=False, repr=False)
    counters: Sequence[CounterKey] = field(init=False, repr=False)
    accounts: Sequence[AccountKey] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Name once what the ledger asks for several times per batch."""
        organisation, intent = self.arrived.terminal.organisation_id, self.plan.request.intent
        payment = Key(organisation, read_files.PAYMENT, intent.payment_id)
        order = Key(organisation, read_files.ORDER, intent.order_id)
        for name, value in (
            ("organisation_id", organisation),
            ("payment_key", payment),
            ("order_key", order),
            ("counters", counters_of(self.plan)),
            ("accounts", tuple(sale_accounts(self.plan))),
        ):
            object.__setattr__(self, name, value)
        codes = () if self.plan.code is None else (self._code_key(),)
        object.__setattr__(self, "keys", (payment, order, *codes))

    def _code_key(self) -> Key:
        code = self.plan.code
        assert code is not None
        return read_files.code_key(self.organisation_id, code.certificate_id, code.nonce)

    @property
    def reader(self) -> Reader | None:
        """The reader of all of this app's commands."""
        return read_files.read_files

    def decide(self, locked: Locked) -> Decision:
        """Do what the table says of an acceptance."""
        draft = Draft(locked, self.organisation_id, self.now)
        file: PaymentFile = locked.rows.get(self.payment_key) or PaymentFile()
        row = file.payment
        if row is not None and self._is_decided(row):
            decided = Outcome(Effect.FACT, PaymentState.SUCCEEDED, files_acceptance=True)
            return self._book(draft, file, decided)
        said = outcome(server_state(row, self.plan.request.intent.tender.value), self._arrival(row))
        if said.effect is Effect.PARK:
            return self._park(draft, row, said)
        if said.effect is Effect.REPLAY:
            return self._replay(draft, row, said)
        return self._book(draft, file, said)

    def _arrival(self, row: PaymentRow | None) -> Arrival:
        is_same = row is None or row.fingerprint in (self.fingerprint, b"")
        return Arrival(
            Message.ACCEPTANCE_SAME if is_same else Message.ACCEPTANCE_OTHER,
            is_own_terminal=row is None or row.terminal == self.arrived.terminal.terminal_id,
            is_server_approved=self.is_server_approved,
            unbookable_code=self.judgement.unbookable_code,
        )

    def _is_decided(self, row: PaymentRow) -> bool:
        """A person decides what is parked; booking it must have become possible meanwhile."""
        return (
            self.arrived.is_decided
            and row.state is PaymentState.PARKED
            and row.fingerprint == self.fingerprint
            and self.judgement.unbookable_code is None
        )

    # --- not booked ----------------------------------------------------------------------

    def _park(self, draft: Draft, row: PaymentRow | None, said: Outcome) -> Decision:
        """Leave the record to the inbox; remember it when its channel may still decide it."""
        code = said.code or "payments.unbookable"
        if row is None:
            row = new_row(self.plan, self.fingerprint, self.arrived.message.mode, self.now)
            state = advance(row.state, PaymentEvent.PARK)
            save(draft, replace(row, state=state, parked_code=code), is_new=True)
            return draft.decision(Booked(Status.PARKED, code))
        if said.code in ("tenders.not_offline", "payments.reversing"):
            known = draft.locked.rows.get(self.payment_key) or PaymentFile()
            record = self.arrived.record_id
            if all(parked.id != record for parked in known.parked):
                parked = ParkedRow(
                    record, row.organisation, row.id, code, self.is_server_approved, self.now
                )
                draft.effect(("parked", record), AcceptanceParked(parked, True))
            return draft.decision(Booked(Status.PARKED, code))
        return Decision(Booked(Status.PARKED, code), forgets=tuple(draft.locked.fresh))

    def _replay(self, draft: Draft, row: PaymentRow | None, said: Outcome) -> Decision:
        assert row is not None
        if said.files_acceptance and not row.acceptance_on_file:
            save(draft, replace(row, acceptance_on_file=True), is_new=False)
        if row.state is PaymentState.PARKED:
            return Decision(Booked(Status.PARKED, said.code or row.parked_code))
        balances = draft.balances(self.accounts)
        return draft.decision(Booked(Status.REPLAYED, said.code or "", balances))

    # --- FACT ----------------------------------------------------------------------------

    def _book(self, draft: Draft, file: PaymentFile, said: Outcome) -> Decision:
        order: OrderFile = draft.locked.rows.get(self.order_key) or OrderFile()
        row = self._row(file.payment)
        save_order(draft, self.plan, order)
        is_at_bank = row.channel != "" and row.tender == Tender.WALLET
        if is_at_bank and row.state in LIVE_PAYMENT_STATES:
            row = accepted(draft, row, file)
        elif said.effect is Effect.POST_HOLD_THEN_FACT:
            row = self._post_hold(draft, row)
        elif said.effect is Effect.FACT_DISPUTED:
            assert said.case is not None
            row = dispute(draft, row, said.case, "tenders.not_offline")
        else:
            row = self._fact(draft, row)
            row = self._claimed(draft, row, file)
        if said.effect is Effect.FACT and said.case is not None:
            draft.case(said.case, "payment", row.id, row.left_amount, row.terminal)
        row = replace(
            row, acceptance_on_file=True, policy_version=self.arrived.message.policy_version
        )
        if self.plan.is_clock_impossible:
            draft.case("clock_impossible", "payment", row.id, row.total_amount, row.terminal)
        row = refund_overpay(draft, row, self._order_now(order))
        row = put_open(draft, row, file)
        save(draft, row, is_new=file.payment is None)
        balances = draft.balances(self.accounts)
        kinds = tuple(draft.case_kinds)
        return draft.decision(Booked(Status.APPLIED, "", balances, kinds))

    def _row(self, present: PaymentRow | None) -> PaymentRow:
        """The row to book: as accepted, with what an earlier life of the id has left behind."""
        acceptance = self.arrived.message
        row = new_row(self.plan, self.fingerprint, acceptance.mode, self.now)
        if self.plan.charge_amount is not None and acceptance.mode is Mode.OFFLINE:
            row = replace(row, price_amount=self.plan.charge_amount)
        row = replace(row, given_amount=acceptance.given_amount)
        if present is None:
            return row
        return replace(
            row,
            state=present.state,
            refunded_amount=present.refunded_amount,
            line_refunds=present.line_refunds,
            legs=present.legs,
            merchant_side=present.merchant_side,
            channel=present.channel,
            cancellation_on_file=present.cancellation_on_file,
        )

    def _order_now(self, order: OrderFile) -> OrderFile:
        """The order as `save_order` leaves it."""
        if order.order is None or not order.taken_amount(
            self.plan.request.intent.payment_id, PaymentState.SUBMITTED, PaymentState.SUCCEEDED
        ):
            return OrderFile(None, {})
        return order

    def _post_hold(self, draft: Draft, row: PaymentRow) -> PaymentRow:
        """Post what was held, and draw the rest of the total as a fact."""
        end_holds(draft, row, posted=True)
        rest = row.total_amount - left_of(row.legs)
        legs = (*row.legs, *self._drawn(draft, rest)) if rest > 0 else row.legs
        return sell(draft, row, legs, row.merchant_side, PaymentEvent.ACCEPT_FACT)

    def _fact(self, draft: Draft, row: PaymentRow) -> PaymentRow:
        objection = self._objection(draft)
        if objection is not None:
            return dispute(draft, replace(row, portions=0), objection.case, objection.code)
        if row.tender == Tender.CHANNEL:
            return self._channel_fact(draft, row)
        self._count(draft, row)
        if self.plan.code is not None:
            if self._code_key() not in draft.locked.rows:
                draft.effect(("code", row.id), code_used(self.plan, self._code_key()))
        if row.tender == Tender.CASH:
            amount = row.left_amount
            legs, side = sale_legs(self.plan, Approve())
            legs = tuple(replace(leg, amount=amount, units=amount) for leg in legs if amount)
            assert side == CASH_TAKINGS
            return sell(draft, row, legs, side, PaymentEvent.ACCEPT_FACT)
        legs = self._drawn(draft, row.left_amount)
        return sell(draft, row, legs, PAYABLE, PaymentEvent.ACCEPT_FACT)

    def _claimed(self, draft: Draft, row: PaymentRow, file: PaymentFile) -> PaymentRow:
        """Have the payer's bank asked for what no purse could pay; once in a payment's life."""
        mandate, request = self.plan.mandate, self.plan.request
        if mandate is None or file.attempts or not row.debt_amount:
            return row
        debit = debit_for(
            snapshot_of(draft, self.plan),
            row.debt_amount,
            merchant_id=self.arrived.terminal.merchant_id,
            meal_period=request.meal_period or None,
            at=self.plan.occurred_at,
        )
        return row if debit is None else claim(draft, row, debit, mandate)

    def _objection(self, draft: Draft) -> Objection | None:
        """Why nobody is debited; the server's own approval stands above what it forgot."""
        if self.plan.code is not None:
            used_by = draft.locked.rows.get(self._code_key())
            if used_by not in (None, self.plan.request.intent.payment_id):
                return Objection("codes.replayed", "code_replayed")
        if self.is_server_approved and self.plan.payer is not None:
            return None
        return self.judgement.objection

    def _count(self, draft: Draft, row: PaymentRow) -> None:
        meal = meal_of(self.plan)
        if meal is None or not row.portions:
            return
        if draft.count(meal, row.portions, row.id):
            draft.case("over_entitlement", "payment", row.id, row.total_amount, row.terminal)

    def _drawn(self, draft: Draft, amount: int) -> tuple[Leg, ...]:
        request = self.plan.request
        verdict = draw_fact(
            snapshot_of(draft, self.plan),
            amount,
            merchant_id=self.arrived.terminal.merchant_id,
            meal_period=request.meal_period or None,
            at=self.plan.occurred_at,
        )
        legs, _ = sale_legs(self.plan, verdict)
        return legs

    def _channel_fact(self, draft: Draft, row: PaymentRow) -> PaymentRow:
        """A channel's approval that we gave and forgot: the channel owes it to us."""
        if row.state is not PaymentState.NOTHING:
            # The channel has meanwhile proved that it holds nothing of this payment
            return dispute(draft, row, "accepted_channel_offline", "tenders.not_offline")
        channel = row.channel or UNKNOWN_ROUTE
        receivable = receivable_account(row.organisation, channel)
        legs = (Leg(receivable, row.left_amount, row.left_amount),) if row.left_amount else ()
        row = replace(row, channel=channel)
        return sell(draft, row, legs, PAYABLE, PaymentEvent.ACCEPT_FACT)


def plan_acceptances(
    items: Sequence[Arrived[Acceptance]], secrets: Secrets | None = None
) -> list[BookAcceptance]:
    """Plan the booking of any number of acceptances, in order, with one set of reads."""
    secrets = secrets or default_secrets()
    asked = [Asked(item.terminal, item.message.request, item.received_at) for item in items]
    plans = plan_payments(asked)
    judgements = judge_acceptances(items, plans)
    return [
        _command(item, plan, judgement, secrets)
        for item, plan, judgement in zip(items, plans, judgements, strict=True)
    ]


def _command(
    item: Arrived[Acceptance], plan: Plan, judgement: Judgement, secrets: Secrets
) -> BookAcceptance:
    intent = item.message.request.intent
    print_ = fingerprint(intent)
    is_approved = is_own_approval(
        secrets, item.terminal.organisation_id, intent.payment_id, print_,
        item.message.server_mac,
    )  # fmt: skip
    return BookAcceptance(item, plan, judgement, print_, is_approved, item.received_at)
