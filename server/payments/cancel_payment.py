"""End a payment: the counter's signed cancellation, or the server's own.

- An id that nobody has seen becomes a tombstone: a request that comes later finds it cancelled.
- An own tender is undone in this commit: holds end, what refunds have left goes back.
- A channel is asked to reverse until its word is definite and confirmed (`resolve_payment`).
- With the acceptance on file the two records contradict each other: parked, a person decides.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from domain.payment_outcomes import Arrival, Effect, Message, Outcome, outcome
from domain.payment_states import (
    LIVE_ATTEMPT_STATES,
    AttemptEvent,
    AttemptState,
    PaymentEvent,
    PaymentState,
    advance,
)
from server.http import TerminalIdentity
from server.ledger.commands import AccountKey, CounterKey, Decision, Key, Locked, Reader
from server.merchants.read_stores import read_stores
from server.payments import read_files
from server.payments.arrivals import Arrived, Booked
from server.payments.draft import Draft
from server.payments.models import Payment
from server.payments.moves import end_holds, give_portions_back, repay_debt, undo
from server.payments.new_row import save
from server.payments.plan import business_days, clamp
from server.payments.put_open import put_open
from server.payments.read_files import PaymentFile
from server.payments.refund_moves import undoing_state
from server.payments.rows import AttemptSaved, PaymentRow
from server.payments.schedule import RESOLVE_KIND, earliest_reversal, gate_of
from server.work.effects import DueRow
from sync.messages import Cancellation, Status

BY_COUNTER: Final = "counter"
BY_SERVER: Final = "server"


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """One cancellation. `terminal` None: the server cancels by itself, and nothing is on file.

    Its decision's answer is `Booked`.
    """

    organisation_id: UUID
    payment_id: UUID
    order_id: UUID
    fingerprint: bytes
    terminal: TerminalIdentity | None
    occurred_at: datetime
    business_on: date
    booked_on: date
    now: datetime
    is_decided: bool = False
    """A person has decided that a parked payment is not to be booked."""

    @property
    def keys(self) -> Sequence[Key]:
        """The payment and its order."""
        return (
            Key(self.organisation_id, read_files.PAYMENT, self.payment_id),
            Key(self.organisation_id, read_files.ORDER, self.order_id),
        )

    @property
    def counters(self) -> Sequence[CounterKey]:
        """Known only under the lock: asked for then."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """Known only under the lock: asked for then."""
        return ()

    @property
    def reader(self) -> Reader | None:
        """The reader of all of this app's commands."""
        return read_files.read_files

    def decide(self, locked: Locked) -> Decision:
        """Do what the table says of a cancellation."""
        draft = Draft(locked, self.organisation_id, self.now)
        file: PaymentFile = locked.rows.get(self.keys[0]) or PaymentFile()
        row = file.payment
        if row is not None and not self._is_same(row):
            return Decision(Booked(Status.PARKED, "payments.key_reused"))
        if row is None and self.terminal is None:
            return Decision(Booked(Status.REJECTED, "payments.not_found"))
        if row is not None and self.is_decided and row.state is PaymentState.PARKED:
            return self._end(draft, file, row, Outcome(Effect.CANCEL, PaymentState.CANCELLED))
        said = outcome(
            undoing_state(row),
            Arrival(Message.CANCELLATION, is_own_terminal=self._is_own(row)),
        )
        if said.effect is Effect.PARK or said.effect is Effect.ATTACH:
            return Decision(Booked(Status.PARKED, said.code or "payments.under_review"))
        if row is None:
            return self._tombstone(draft, file)
        return self._end(draft, file, row, said)

    def _is_same(self, row: PaymentRow) -> bool:
        return b"" in (self.fingerprint, row.fingerprint) or row.fingerprint == self.fingerprint

    def _is_own(self, row: PaymentRow | None) -> bool:
        if row is None or self.terminal is None:
            return True
        return row.terminal == self.terminal.terminal_id

    def _tombstone(self, draft: Draft, file: PaymentFile) -> Decision:
        terminal = self.terminal
        assert terminal is not None
        row = PaymentRow(
            id=self.payment_id,
            organisation=self.organisation_id,
            order=self.order_id,
            merchant=terminal.merchant_id,
            store=terminal.store_id,
            terminal=terminal.terminal_id,
            binding_version=terminal.binding_version,
            tender="wallet",
            payer="",
            person=None,
            masked_name="",
            credential="none",
            assurance=0,
            total_amount=0,
            state=advance(PaymentState.NOTHING, PaymentEvent.CANCEL),
            fingerprint=self.fingerprint,
            mode="offline",
            occurred_at=self.occurred_at,
            received_at=self.now,
            changed_at=self.now,
            business_on=self.business_on,
            booked_on=self.booked_on,
            cancelled_by=BY_COUNTER,
            cancellation_on_file=True,
        )
        row = put_open(draft, row, file)
        save(draft, row, is_new=True)
        return draft.decision(Booked(Status.APPLIED))

    def _end(self, draft: Draft, file: PaymentFile, row: PaymentRow, said: Outcome) -> Decision:
        before = row
        row = self._carry_out(draft, file, row, said)
        if said.files_cancellation and self.terminal is not None:
            row = replace(row, cancellation_on_file=True)
        if row.state is not before.state:
            by = BY_SERVER if self.terminal is None else BY_COUNTER
            row = put_open(draft, replace(row, cancelled_by=by, changed_at=self.now), file)
        if row != before:
            save(draft, row, is_new=False)
        is_replay = said.effect is Effect.REPLAY
        status = Status.REPLAYED if is_replay else Status.APPLIED
        return draft.decision(Booked(status, "", draft.balances(), tuple(draft.case_kinds)))

    def _carry_out(
        self, draft: Draft, file: PaymentFile, row: PaymentRow, said: Outcome
    ) -> PaymentRow:
        if said.effect is Effect.CANCEL:
            if row.state is PaymentState.SUBMITTED:
                end_holds(draft, row, posted=False)
                repay_debt(draft, row)
                row = give_portions_back(draft, row)
            return replace(row, state=advance(row.state, PaymentEvent.CANCEL), legs=())
        if said.effect is Effect.REVERSE:
            return undo(draft, row, PaymentEvent.REVERSAL_CONFIRMED)
        if said.effect is Effect.REQUEST_REVERSAL and not file.attempts:
            # Nobody has opened the order: no channel has heard of it
            return replace(row, state=advance(row.state, PaymentEvent.CANCEL))
        if said.effect is Effect.REQUEST_REVERSAL:
            return request_reversal(draft, file, row)
        assert said.effect is Effect.REPLAY, f"a cancellation cannot {said.effect}"
        return row


