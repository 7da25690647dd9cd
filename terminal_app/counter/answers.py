"""What the server's word on a payment means to the machine: one table, nothing guessed.

Only APPROVED is a yes. Only DECLINED is a no the server has on file. Everything else that ends a
sale here is a no with a journalled cancellation, so that nothing can stay taken.
"""

from domain.authorization import Tender
from sync.client import Unanswered
from sync.messages import CODE_TEXT, Outcome, PaymentAnswer
from terminal_app.counter import events as on

_ENDS = {
    Outcome.CANCELLED: "payments.cancelled",
    Outcome.REVERSING: "payments.reversing",
    Outcome.REVERSED: "payments.cancelled",
    Outcome.UNDER_REVIEW: "payments.under_review",
    Outcome.KEY_REUSED: "payments.key_reused",
    Outcome.REFUSED: "payments.declined",
}
PAID_TOO_LATE = "payments.paid_too_late"
"""Why a sale that was given up went back: its payer paid all the same."""
CODE_TEXT_MAX = 512
"""A longer text makes a code that no phone reads from half a metre."""
_WAITS = frozenset({Outcome.AWAITING, Outcome.UNKNOWN})


def event_of(sale: int, answer: PaymentAnswer | Unanswered, tender: Tender) -> on.Event:
    """Return the machine's event for a sale that is being authorised or awaited."""
    if isinstance(answer, Unanswered):
        return on.Unanswered(sale, answer.code)
    outcome = answer.outcome
    if outcome is Outcome.APPROVED and is_given_back(answer):
        return on.Declined(sale, "payments.cancelled")
    if outcome is Outcome.APPROVED:
        return on.Approved(sale, is_online=True)
    if outcome is Outcome.DECLINED:
        return on.Declined(sale, answer.code or "payments.declined", is_on_file=True)
    if outcome is Outcome.REPRICED:
        return on.Repriced(sale, answer.total)
    if outcome is Outcome.NEED_SECOND_FACTOR:
        return on.FactorNeeded(sale, answer.code or "limits.second_factor")
    if outcome in _WAITS and tender is Tender.CHANNEL:
        return on.Awaiting(sale)
    if outcome in _ENDS:
        return on.Declined(sale, answer.code or _ENDS[outcome])
    # Nothing was decided, or an own tender hangs: as good as no answer
    return on.Unanswered(sale, answer.code or "server.unavailable")


def is_given_back(answer: PaymentAnswer) -> bool:
    """Whether all of an approved payment has been refunded meanwhile: a meal nobody paid for."""
    return 0 < answer.total <= answer.refunded_amount


def code_text_of(answer: PaymentAnswer | Unanswered) -> str:
    """The text of the code that the payer of a sale scans; "" when the answer has none."""
    if isinstance(answer, Unanswered):
        return ""
    found = answer.data.get(CODE_TEXT)
    is_shown = isinstance(found, str) and 0 < len(found) <= CODE_TEXT_MAX
    return str(found) if is_shown else ""


def cancel_event_of(sale: int, answer: PaymentAnswer | Unanswered) -> on.CancelDefinite | None:
    """Return what an answer says about a sale that is being given up; None: ask again."""
    if isinstance(answer, Unanswered):
        return None
    gone = {Outcome.CANCELLED, Outcome.REVERSED, Outcome.DECLINED}
    if answer.outcome not in gone:
        return None
    return on.CancelDefinite(sale, was_taken=answer.outcome is Outcome.REVERSED)


def refund_event_of(sale: int, answer: PaymentAnswer | Unanswered, total: int) -> on.Event | None:
    """Return what an answer says about an accepted sale that is being refunded."""
    if isinstance(answer, PaymentAnswer) and answer.refunded_amount >= total:
        return on.CancelDefinite(sale)
    return None
