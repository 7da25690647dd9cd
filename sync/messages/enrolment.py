"""What an enrolment desk and the server say to each other: people, consents, faces, withdrawals.

Rules
- Everything is signed by a terminal bound with the profile `enrolment`, and names the operator.
- A consent is on file before the desk's camera is used; its id is made at the desk, so that
  sending it twice is once.
- Vectors, photographs and signatures cross sealed under the terminal's data key, whatever the
  network is; a photograph only when its own question was answered yes.
"""

from datetime import datetime
from uuid import UUID

from sync.messages.wire import Message

VECTORS_MAX = 8
PHOTOS_MAX = 4
PHOTO_BYTES_MAX = 400 * 1024
"""A sealed JPEG of one face: more is a picture of the room."""
SIGNATURE_BYTES_MAX = 64 * 1024


class EnrolmentPerson(Message, frozen=True, kw_only=True):
    """Somebody as the desk sees them. `standing` is none, refused, consented, enrolled or
    withdrawn; `come_again` says why they must be enrolled anew ("" when they need not).
    """

    person_id: UUID
    number: str
    name: str
    group: str = ""
    standing: str = "none"
    is_fit: bool = True
    consent_id: UUID | None = None
    keeps_photo: bool = False
    come_again: str = ""


class PeoplePage(Message, frozen=True, kw_only=True):
    """`GET /v1/enrolments/people?group=|number=|card=`: without any of them the groups alone."""

    groups: tuple[str, ...] = ()
    people: tuple[EnrolmentPerson, ...] = ()


class CardProven(Message, frozen=True, kw_only=True):
    """`POST /v1/enrolments/cards`: this card proved itself by its keys at the desk, just now."""

    card_key: str
    operator_id: UUID


class ConsentBlanks(Message, frozen=True, kw_only=True):
    """`GET /v1/enrolments/text`: the version to show and what stands in its blanks."""

    version: str
    blanks: dict[str, str]


class Sealed(Message, frozen=True, kw_only=True):
    """Bytes under the terminal's data key: AES-256-GCM, bound to the id they are sent with."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


class ConsentGiven(Message, frozen=True, kw_only=True):
    """`POST /v1/enrolments/consents`. Evidence is a signature (PNG, sealed) or a guardian's code.

    `text_digest` is the SHA-256 of the words that were on the screen, in hexadecimal. `twin` is
    "" (not asked), no or yes; `twin_number` may name who.
    """

    consent_id: UUID
    person_id: UUID
    operator_id: UUID
    language: str
    text_version: str
    text_digest: str
    giver_name: str
    given_by: str = "self"
    relation: str = ""
    is_under_14: bool = False
    keeps_photo: bool = False
    signature: Sealed | None = None
    guardian_code: str = ""
    twin: str = ""
    twin_number: str = ""


class ConsentKept(Message, frozen=True, kw_only=True):
    """The consent is on file: now a face may be looked at."""

    consent_id: UUID
    expires_at: datetime | None = None


class ConsentRefused(Message, frozen=True, kw_only=True):
    """`POST /v1/enrolments/refusals`: asked, and the answer was no."""

    refusal_id: UUID
    person_id: UUID
    operator_id: UUID
    said_by: str = "self"


class EnrolmentDone(Message, frozen=True, kw_only=True):
    """The desk's word that something without a body of its own is on file."""

    code: str = ""


class FaceEnrolled(Message, frozen=True, kw_only=True):
    """`POST /v1/enrolments`: 1 to 8 vectors of one person, each 128 little-endian float32, sealed.

    `photographs` (JPEG, sealed) only when the consent says so. `was_turned`: the head-turn
    challenge was passed on the same unbroken track.
    """

    enrolment_id: UUID
    consent_id: UUID
    operator_id: UUID
    model: str
    vectors: tuple[Sealed, ...]
    was_turned: bool
    photographs: tuple[Sealed, ...] = ()


class Alike(Message, frozen=True, kw_only=True):
    """Somebody at the site whose face is near: both will be asked for a second factor."""

    masked_name: str
    number: str
    is_declared: bool = False


class FaceKept(Message, frozen=True, kw_only=True):
    """What became of an enrolment."""

    templates: int
    alike: tuple[Alike, ...] = ()


class Withdrawn(Message, frozen=True, kw_only=True):
    """`POST /v1/enrolments/withdrawals`: the person's consent at this site ends now."""

    person_id: UUID
    operator_id: UUID
    asked_by: str = "self"


class CounterConfirmation(Message, frozen=True, kw_only=True):
    """One counter that held the face. `how` is waiting, confirmed, or lease_ended."""

    name: str
    how: str
    since: datetime
    confirmed_at: datetime | None = None
    last_seen_at: datetime | None = None


class WithdrawalStanding(Message, frozen=True, kw_only=True):
    """How far a withdrawal got; `is_gone`: nothing on the server and every counter confirmed."""

    person_id: UUID
    withdrawn_at: datetime
    is_gone: bool
    counters: tuple[CounterConfirmation, ...] = ()