def request_reversal(draft: Draft, file: PaymentFile, row: PaymentRow) -> PaymentRow:
    """Put a channel's payment on the way back; the channel itself is asked after the commit."""
    for attempt in file.attempts:
        can_be_undone = {*LIVE_ATTEMPT_STATES, AttemptState.SUCCEEDED}
        if attempt.state in can_be_undone and attempt.state is not AttemptState.REVERSING:
            reversing = advance(attempt.state, AttemptEvent.REVERSE)
            undone = replace(attempt, state=reversing, changed_at=draft.now, tries=0)
            draft.effect(("attempt", attempt.id), AttemptSaved(undone, False))
            due_at = max(draft.now, earliest_reversal(attempt))
            due = DueRow(
                attempt.id, row.organisation, RESOLVE_KIND, attempt.id, due_at,
                gate=gate_of(attempt.channel),
            )  # fmt: skip
            draft.effect(("due", attempt.id), due)
    state = advance(row.state, PaymentEvent.REVERSE)
    return replace(row, state=state, changed_at=draft.now)


def plan_cancellations(items: Sequence[Arrived[Cancellation]]) -> list[CancelPayment]:
    """Plan any number of signed cancellations, in order."""
    commands = []
    for item in items:
        terminal, message = item.terminal, item.message
        stores = read_stores(terminal.organisation_id, [terminal.store_id])
        occurred_at = clamp(message.stamp.corrected_at, item.received_at)
        store = stores.get(terminal.store_id)
        business_on, booked_on = business_days(store, occurred_at, item.received_at)
        commands.append(
            CancelPayment(
                organisation_id=terminal.organisation_id,
                payment_id=message.payment_id,
                order_id=message.order_id,
                fingerprint=message.fingerprint,
                terminal=terminal,
                occurred_at=occurred_at,
                business_on=business_on,
                booked_on=booked_on,
                now=item.received_at,
            )
        )
    return commands


def cancel_payment(organisation_id: UUID, payment_id: UUID, *, now: datetime) -> CancelPayment:
    """Return the command by which the server itself ends a payment (a console, a hold's end).

    Raises `Payment.DoesNotExist` for an unknown id: the server has nothing to cancel then.
    """
    payment = Payment.objects.get(organisation=organisation_id, id=payment_id)
    return CancelPayment(
        organisation_id=organisation_id,
        payment_id=payment_id,
        order_id=payment.order,
        fingerprint=b"",
        terminal=None,
        occurred_at=now,
        business_on=payment.business_on,
        booked_on=payment.booked_on,
        now=now,
    )


def close_parked(organisation_id: UUID, payment_id: UUID, *, now: datetime) -> CancelPayment | None:
    """Return the command that ends a parked payment which a person wrote off or booked anew.

    None when the id is not parked: then there is nothing to end. What waits for it is answered.
    """
    parked = Payment.objects.filter(organisation=organisation_id, id=payment_id, state="parked")
    if not parked.exists():
        return None
    return dataclasses.replace(
        cancel_payment(organisation_id, payment_id, now=now), is_decided=True
    )
