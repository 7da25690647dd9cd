"""The command by which a payer's choice opens an order at one channel.

- One live attempt a payment: the same choice again is the same attempt, whose channel is asked
  again under the same number; another choice waits until the first is definite.
- The attempt ends with its order: what nobody paid by then is reversed like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from msgspec.structs import replace

from domain.errors import Refused
from domain.payment_states import LIVE_ATTEMPT_STATES, AttemptState, PaymentState
from server.ledger.commands import AccountKey, CounterKey, Decision, Key, Locked, Reader
from server.payments import answers, read_files
from server.payments.answers import PAYEE_CODE
from server.payments.choose_channel import Chosen
from server.payments.decide_payment import Decided
from server.payments.draft import Draft
from server.payments.new_row import save
from server.payments.read_files import PaymentFile
from server.payments.rows import AttemptRow, AttemptSaved, PaymentRow
from server.payments.schedule import FIRST_LOOK, ORDER_LIFE, RESOLVE_KIND, gate_of
from server.runtime import Secrets
from server.work.effects import DueRow


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """One choice. Its decision's answer is `Decided`, or `Refused` when it cannot be."""

    organisation_id: UUID
    payment_id: UUID
    chosen: Chosen
    way: str
    now: datetime
    secrets: Secrets = field(repr=False)

    @property
    def keys(self) -> Sequence[Key]:
        """The payment."""
        return (Key(self.organisation_id, read_files.PAYMENT, self.payment_id),)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """None: nothing is posted before the channel has the money."""
        return ()

    @property
    def reader(self) -> Reader | None:
        """The reader of all of this app's commands."""
        return read_files.read_files

    def decide(self, locked: Locked) -> Decision:
        """Open an attempt, or find the one that is open."""
        draft = Draft(locked, self.organisation_id, self.now)
        file: PaymentFile = locked.rows.get(self.keys[0]) or PaymentFile()
        row = file.payment
        if row is None or row.credential != PAYEE_CODE:
            return Decision(Refused("orders.unknown"), forgets=tuple(locked.fresh))
        if row.state is not PaymentState.SUBMITTED:
            return Decision(Decided(answers.present(row, self.secrets)))
        live = next((a for a in file.attempts if a.state in LIVE_ATTEMPT_STATES), None)
        if live is not None:
            return Decision(self._again(row, live))
        if self.now >= row.received_at + ORDER_LIFE:
            return Decision(Refused("orders.expired"))
        attempt = self._open(draft, row, len(file.attempts) + 1)
        row = replace(
            row, channel=self.chosen.channel, fee_amount=self.chosen.fee_amount,
            rate=dict(self.chosen.rate), changed_at=self.now,
        )  # fmt: skip
        save(draft, row, is_new=False)
        return draft.decision(Decided(answers.present(row, self.secrets, attempt=attempt), attempt))

    def _again(self, row: PaymentRow, live: AttemptRow) -> Decided | Refused:
        if (live.channel, live.way) != (self.chosen.channel, self.way):
            return Refused("orders.being_paid", channel=live.channel)
        return Decided(answers.present(row, self.secrets, attempt=live), live)

    def _open(self, draft: Draft, row: PaymentRow, count: int) -> AttemptRow:
        attempt = AttemptRow(
            id=uuid5(row.id, f"attempt/{count}"),
            organisation=row.organisation,
            payment=row.id,
            channel=self.chosen.channel,
            amount=row.total_amount,
            state=AttemptState.SUBMITTED,
            submitted_at=self.now,
            changed_at=self.now,
            way=self.way,
            expires_at=row.received_at + ORDER_LIFE,
            route=dict(self.chosen.route),
        )
        draft.effect(("attempt", attempt.id), AttemptSaved(attempt, True))
        due = DueRow(
            attempt.id, row.organisation, RESOLVE_KIND, attempt.id, self.now + FIRST_LOOK,
            gate=gate_of(attempt.channel),
        )  # fmt: skip
        draft.effect(("due", attempt.id), due)
        return attempt
