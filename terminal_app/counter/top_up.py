"""Cash for a wallet, step by step: who, how much, the diner's word, the operator's PIN, the server.

Pure, as the machine is: `(TopUp, event, now) → TopUp`; `topping_up` does what it asks for. While a
top-up is on the glass the machine stands in TOP_UP and sells nothing.

Rules
- The diner agrees to the sum on their own side before any PIN: nobody else may press that.
- From the PIN on the cash is taken: what is sent once is sent until there is a word, and the page
  may be left meanwhile.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from sync.client import Turned, Unanswered
from sync.messages import CredentialKind, TopUpAnswer, TopUpOutcome

SHOWN_MIN_S: Final = 0.3
"""P11 for a top-up: a press that was meant for something else agrees to nothing."""
IDLE_MAX_S: Final = 60.0
"""A page nobody touches is left; no cash was taken yet."""
DONE_MAX_S: Final = 8.0
"""How long a booked top-up stays on the glass by itself."""
TYPED_MAX: Final = 8
KNOWING = (CredentialKind.CARD, CredentialKind.WALLET_CODE, CredentialKind.NUMBER)
"""What names a person for a top-up; a face is for paying."""


class TopUpStep(StrEnum):
    """Where a top-up stands."""

    WHO = "who"
    AMOUNT = "amount"
    CONFIRM = "confirm"
    PIN = "pin"
    ASKING = "asking"
    BOOKED = "booked"
    REFUSED = "refused"
    WAITING = "waiting"


OPEN_STEPS = frozenset({TopUpStep.WHO, TopUpStep.AMOUNT, TopUpStep.CONFIRM, TopUpStep.PIN})
"""No cash was taken: the page may be left and nothing is left behind."""


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """Whose wallet it is; `reference` as in `messages.TopUpRequest.payer`."""

    person_id: UUID
    reference: str
    credential: CredentialKind
    masked_name: str


@dataclass(frozen=True, slots=True)
class TopUp:
    """A top-up on the glass. `amount` in fen; `since` is monotonic, of the last change.

    BOOKED: `repaid_amount` of it went to debt. REFUSED: `code` says why, the cash goes back.
    WAITING: `code` says why nobody knows; the cash stays in the drawer, it is sent again.
    """

    step: TopUpStep = TopUpStep.WHO
    since: float = 0.0
    who: Beneficiary | None = None
    amount: int = 0
    top_up_id: UUID | None = None
    code: str = ""
    repaid_amount: int = 0


def named(top_up: TopUp, who: Beneficiary, now: float) -> TopUp:
    """Somebody was named, before any sum was agreed to; another one takes their place."""
    if top_up.step not in (TopUpStep.WHO, TopUpStep.AMOUNT):
        return top_up
    return replace(top_up, step=TopUpStep.AMOUNT, who=who, since=now)


def typed(top_up: TopUp, digits: str, now: float) -> TopUp:
    """Type digits of the sum, in fen."""
    text = (str(top_up.amount or "") + digits).lstrip("0")
    if top_up.step is not TopUpStep.AMOUNT or not digits.isdigit() or len(text) > TYPED_MAX:
        return top_up
    return replace(top_up, amount=int(text or 0), since=now)


def backspaced(top_up: TopUp, now: float) -> TopUp:
    """Take back one digit."""
    if top_up.step is not TopUpStep.AMOUNT:
        return top_up
    return replace(top_up, amount=top_up.amount // 10, since=now)


def entered(top_up: TopUp, limit_amount: int, now: float) -> TopUp:
    """Enter: put the sum on the diner's side. More than the counter's limit is not shown."""
    is_sum = top_up.step is TopUpStep.AMOUNT and 0 < top_up.amount <= limit_amount
    return replace(top_up, step=TopUpStep.CONFIRM, since=now) if is_sum else top_up


def agreed(top_up: TopUp, now: float) -> TopUp:
    """确认 on the diner's side."""
    is_read = top_up.step is TopUpStep.CONFIRM and now - top_up.since >= SHOWN_MIN_S
    return replace(top_up, step=TopUpStep.PIN, since=now) if is_read else top_up


def stepped_back(top_up: TopUp, now: float) -> TopUp | None:
    """Clear, or 不是我: back to the sum, and from there out (None). Never once cash was taken."""
    if top_up.step in (TopUpStep.CONFIRM, TopUpStep.PIN):
        return replace(top_up, step=TopUpStep.AMOUNT, since=now)
    return top_up if top_up.step is TopUpStep.ASKING else None


def asked(top_up: TopUp, top_up_id: UUID, now: float) -> TopUp:
    """The cash is taken, and the request is on disk under its id."""
    return replace(top_up, step=TopUpStep.ASKING, top_up_id=top_up_id, since=now)


def answered(top_up: TopUp, answer: TopUpAnswer | Unanswered, now: float) -> TopUp:
    """What the server said of the top-up on the glass."""
    if isinstance(answer, Unanswered):
        waiting = replace(top_up, step=TopUpStep.WAITING, code=answer.code)
        return waiting if top_up.step is TopUpStep.WAITING else replace(waiting, since=now)
    is_booked = answer.outcome is TopUpOutcome.BOOKED
    return replace(
        top_up,
        step=TopUpStep.BOOKED if is_booked else TopUpStep.REFUSED,
        code=answer.code,
        repaid_amount=answer.repaid_amount,
        since=now,
    )


def final(
    answer: TopUpAnswer | Turned | Unanswered, top_up_id: UUID, *, was_sent: bool
) -> TopUpAnswer | Unanswered:
    """Turned away at the first sending is a no; later, an earlier sending may have arrived."""
    if not isinstance(answer, Turned):
        return answer
    if was_sent:
        return Unanswered(answer.code)
    return TopUpAnswer(top_up_id=top_up_id, outcome=TopUpOutcome.REFUSED, code=answer.code)


def is_over(top_up: TopUp, now: float) -> bool:
    """Whether the page is left by itself."""
    age_s = now - top_up.since
    if top_up.step in OPEN_STEPS:
        return age_s >= IDLE_MAX_S
    return top_up.step is TopUpStep.BOOKED and age_s >= DONE_MAX_S
