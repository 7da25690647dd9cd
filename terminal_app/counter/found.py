"""Finding a sale of any shift and giving it back: the steps, as values. Pure.

ASK for its number → LOOKING → FOUND → SENT (the refund is on disk and on its way) → RETURNED or
REFUSED, by the server's word on the refund's own id. A number nobody knows goes back to ASK.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from domain.payment_states import RefundState
from sync.messages import FoundSale

LEAVE_AFTER_S = 120.0
"""A page that nobody touches closes: the counter is for the line."""


class FindStep(StrEnum):
    """How far it is."""

    ASK = "ask"
    LOOKING = "looking"
    FOUND = "found"
    SENT = "sent"
    RETURNED = "returned"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is on the glass. `left_amount` may still go back, `free_amount` of it without a
    supervisor; `amount` is being refunded under `refund_id`; `since` and `asked_at` monotonic.
    """

    step: FindStep = FindStep.ASK
    since: float = 0.0
    number: str = ""
    label: str = ""
    sale: FoundSale | None = None
    left_amount: int = 0
    free_amount: int = 0
    amount: int = 0
    refund_id: UUID | None = None
    code: str = ""
    asked_at: float = 0.0

    @property
    def may_refund(self) -> bool:
        """Whether anything is left to go back."""
        return self.step is FindStep.FOUND and self.left_amount > 0


_ENDS = {
    RefundState.SUCCEEDED.value: FindStep.RETURNED,
    RefundState.SUSPENSE.value: FindStep.RETURNED,
    RefundState.REFUSED.value: FindStep.REFUSED,
}


def followed(finding: Finding, sale: FoundSale, now: float) -> Finding:
    """What the server says of the refund that was sent; SENT until it is definite."""
    mine = next((one for one in sale.refunds if one.refund_id == finding.refund_id), None)
    if mine is None or mine.state not in _ENDS:
        return finding
    code = mine.code if _ENDS[mine.state] is FindStep.REFUSED else ""
    return replace(finding, step=_ENDS[mine.state], sale=sale, code=code, since=now)
