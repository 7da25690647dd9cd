"""Who offers to pay, as the machine sees them: a value, found once and never looked up again.

Secrets (a channel's code, a PIN) are not here: the counter keeps them under `offer` until the sale
ends, so that no state, event or log line can ever show one.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.authorization import Tender
from sync.messages import CredentialKind

ON_ACCOUNT = "on_account"
"""The reason of a meal that no wallet carries and that is eaten all the same."""


class Doubt(StrEnum):
    """Why a payer must prove more than the credential does."""

    NONE = ""
    LOW_MARGIN = "faces.ambiguous"
    CONFUSABLE = "faces.near_twin"
    ABOVE_CAP = "limits.second_factor"
    UNATTENDED = "factors.unattended"


class Factor(StrEnum):
    """What may prove it."""

    NONE = ""
    PIN = "pin"
    LAST_DIGITS = "last_digits"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Payer:
    """One complete credential, and what it means at this counter now.

    `offer` numbers the presentation. `reference` is `messages.Intent.payer`. `due_amount` is what
    this payer pays for the sale in hand; `is_posted` says that it stands on the diner's side as
    the price of their category (P12), or was keyed. `paid_at` is the monotonic time of the same
    person's last payment in this meal (P7), `paid_label` that time for people. `is_opted_in`:
    their own word is on file that a face may pay without asking. `proof` names the second factor
    that was right, `confirmed_by` who pressed 确认. `override_reason` is the operator's word in
    place of a proof, or ON_ACCOUNT. `presented_at` is when the device saw it (a face: its first
    frame after arming).
    """

    offer: int
    credential: CredentialKind
    tender: Tender
    reference: str
    assurance: int
    due_amount: int
    person_id: UUID | None = None
    masked_name: str = ""
    category: str = ""
    is_posted: bool = True
    paid_at: float | None = None
    paid_label: str = ""
    is_opted_in: bool = False
    doubt: Doubt = Doubt.NONE
    factor: Factor = Factor.NONE
    track_id: int | None = None
    source: str = ""
    second_amount: int | None = None
    proof: str = ""
    confirmed_by: str = ""
    given_amount: int = 0
    override_reason: str = ""
    presented_at: float = 0.0

    @property
    def is_face(self) -> bool:
        """A face alone: passive, so anything deliberate beats it (P8)."""
        return self.credential is CredentialKind.FACE

    @property
    def change_amount(self) -> int:
        """What a cash payer gets back."""
        return max(0, self.given_amount - self.due_amount)

    def is_same_person(self, other: "Payer") -> bool:
        """Whether both credentials name one known person."""
        return self.person_id is not None and self.person_id == other.person_id
