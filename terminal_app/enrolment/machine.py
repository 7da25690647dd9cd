"""The enrolment desk's state, what may happen to it, and what it wants done: values only."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.consent_texts import Shown
from domain.messages import Language
from sync.messages import Alike, EnrolmentPerson, WithdrawalStanding
from terminal_app.enrolment.capture import Look, Posing, Taken


class Phase(StrEnum):
    """Where the desk is; each is one page."""

    LOCKED = "locked"
    NEW_PIN = "new_pin"
    PICK = "pick"
    PERSON = "person"
    TEXT = "text"
    GIVER = "giver"
    TWIN = "twin"
    SIGN = "sign"
    POSING = "posing"
    HALTED = "halted"
    DONE = "done"
    WITHDRAW = "withdraw"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Giver:
    """Who agrees, as the page asks: themselves or a guardian, and the two questions beside."""

    given_by: str = "self"
    name: str = ""
    relation: str = ""
    is_under_14: bool = False
    keeps_photo: bool = False
    by_code: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What was refused or could not be had: a dotted code and its data."""

    code: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything the desk remembers. A person's data is forgotten with the person."""

    phase: Phase = Phase.LOCKED
    since: float = 0.0
    touched_at: float = 0.0
    language: Language = "zh"
    operator_id: UUID | None = None
    operator_name: str = ""
    groups: tuple[str, ...] = ()
    group: str | None = None
    people: tuple[EnrolmentPerson, ...] = ()
    person: EnrolmentPerson | None = None
    text: Shown | None = None
    giver: Giver = field(default_factory=Giver)
    twin: str = ""
    twin_number: str = ""
    consent_id: UUID | None = None
    keeps_photo: bool = False
    posing: Posing | None = None
    alike: tuple[Alike, ...] = ()
    withdrawal: WithdrawalStanding | None = None
    is_busy: bool = False
    problem: Problem = field(default_factory=Problem)


# --- events --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PinTyped:
    """Somebody wants to work here."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The PIN is an enrolment clerk's or a supervisor's."""

    operator_id: UUID
    name: str
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class NewPinTyped:
    """The first PIN is changed."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LockPressed:
    """The clerk leaves."""


@dataclass(frozen=True, slots=True)
class GroupChosen:
    """A class to work through."""

    group: str


@dataclass(frozen=True, slots=True)
class NumberTyped:
    """Somebody by number."""

    number: str


@dataclass(frozen=True, slots=True)
class CardRead:
    """Somebody by card: the keyed hash of its UID; `is_proven` by its keys, at this reader."""

    card_key: str
    is_proven: bool = False


@dataclass(frozen=True, slots=True)
class PersonChosen:
    """One of the list."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class EnrolPressed:
    """Ask for the consent, or take the face when it is on file."""


@dataclass(frozen=True, slots=True)
class RefusePressed:
    """The person or guardian says no."""


@dataclass(frozen=True, slots=True)
class WithdrawPressed:
    """The person or guardian takes it back."""


@dataclass(frozen=True, slots=True)
class ConfirmPressed:
    """Yes: read and agreed, withdraw, try the poses again, or go on to the next."""


@dataclass(frozen=True, slots=True)
class BackPressed:
    """One page back; from a page about a person to the list."""


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The text is read in this language."""

    language: Language


@dataclass(frozen=True, slots=True)
class GiverSaid:
    """Who agrees."""

    giver: Giver


@dataclass(frozen=True, slots=True)
class TwinSaid:
    """A twin or sibling on site: no or yes, and perhaps their number."""

    answer: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """The strokes as a PNG."""

    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeTyped:
    """The guardian's code."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the camera saw; None: nobody."""

    look: Look | None


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time passes."""


@dataclass(frozen=True, slots=True)
class GroupsCame:
    """The server named the classes."""

    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeopleCame:
    """The server found these; `is_one` when one was asked for by number or card."""

    people: tuple[EnrolmentPerson, ...]
    is_one: bool = False


@dataclass(frozen=True, slots=True)
class TextCame:
    """The words to show."""

    text: Shown


@dataclass(frozen=True, slots=True)
class ConsentKept:
    """The consent is on file."""

    consent_id: UUID


@dataclass(frozen=True, slots=True)
class FaceKept:
    """The face is enrolled."""

    alike: tuple[Alike, ...]


@dataclass(frozen=True, slots=True)
class RefusalKept:
    """The no is on file."""


@dataclass(frozen=True, slots=True)
class WithdrawalCame:
    """How far a withdrawal got."""

    standing: WithdrawalStanding


@dataclass(frozen=True, slots=True)
class Failed:
    """A server, a PIN or a device said no, or nothing."""

    problem: Problem


Event = (
    PinTyped | SignedIn | NewPinTyped | LockPressed | GroupChosen | NumberTyped | CardRead
    | PersonChosen | EnrolPressed | RefusePressed | WithdrawPressed | ConfirmPressed | BackPressed
    | LanguageChosen | GiverSaid | TwinSaid | Signed | CodeTyped | Looked | Ticked | GroupsCame
    | PeopleCame | TextCame | ConsentKept | FaceKept | RefusalKept | WithdrawalCame | Failed
)  # fmt: skip


# --- effects -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckPin:
    """See whose PIN it is."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangePin:
    """Keep a first PIN changed."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Find:
    """Ask the server for people: exactly one of the three, or none for the classes."""

    group: str | None = None
    number: str = ""
    card_key: str = ""
    is_proven: bool = False


@dataclass(frozen=True, slots=True)
class FetchText:
    """Ask the server for the text."""

    language: Language


@dataclass(frozen=True, slots=True)
class SendConsent:
    """Put the consent on file."""

    machine: Machine
    png: bytes = field(default=b"", repr=False)
    code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SendRefusal:
    """Put the no on file."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class StartLooking:
    """Use the camera and draw the orders of the sides; `keeps_photo` also for photographs."""

    keeps_photo: bool


@dataclass(frozen=True, slots=True)
class StopLooking:
    """Let go of the camera and forget what it saw."""


@dataclass(frozen=True, slots=True)
class SendFace:
    """Enrol what was taken."""

    consent_id: UUID
    taken: tuple[Taken, ...]


@dataclass(frozen=True, slots=True)
class SendWithdrawal:
    """End the consent."""

    person_id: UUID


@dataclass(frozen=True, slots=True)
class AskWithdrawal:
    """Ask how far it got."""

    person_id: UUID


Effect = (
    CheckPin | ChangePin | Find | FetchText | SendConsent | SendRefusal | StartLooking
    | StopLooking | SendFace | SendWithdrawal | AskWithdrawal
)  # fmt: skip
