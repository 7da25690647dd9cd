"""The states of a payout: a table, and what each bank's word does to it.

Only what the bank says definitely counts. A payout that was refused or came back is paid again by
the next batch, under a new number; a second, different word on an ended payout is a contradiction
that a person looks at.
"""

from enum import StrEnum
from typing import Final

from domain.errors import Defect


class PayoutState(StrEnum):
    """Where a payout's money is."""

    CREATED = "created"
    """Taken from the payee's account, not handed to the bank yet."""
    SUBMITTED = "submitted"
    UNKNOWN = "unknown"
    """Perhaps handed to the bank: asked for until it says."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    RETURNED = "returned"


class PayoutEvent(StrEnum):
    """What happens to a payout."""

    SUBMIT = "submit"
    LOSE_SIGHT = "lose_sight"
    SUCCEED = "succeed"
    FAIL = "fail"
    RETURN = "return"


_S, _E = PayoutState, PayoutEvent
TABLE: Final = {
    (_S.CREATED, _E.SUBMIT): _S.SUBMITTED,
    (_S.SUBMITTED, _E.SUBMIT): _S.SUBMITTED,
    (_S.UNKNOWN, _E.SUBMIT): _S.SUBMITTED,
    (_S.SUBMITTED, _E.LOSE_SIGHT): _S.UNKNOWN,
    (_S.UNKNOWN, _E.LOSE_SIGHT): _S.UNKNOWN,
    (_S.SUBMITTED, _E.SUCCEED): _S.SUCCEEDED,
    (_S.UNKNOWN, _E.SUCCEED): _S.SUCCEEDED,
    (_S.SUBMITTED, _E.FAIL): _S.FAILED,
    (_S.UNKNOWN, _E.FAIL): _S.FAILED,
    (_S.SUBMITTED, _E.RETURN): _S.RETURNED,
    (_S.UNKNOWN, _E.RETURN): _S.RETURNED,
    (_S.SUCCEEDED, _E.RETURN): _S.RETURNED,
}
IN_TRANSIT: Final = frozenset({_S.CREATED, _S.SUBMITTED, _S.UNKNOWN})
ENDED: Final = frozenset({_S.SUCCEEDED, _S.FAILED, _S.RETURNED})


def may_move(state: PayoutState, event: PayoutEvent) -> bool:
    """Whether `event` may happen to a payout in `state`."""
    return (state, event) in TABLE


def advance_payout(state: PayoutState, event: PayoutEvent) -> PayoutState:
    """Return the next state; raises `Defect` for what the table does not have."""
    if not may_move(state, event):
        raise Defect(f"a {state} payout cannot {event}")
    return TABLE[state, event]
