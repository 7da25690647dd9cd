"""The till's hand on the journal: freeze, accept, decline, cancel, refund: each on disk on return.

Every method returns what the machine is to hear next. A disk that will not take a row is an event
too (`NotStored`): the counter blocks, and nothing was shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.authorization import Mode, Tender
from domain.errors import Refused, Unavailable
from sync.clocks import CorrectedClock
from sync.messages import (
    Acceptance,
    Cancellation,
    Event,
    PaymentRequest,
    RecordKind,
    RefundRequest,
)
from sync.outbox import Journal
from sync.pins import refund_approval
from terminal_app.counter import events as on
from terminal_app.counter.in_hand import SaleInHand
from terminal_app.counter.operators import Approval


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What of which sale goes back, by the way it was paid, and why."""

    payment_id: UUID
    tender: Tender
    amount: int
    reason: str


class Till:
    """Writes this counter's journal."""

    def __init__(
        self,
        journal: Journal,
        clock: CorrectedClock,
        new_id: Callable[[], UUID],
        binding_version: int,
    ) -> None:
        self._binding_version = binding_version
        self._journal = journal
        self._clock = clock
        self._new_id = new_id

    def freeze(self, request: PaymentRequest) -> bytes:
        """Put the intent on disk and return its fingerprint; `Unavailable` when it is full."""
        return self._journal.freeze(request).fingerprint

    def accept(self, sale: SaleInHand) -> on.Event:
        """The acceptance: from here on there are only refunds."""
        decided = sale.decided
        is_offline = sale.mode is Mode.OFFLINE
        acceptance = Acceptance(
            request=sale.request,
            mode=sale.mode,
            policy_version=decided.policy_version if decided and is_offline else 0,
            given_amount=sale.payer.given_amount,
            change_amount=sale.payer.change_amount,
            snapshot_age_s=_finite(decided.snapshot_age_s) if decided and is_offline else 0.0,
            server_mac=b"" if is_offline else sale.mac,
        )
        deltas = dict(decided.deltas) if decided and is_offline else {}
        try:
            self._journal.append(
                RecordKind.ACCEPTANCE,
                acceptance,
                deltas=deltas,
                balances=() if is_offline else sale.balances,
                person_id=sale.payer.person_id,
            )
        except (Unavailable, Refused) as error:
            return on.NotStored(sale.sale, error.code)
        sale.is_accepted = True
        return on.OnDisk(sale.sale)

    def decline(self, sale: SaleInHand, code: str) -> on.Event | None:
        """The server stored its no: the intent ends, nothing is owed."""
        try:
            self._journal.append(
                RecordKind.EVENT,
                self._event("declined", {"code": code}, sale.request),
                closes=sale.payment_id,
            )
        except (Unavailable, Refused) as error:
            return on.NotStored(sale.sale, error.code)
        sale.is_cancelled = True
        return None

    def cancel(self, sale: SaleInHand, reason: str) -> on.Event | None:
        """Give the sale up, signed. Own tenders are definite by it; a channel's word follows."""
        problem = self.cancel_request(sale.request, sale.fingerprint, reason)
        if problem:
            return on.NotStored(sale.sale, problem)
        sale.is_cancelled = True
        is_definite = sale.request.intent.tender is not Tender.CHANNEL or not sale.is_sent
        return on.CancelledOnDisk(sale.sale, is_definite)

    def cancel_request(self, request: PaymentRequest, fingerprint: bytes, reason: str) -> str:
        """Journal a cancellation; return the code of what went wrong, or ""."""
        cancellation = Cancellation(
            payment_id=request.intent.payment_id,
            order_id=request.intent.order_id,
            fingerprint=fingerprint,
            reason=reason,
            stamp=self._clock.stamp(),
            binding_version=request.binding_version,
            operator_id=request.operator_id,
            shift_id=request.shift_id,
        )
        try:
            self._journal.append(RecordKind.CANCELLATION, cancellation)
        except (Unavailable, Refused) as error:
            return error.code
        return ""

    def refund(
        self, request: PaymentRequest, amount: int, reason: str, operator_id: UUID | None,
        approval: Approval | None = None,
    ) -> str:  # fmt: skip
        """Journal a full refund under its own id; return what went wrong, or "".

        Nothing is given back to the local balance before the server's word (MONEY §3).
        """
        again = GivenBack(request.intent.payment_id, request.intent.tender, amount, reason)
        return self.give_back(again, operator_id, request.shift_id, approval)[1]

    def give_back(
        self, given: GivenBack, operator_id: UUID | None, shift_id: UUID | None,
        approval: Approval | None = None,
    ) -> tuple[UUID, str]:  # fmt: skip
        """Journal a refund of any sale; return the refund's id, and what went wrong, or ""."""
        refund_id = self._new_id()
        by, pin_hash = approval or (None, "")
        refund = RefundRequest(
            refund_id=refund_id,
            payment_id=given.payment_id,
            amount=given.amount,
            tender=given.tender,
            reason=given.reason,
            stamp=self._clock.stamp(),
            binding_version=self._binding_version,
            operator_id=operator_id,
            shift_id=shift_id,
            supervisor_id=by,
            supervisor_proof=refund_approval(pin_hash, refund_id, given.payment_id, given.amount),
        )
        try:
            self._journal.append(RecordKind.REFUND, refund)
        except (Unavailable, Refused) as error:
            return refund_id, error.code
        return refund_id, ""

    def note(
        self,
        name: str,
        data: Mapping[str, object],
        *,
        shift_id: UUID | None = None,
        operator_id: UUID | None = None,
    ) -> str:
        """Journal something a person may ask about later; return what went wrong, or ""."""
        event = Event(
            name=name,
            data=dict(data),
            stamp=self._clock.stamp(),
            operator_id=operator_id,
            shift_id=shift_id,
        )
        try:
            self._journal.append(RecordKind.EVENT, event)
        except (Unavailable, Refused) as error:
            return error.code
        return ""

    def _event(self, name: str, data: Mapping[str, object], request: PaymentRequest) -> Event:
        return Event(
            name=name,
            data=dict(data),
            stamp=self._clock.stamp(),
            operator_id=request.operator_id,
            shift_id=request.shift_id,
        )


def _finite(age_s: float) -> float:
    return age_s if age_s < float("inf") else -1.0
