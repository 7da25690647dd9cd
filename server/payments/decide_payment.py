"""The command of one online request: decided once, under the locks, from the outcome table.

- The table (`domain.payment_outcomes`) says what an id that is known already answers; only an
  unknown id is decided here.
- A decline is stored in the same commit. What needs a second factor, has another price or is
  refused stores nothing at all, so the same id may come again.
- A channel tender is stored as submitted with its attempt; the call comes after the commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from domain import authorization
from domain.authorization import (
    AccountSnapshot,
    Approve,
    Decline,
    NeedSecondFactor,
    Shortfall,
)
from domain.offline_policy import Assurance, OfflinePolicy
from domain.payment_outcomes import Arrival, Effect, Message, Outcome, outcome
from domain.payment_states import AttemptState, PaymentEvent, advance
from server.ledger.commands import AccountKey, CounterKey, Decision, Key, Locked, Reader
from server.payments import answers, read_files
from server.payments.choose_channel import NOBODY, Chosen
from server.payments.debits import DEBT_LIMIT, MAY_OWE, ask_bank
from server.payments.draft import Draft
from server.payments.legs import Leg
from server.payments.moves import hold, sell
from server.payments.new_row import money_on, new_row, save, save_order
from server.payments.plan import Plan
from server.payments.put_open import put_open
from server.payments.read_files import OrderFile, PaymentFile
from server.payments.refund_moves import server_state
from server.payments.rows import AttemptRow, AttemptSaved, PaymentRow
from server.payments.sale import (
    code_used,
    complete_due,
    counters_of,
    meal_of,
    sale_accounts,
    sale_legs,
    snapshot_of,
)
from server.payments.schedule import EXPIRE_KIND, FIRST_LOOK, ORDER_LIFE, RESOLVE_KIND, gate_of
from server.runtime import Secrets
from server.work.effects import DueRow
from sync import messages
from sync.messages import Mode, PaymentAnswer, Tender

HOLD_FOR: Final = timedelta(seconds=120)
"""A hold waits this long for the rest of its order: two provider time-outs and some slack."""
WRONG_PINS: Final = 5
"""Wrong PINs of one person in a day; then only another credential helps until tomorrow."""
POLICY: Final = authorization.Policy(
    OfflinePolicy(version=0, caps={}, terminal_count=0, terminal_amount=0, max_age_s=0)
)
"""What stands above a payment that the server decides: nothing of it is offline."""


class Decided(Struct, frozen=True):
    """The answer, and the attempt that has to be sent to its channel after the commit."""

    answer: PaymentAnswer
    attempt: AttemptRow | None = None


@dataclass(frozen=True, slots=True)
class DecidePayment:
    """One request. `is_pin_right` is None unless a PIN was given; `chosen`: its channel."""

    plan: Plan
    fingerprint: bytes
    now: datetime
    secrets: Secrets = field(repr=False)
    is_pin_right: bool | None = None
    chosen: Chosen = NOBODY

    organisation_id: UUID = field(init=False)
    payment_key: Key = field(init=False)
    order_key: Key = field(init=False)
    keys: Sequence[Key] = field(init=False, repr=False)
    counters: Sequence[CounterKey] = field(init=False, repr=False)
    accounts: Sequence[AccountKey] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Name once what the ledger asks for several times per batch."""
        organisation, intent = self.plan.asked.terminal.organisation_id, self.plan.request.intent
        payment = Key(organisation, read_files.PAYMENT, intent.payment_id)
        order = Key(organisation, read_files.ORDER, intent.order_id)
        pins = self._wrong_pins()
        for name, value in (
            ("organisation_id", organisation),
            ("payment_key", payment),
            ("order_key", order),
            ("keys", (payment, order, *_keys_of_payer(self.plan))),
            ("counters", counters_of(self.plan) + ((pins,) if pins is not None else ())),
            ("accounts", tuple(sale_accounts(self.plan))),
        ):
            object.__setattr__(self, name, value)

    def _wrong_pins(self) -> CounterKey | None:
        """How often this person's PIN was typed wrong today; counted only when one was given."""
        payer = self.plan.payer
        if payer is None or self.is_pin_right is None:
            return None
        organisation = self.plan.asked.terminal.organisation_id
        window = self.plan.booked_on.isoformat()
        return CounterKey(
            organisation, f"person:{payer.person_id}", "wrong_pin", window, WRONG_PINS
        )

    def _code_key(self) -> Key:
        code = self.plan.code
        assert code is not None
        return read_files.code_key(self.organisation_id, code.certificate_id, code.nonce)

    @property
    def reader(self) -> Reader | None:
        """The reader of all of this app's commands."""
        return read_files.read_files

    def decide(self, locked: Locked) -> Decision:
        """Answer by the table; decide an id that is new."""
        draft = Draft(locked, self.organisation_id, self.now)
        file: PaymentFile = locked.rows.get(self.payment_key) or PaymentFile()
        row = file.payment
        said = outcome(
            server_state(row, self.plan.request.intent.tender.value),
            Arrival(self._column(row), is_own_terminal=self._is_own(row)),
        )
        if said.effect is Effect.DECIDE:
            return self._decide_new(draft, file)
        if said.effect is Effect.PRESENT_STATE and row is not None:
            return self._nothing(draft, self._present(draft, row, file))
        return self._nothing(draft, self._refusal(said))

    def _column(self, row: PaymentRow | None) -> Message:
        is_same = row is None or row.fingerprint in (self.fingerprint, b"")
        return Message.ONLINE_SAME if is_same else Message.ONLINE_OTHER

    def _is_own(self, row: PaymentRow | None) -> bool:
        return row is None or row.terminal == self.plan.asked.terminal.terminal_id

    def _present(self, draft: Draft, row: PaymentRow, file: PaymentFile) -> PaymentAnswer:
        attempt = file.attempts[-1] if file.attempts else None
        balances = draft.balances(self.accounts) if row.person is not None else ()
        return answers.present(row, self.secrets, attempt=attempt, balances=balances)

    def _refusal(self, said: Outcome) -> PaymentAnswer:
        code = said.code or "payments.key_reused"
        outcomes = {
            "payments.key_reused": messages.Outcome.KEY_REUSED,
            "payments.under_review": messages.Outcome.UNDER_REVIEW,
        }
        return self._unstored(outcomes.get(code, messages.Outcome.REFUSED), code)

    def _unstored(self, said: messages.Outcome, code: str, total: int = 0) -> PaymentAnswer:
        intent = self.plan.request.intent
        return PaymentAnswer(
            payment_id=intent.payment_id, outcome=said, code=code, total=total or intent.total
        )

    def _nothing(self, draft: Draft, answer: PaymentAnswer) -> Decision:
        return Decision(Decided(answer), forgets=tuple(draft.locked.fresh))

    # --- an id that is new ---------------------------------------------------------------

    def _decide_new(self, draft: Draft, file: PaymentFile) -> Decision:
        order: OrderFile = draft.locked.rows.get(self.order_key) or OrderFile()
        unstored = self._objection_to_store(order)
        if unstored is not None:
            return self._nothing(draft, unstored)
        row = new_row(self.plan, self.fingerprint, Mode.ONLINE, self.now)
        verdict = self._verdict(draft, order)
        if isinstance(verdict, NeedSecondFactor):
            return self._need_factor(draft, verdict)
        total = save_order(draft, self.plan, order)
        attempt = None
        if isinstance(verdict, Decline):
            row = replace(row, state=advance(row.state, PaymentEvent.DECLINE), code=verdict.code)
        elif row.credential == answers.PAYEE_CODE:
            row = self._await_payer(draft, row)
        elif row.tender == Tender.CHANNEL:
            row, attempt = self._submit(draft, row)
        else:
            row, attempt = self._approve(draft, row, verdict, total - money_on(order, row.id))
        row = put_open(draft, row, file)
        save(draft, row, is_new=True)
        answer = answers.present(
            row, self.secrets, attempt=attempt, balances=draft.balances(self.accounts)
        )
        return draft.decision(Decided(answer, attempt))

    def _need_factor(self, draft: Draft, verdict: NeedSecondFactor) -> Decision:
        """Ask again; the id stays free, only a wrong PIN is counted."""
        counter = self._wrong_pins()
        if counter is not None and verdict.code == "pins.wrong":
            draft.count(counter, 1, self.plan.request.intent.payment_id)
        answer = self._unstored(messages.Outcome.NEED_SECOND_FACTOR, verdict.code)
        return draft.decision(Decided(answer), forgets=draft.locked.fresh)

    def _pin_objection(self, draft: Draft) -> NeedSecondFactor | None:
        counter = self._wrong_pins()
        if counter is not None and draft.locked.counters[counter] >= WRONG_PINS:
            return NeedSecondFactor("pins.locked")
        return NeedSecondFactor("pins.wrong") if self.is_pin_right is False else None

    def _objection_to_store(self, order: OrderFile) -> PaymentAnswer | None:
        """What is answered without storing anything."""
        plan, intent = self.plan, self.plan.request.intent
        if plan.price_objection and plan.objection is None:
            return self._unstored(messages.Outcome.REFUSED, plan.price_objection)
        if plan.charge_amount is not None and plan.charge_amount != intent.total:
            said = messages.Outcome.REPRICED
            return self._unstored(said, "prices.changed", plan.charge_amount)
        known = order.order
        if (
            known is not None
            and known.total_amount != plan.request.order_total
            and money_on(order, intent.payment_id)
        ):
            return self._unstored(messages.Outcome.REFUSED, "payments.order_total")
        return None

    def _verdict(self, draft: Draft, order: OrderFile) -> Approve | Decline | NeedSecondFactor:
        plan, intent = self.plan, self.plan.request.intent
        if money_on(order, intent.payment_id) + intent.total > plan.request.order_total:
            return Decline("payments.overpaid")
        if plan.objection is not None:
            return Decline(plan.objection.code)
        if plan.store is None:
            return Decline("tenders.not_accepted")
        if plan.store.not_selling_code:
            return Decline(plan.store.not_selling_code)
        if intent.tender is Tender.CASH and plan.request.shift_id is None:
            return Decline("shifts.none_open")
        if intent.tender is not Tender.WALLET:
            return Approve()
        return self._wallet_verdict(draft)

    def _wallet_verdict(self, draft: Draft) -> Approve | Decline | NeedSecondFactor:
        plan = self.plan
        payer = plan.payer
        assert payer is not None, "a wallet without a payer has an objection"
        assert plan.store is not None
        if plan.store.agreement_on(plan.business_on) is None:
            return Decline("tenders.not_accepted")
        if plan.asked.terminal.site_id not in payer.site_ids:
            return Decline("people.not_entitled_here")
        if plan.code is not None and self._code_key() in draft.locked.rows:
            return Decline("codes.replayed")
        pin = self._pin_objection(draft)
        if pin is not None:
            return pin
        said = authorization.decide(POLICY, self._snapshot(draft), self._request())
        if isinstance(said, authorization.NeedServer):
            raise AssertionError(f"the server was told to ask the server: {said.code}")
        return said

    def _snapshot(self, draft: Draft) -> AccountSnapshot:
        payer = self.plan.payer
        assert payer is not None
        person = draft.person_now(payer.person_id)
        state = person.state if person is not None else payer.state
        return snapshot_of(draft, self.plan, state)

    def _request(self) -> authorization.Request:
        request = self.plan.request
        is_number = request.evidence.credential is messages.CredentialKind.NUMBER
        is_done = bool(self.is_pin_right) or (
            bool(request.evidence.second_factor) and not is_number
        )
        return authorization.Request(
            amount=request.intent.total,
            tender=authorization.Tender.WALLET,
            assurance=Assurance.NUMBER if is_number else self.plan.assurance,
            merchant_id=self.plan.asked.terminal.merchant_id,
            at=self.plan.occurred_at,
            mode=authorization.Mode.ONLINE,
            meal_period=request.meal_period or None,
            portions=self.plan.portions,
            is_second_factor_done=is_done,
        )

    def _approve(
        self, draft: Draft, row: PaymentRow, verdict: Approve, free_amount: int
    ) -> tuple[PaymentRow, AttemptRow | None]:
        """Post the sale, or hold it while the rest of its order, or its bank, has not paid."""
        legs, side = sale_legs(self.plan, verdict)
        is_partial = row.tender == Tender.WALLET and row.total_amount < free_amount
        if is_partial and (verdict.debt_amount or verdict.debit):
            # Neither can be held: it would be owed or debited before the meal is handed over
            state = advance(row.state, PaymentEvent.DECLINE)
            return replace(row, state=state, code="wallets.insufficient"), None
        meal = meal_of(self.plan)
        if meal is not None and row.portions:
            draft.count(meal, row.portions, row.id)
        if self.plan.code is not None:
            draft.effect(("code", row.id), code_used(self.plan, self._code_key()))
        if is_partial:
            draft.effect(("complete", row.order), complete_due(row, self.now + HOLD_FOR))
            return hold(draft, row, legs, side), None
        if verdict.debit is not None:
            return self._ask_bank(draft, row, legs, verdict)
        if row.total_amount < self.plan.request.order_total:
            draft.effect(("complete", row.order), complete_due(row, self.now))
        return sell(draft, row, legs, side, PaymentEvent.SUCCEED), None

    def _ask_bank(
        self, draft: Draft, row: PaymentRow, legs: tuple[Leg, ...], verdict: Approve
    ) -> tuple[PaymentRow, AttemptRow]:
        """Hold the purses; the bank is asked for the rest after the commit."""
        payer, mandate = self.plan.payer, self.plan.mandate
        assert payer is not None
        assert mandate is not None
        assert verdict.debit is not None
        limit = payer.debt_limit_amount if payer.shortfall is Shortfall.OVERDRAW else None
        may_owe = {MAY_OWE: verdict.is_debt_allowed, DEBT_LIMIT: limit}
        return ask_bank(draft, row, legs, verdict.debit, mandate, may_owe)

    def _await_payer(self, draft: Draft, row: PaymentRow) -> PaymentRow:
        """Wait for whoever scans the counter's code; nothing is asked of a channel yet."""
        due_at = self.now + ORDER_LIFE
        due = DueRow(row.id, row.organisation, EXPIRE_KIND, row.id, due_at)
        draft.effect(("expire", row.id), due)
        return replace(row, state=advance(row.state, PaymentEvent.SUBMIT))

    def _submit(self, draft: Draft, row: PaymentRow) -> tuple[PaymentRow, AttemptRow]:
        attempt = AttemptRow(
            id=uuid5(row.id, "attempt/1"),
            organisation=row.organisation,
            payment=row.id,
            channel=self.chosen.channel,
            amount=row.total_amount,
            state=AttemptState.SUBMITTED,
            submitted_at=self.now,
            changed_at=self.now,
            route=dict(self.chosen.route),
        )
        draft.effect(("attempt", attempt.id), AttemptSaved(attempt, True))
        due_at = self.now + FIRST_LOOK
        due = DueRow(
            attempt.id, row.organisation, RESOLVE_KIND, attempt.id, due_at,
            gate=gate_of(attempt.channel),
        )  # fmt: skip
        draft.effect(("due", attempt.id), due)
        state = advance(row.state, PaymentEvent.SUBMIT)
        chosen = self.chosen
        row = replace(
            row,
            state=state,
            channel=chosen.channel,
            fee_amount=chosen.fee_amount,
            rate=dict(chosen.rate),
        )
        return row, attempt


def _keys_of_payer(plan: Plan) -> list[Key]:
    """The person and the wallet code, when there are any."""
    organisation, keys = plan.asked.terminal.organisation_id, []
    if plan.payer is not None:
        person_id = plan.payer.person_id
        keys.append(Key(organisation, read_files.PERSON, person_id, is_read_only=True))
    if plan.code is not None:
        code = plan.code
        keys.append(read_files.code_key(organisation, code.certificate_id, code.nonce))
    return keys
