"""The states of a payment, an attempt and a refund, as tables, and the one way to change them.

Rules first:

- A state changes only along ``PAYMENT``, ``ATTEMPT`` or ``REFUND``; ``advance`` refuses the rest.
- Nothing becomes definite by a local clock alone.
- What a message does to one payment id is a table of its own: ``domain.payment_outcomes``.
- A payment that is PARKED has never been decided: its first message was authentic but could not be
  booked. A message parked *beside* a decided payment leaves that payment's state alone.
- After every change of state, waiting refunds and parked acceptances are put to the table again.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, overload

from domain.errors import Defect


class PaymentState(StrEnum):
    """A payment. NOTHING is the state of an id the server has never seen; it is not stored."""

    NOTHING = "nothing"
    SUBMITTED = "submitted"  # sent to a channel, or held; its attempt may be awaiting or unknown
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    CANCELLED = "cancelled"  # never took money
    REVERSING = "reversing"  # being undone until the channel says so and a query confirms it
    REVERSED = "reversed"  # took money and gave all of it back
    PARKED = "parked"


class PaymentEvent(StrEnum):
    """What moves a payment."""

    SUBMIT = "submit"
    SUCCEED = "succeed"  # approved, or the channel said success
    DECLINE = "decline"
    ACCEPT_FACT = "accept_fact"  # an offline acceptance was booked
    CANCEL = "cancel"  # nothing was taken, and nothing will be
    REVERSE = "reverse"  # start to undo what a channel may have taken
    REVERSAL_CONFIRMED = "reversal_confirmed"  # took money, gave it back
    NOTHING_TAKEN = "nothing_taken"  # the channel proves that it never took money
    PARK = "park"


class AttemptState(StrEnum):
    """One try at a channel under one order number."""

    CREATED = "created"
    SUBMITTED = "submitted"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    AWAITING_PAYER = "awaiting_payer"
    UNKNOWN = "unknown"
    REVERSING = "reversing"
    REVERSED = "reversed"  # undone and confirmed by a query, whether or not it had taken money


class AttemptEvent(StrEnum):
    """What the channel, or our giving up, says about an attempt."""

    SUBMIT = "submit"
    SUCCEED = "succeed"
    DECLINE = "decline"
    AWAIT_PAYER = "await_payer"
    LOSE_SIGHT = "lose_sight"  # time-out, broken connection, or a code we do not know
    REVERSE = "reverse"
    REVERSAL_CONFIRMED = "reversal_confirmed"
    NEVER_SENT = "never_sent"  # given up before the first byte


class RefundState(StrEnum):
    """A refund, under its own id."""

    NOTHING = "nothing"
    WAITING = "waiting"  # for its payment to become definite
    SUBMITTED = "submitted"  # at the channel
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    SUSPENSE = "suspense"  # cash was handed out that no payment backs; a case is open


class RefundEvent(StrEnum):
    """What moves a refund."""

    WAIT = "wait"
    SUBMIT = "submit"
    POST = "post"
    REFUSE = "refuse"
    PUT_IN_SUSPENSE = "put_in_suspense"


_P, _E = PaymentState, PaymentEvent
PAYMENT: Final[Mapping[tuple[PaymentState, PaymentEvent], PaymentState]] = {
    (_P.NOTHING, _E.SUBMIT): _P.SUBMITTED,
    (_P.NOTHING, _E.SUCCEED): _P.SUCCEEDED,
    (_P.NOTHING, _E.DECLINE): _P.DECLINED,
    (_P.NOTHING, _E.ACCEPT_FACT): _P.SUCCEEDED,
    (_P.NOTHING, _E.CANCEL): _P.CANCELLED,
    (_P.NOTHING, _E.PARK): _P.PARKED,
    (_P.SUBMITTED, _E.SUCCEED): _P.SUCCEEDED,
    (_P.SUBMITTED, _E.DECLINE): _P.DECLINED,
    (_P.SUBMITTED, _E.ACCEPT_FACT): _P.SUCCEEDED,
    (_P.SUBMITTED, _E.CANCEL): _P.CANCELLED,
    (_P.SUBMITTED, _E.REVERSE): _P.REVERSING,
    (_P.SUCCEEDED, _E.REVERSE): _P.REVERSING,
    (_P.SUCCEEDED, _E.REVERSAL_CONFIRMED): _P.REVERSED,
    (_P.DECLINED, _E.ACCEPT_FACT): _P.SUCCEEDED,
    (_P.DECLINED, _E.CANCEL): _P.CANCELLED,
    (_P.CANCELLED, _E.ACCEPT_FACT): _P.SUCCEEDED,
    (_P.REVERSING, _E.REVERSAL_CONFIRMED): _P.REVERSED,
    (_P.REVERSING, _E.NOTHING_TAKEN): _P.CANCELLED,
    (_P.REVERSING, _E.ACCEPT_FACT): _P.SUCCEEDED,
    (_P.REVERSED, _E.ACCEPT_FACT): _P.SUCCEEDED,
    # A person decides what is parked: post it, or write it off
    (_P.PARKED, _E.ACCEPT_FACT): _P.SUCCEEDED,
    (_P.PARKED, _E.CANCEL): _P.CANCELLED,
}

_A, _AE = AttemptState, AttemptEvent
ATTEMPT: Final[Mapping[tuple[AttemptState, AttemptEvent], AttemptState]] = {
    (_A.CREATED, _AE.SUBMIT): _A.SUBMITTED,
    (_A.CREATED, _AE.NEVER_SENT): _A.REVERSED,
    (_A.SUBMITTED, _AE.SUCCEED): _A.SUCCEEDED,
    (_A.SUBMITTED, _AE.DECLINE): _A.DECLINED,
    (_A.SUBMITTED, _AE.AWAIT_PAYER): _A.AWAITING_PAYER,
    (_A.SUBMITTED, _AE.LOSE_SIGHT): _A.UNKNOWN,
    (_A.SUBMITTED, _AE.REVERSE): _A.REVERSING,
    (_A.AWAITING_PAYER, _AE.SUCCEED): _A.SUCCEEDED,
    (_A.AWAITING_PAYER, _AE.DECLINE): _A.DECLINED,
    (_A.AWAITING_PAYER, _AE.AWAIT_PAYER): _A.AWAITING_PAYER,
    (_A.AWAITING_PAYER, _AE.LOSE_SIGHT): _A.UNKNOWN,
    (_A.AWAITING_PAYER, _AE.REVERSE): _A.REVERSING,
    (_A.UNKNOWN, _AE.SUCCEED): _A.SUCCEEDED,
    (_A.UNKNOWN, _AE.DECLINE): _A.DECLINED,
    (_A.UNKNOWN, _AE.AWAIT_PAYER): _A.AWAITING_PAYER,
    (_A.UNKNOWN, _AE.LOSE_SIGHT): _A.UNKNOWN,
    (_A.UNKNOWN, _AE.REVERSE): _A.REVERSING,
    (_A.SUCCEEDED, _AE.REVERSE): _A.REVERSING,
    (_A.REVERSING, _AE.REVERSAL_CONFIRMED): _A.REVERSED,
    (_A.REVERSING, _AE.DECLINE): _A.REVERSED,
    # While undoing, a channel may still answer anything else: it changes nothing, we go on undoing
    (_A.REVERSING, _AE.SUCCEED): _A.REVERSING,
    (_A.REVERSING, _AE.AWAIT_PAYER): _A.REVERSING,
    (_A.REVERSING, _AE.LOSE_SIGHT): _A.REVERSING,
    (_A.REVERSING, _AE.REVERSE): _A.REVERSING,
}

_R, _RE = RefundState, RefundEvent
REFUND: Final[Mapping[tuple[RefundState, RefundEvent], RefundState]] = {
    (_R.NOTHING, _RE.WAIT): _R.WAITING,
    (_R.NOTHING, _RE.SUBMIT): _R.SUBMITTED,
    (_R.NOTHING, _RE.POST): _R.SUCCEEDED,
    (_R.NOTHING, _RE.REFUSE): _R.REFUSED,
    (_R.NOTHING, _RE.PUT_IN_SUSPENSE): _R.SUSPENSE,
    (_R.WAITING, _RE.WAIT): _R.WAITING,
    (_R.WAITING, _RE.SUBMIT): _R.SUBMITTED,
    (_R.WAITING, _RE.POST): _R.SUCCEEDED,
    (_R.WAITING, _RE.REFUSE): _R.REFUSED,
    (_R.WAITING, _RE.PUT_IN_SUSPENSE): _R.SUSPENSE,
    (_R.SUBMITTED, _RE.POST): _R.SUCCEEDED,
    (_R.SUBMITTED, _RE.REFUSE): _R.REFUSED,
    # Its payment has come at last: the refund leaves suspense and the case closes
    (_R.SUSPENSE, _RE.POST): _R.SUCCEEDED,
    (_R.SUSPENSE, _RE.WAIT): _R.SUSPENSE,
    (_R.SUSPENSE, _RE.PUT_IN_SUSPENSE): _R.SUSPENSE,
}

LIVE_PAYMENT_STATES: Final = frozenset({_P.SUBMITTED, _P.REVERSING})
LIVE_ATTEMPT_STATES: Final = frozenset(
    {_A.CREATED, _A.SUBMITTED, _A.AWAITING_PAYER, _A.UNKNOWN, _A.REVERSING}
)
DECIDED_STATES: Final = frozenset({_P.SUBMITTED, _P.SUCCEEDED, _P.DECLINED})


@overload
def advance(state: PaymentState, event: PaymentEvent) -> PaymentState: ...
@overload
def advance(state: AttemptState, event: AttemptEvent) -> AttemptState: ...
@overload
def advance(state: RefundState, event: RefundEvent) -> RefundState: ...
def advance(
    state: PaymentState | AttemptState | RefundState,
    event: PaymentEvent | AttemptEvent | RefundEvent,
) -> PaymentState | AttemptState | RefundState:
    """Return the next state; a pair that is in no table is a defect, never a silent no-op."""
    following: PaymentState | AttemptState | RefundState | None = None
    if isinstance(state, PaymentState) and isinstance(event, PaymentEvent):
        following = PAYMENT.get((state, event))
    elif isinstance(state, AttemptState) and isinstance(event, AttemptEvent):
        following = ATTEMPT.get((state, event))
    elif isinstance(state, RefundState) and isinstance(event, RefundEvent):
        following = REFUND.get((state, event))
    if following is None:
        raise Defect(f"{type(state).__name__} {state} does not take {event}")
    return following
