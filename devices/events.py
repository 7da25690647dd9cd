"""What devices say: immutable events with their monotonic capture time, and no pictures.

Imported through `devices.ports`. The ``repr`` of an event never shows a code, a card's UID or a
picture; ``masked`` tells a code's length and scheme and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Assurance(IntEnum):
    """How hard a credential is to copy, weakest first (``DESIGN.md`` §1)."""

    CARD_UID = 1
    SIGNED_CODE = 2
    FACE_LIVE = 3
    CARD_MUTUAL = 4


class Symbology(StrEnum):
    """What kind of mark a code was; ``UNKNOWN`` when a scanner does not say (no AIM id)."""

    QR = "qr"
    CODE128 = "code128"
    EAN13 = "ean13"
    EAN8 = "ean8"
    UPCA = "upca"
    CODE39 = "code39"
    ITF = "itf"
    PDF417 = "pdf417"
    DATA_MATRIX = "datamatrix"
    AZTEC = "aztec"
    UNKNOWN = "unknown"


def masked(text: str) -> str:
    """Show how long a code is and nothing of what it says, beyond the first two characters.

    Payment codes tell their scheme by the first two digits, so these help and betray nothing.
    """
    return f"{text[:2]}…({len(text)})" if len(text) > 4 else f"…({len(text)})"


# --- codes ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodeScanned:
    """A code was presented: once per presentation, however many frames or repeats saw it.

    ``deliberate`` is True for a hand trigger or a presentation scanner, False for a camera that
    merely saw it. ``raw`` keeps the bytes as read (GS separators, non-UTF-8 payloads).
    """

    text: str = field(repr=False)
    symbology: Symbology
    source: str
    seen_at: float
    raw: bytes = field(repr=False, default=b"")
    deliberate: bool = True
    masked_text: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "masked_text", masked(self.text))


@dataclass(frozen=True, slots=True)
class CodeGone:
    """No code at all has been seen by this source for the gone-after time: the glass is empty."""

    source: str
    seen_at: float


# --- cards ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CardPresented:
    """One card was read to the end. ``already_there``: it lay there when the reader was opened.

    ``uid`` is what the card is known by: its UID of 4, 7 or 10 bytes, or the 16-byte keyed hash of
    a bank card's account number (``devices.cards.bank_card``).

    A card torn away before the read ended gives no event at all (``COUNTER.md`` P9).
    """

    uid: bytes = field(repr=False)
    assurance: Assurance
    seen_at: float
    reader: str
    already_there: bool = False


@dataclass(frozen=True, slots=True)
class CardRemoved:
    """The card left the field of ``reader``."""

    reader: str
    seen_at: float


@dataclass(frozen=True, slots=True)
class TwoCards:
    """More than one card lies on the reader, or on the counter's readers, at once."""

    reader: str
    seen_at: float


# --- the camera ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, ``image`` uint8 of shape (height, width, 3) in BGR. Never leaves the eyes.

    ``infrared`` is the same view in near infrared, of any size, as a camera with two sensors took
    it at that moment; None from a camera that has none.
    """

    image: NDArray[np.uint8] = field(repr=False)
    captured_at: float
    source: str
    infrared: NDArray[np.uint8] | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class FrameSeen:
    """A frame was looked at: the sign of life of the eyes, and the clock of an empty zone."""

    source: str
    captured_at: float
    faces: int
    late_ms: float = 0.0

    @property
    def seen_at(self) -> float:
        """The capture time, under the name every event shares."""
        return self.captured_at


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the frame: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of the rectangle, in pixels."""
        return (self.x + self.width / 2, self.y + self.height / 2)


@dataclass(frozen=True, slots=True)
class FaceMatch:
    """The nearest enrolled person of one frame.

    ``distance`` is the Euclidean distance of 128-d vectors (same person: median .33), ``margin``
    the gap to the nearest *other* person (``inf`` when nobody else is enrolled). Whether that is
    near enough is the counter's rule, not the eyes'.
    """

    person: str
    distance: float
    margin: float


@dataclass(frozen=True, slots=True)
class FaceObserved:
    """The foremost face of one frame.

    ``size_ratio`` is face height over frame height; ``centre_offset`` the distance of the face's
    centre from the frame's, per axis as a fraction of half the frame, the larger of the two (0 in
    the middle, 1 at the border). Angles in degrees, estimated from five landmarks: good to ~8°.
    ``in_zone`` is P1, ``faces_in_zone`` and ``second_ratio`` (second height over first) are P2.
    ``match`` is None when the eyes are not armed, the face is not in the zone, a second face pauses
    them, or nobody is enrolled. ``advice`` is a dotted hint for the person (``faces.too_dark``).
    """

    track_id: int
    box: Box
    size_ratio: float
    centre_offset: float
    yaw_deg: float
    pitch_deg: float
    match: FaceMatch | None
    captured_at: float
    faces_in_zone: int
    second_ratio: float
    in_zone: bool = True
    advice: str = ""
    source: str = "camera"
    frame_width: int = 0
    frame_height: int = 0

    @property
    def seen_at(self) -> float:
        """The capture time, under the name every event shares."""
        return self.captured_at


@dataclass(frozen=True, slots=True)
class ZoneEmpty:
    """A frame was looked at and nobody is in the pay zone. Sent for every such frame."""

    captured_at: float
    source: str = "camera"

    @property
    def seen_at(self) -> float:
        """The capture time, under the name every event shares."""
        return self.captured_at


@dataclass(frozen=True, slots=True)
class FaceTrackLost:
    """A track ended: the face left, turned away, or was hidden for longer than the track's gap."""

    track_id: int
    captured_at: float
    source: str = "camera"

    @property
    def seen_at(self) -> float:
        """The capture time, under the name every event shares."""
        return self.captured_at


# --- the rest of the counter ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WeightRead:
    """A weight in grams; ``is_stable`` False in motion. Over or under range gives no event."""

    grams: int
    is_stable: bool
    source: str
    seen_at: float


@dataclass(frozen=True, slots=True)
class DrawerMoved:
    """The cash drawer was seen open or closed (only drawers with a switch can tell)."""

    is_open: bool
    source: str
    seen_at: float


@dataclass(frozen=True, slots=True)
class TriggerPressed:
    """A foot switch, tray sensor or gate says: this person means it (``COUNTER.md`` P5).

    ``action_id`` is the sender's own number of the act, "" when it has none: one that it sends
    again, because it heard no answer, is the same act.
    """

    source: str
    seen_at: float
    action_id: str = ""


class Key(StrEnum):
    """What a key of a numeric keypad means; digits are their own names."""

    PLUS = "plus"
    TIMES = "times"
    MINUS = "minus"
    SLASH = "slash"
    POINT = "point"
    ENTER = "enter"
    BACKSPACE = "backspace"
    CLEAR = "clear"
    DIGIT_0 = "0"
    DIGIT_1 = "1"
    DIGIT_2 = "2"
    DIGIT_3 = "3"
    DIGIT_4 = "4"
    DIGIT_5 = "5"
    DIGIT_6 = "6"
    DIGIT_7 = "7"
    DIGIT_8 = "8"
    DIGIT_9 = "9"


class Side(StrEnum):
    """On whose side of the counter a keypad lies: amounts here, the diner's own PIN there."""

    CASHIER = "cashier"
    DINER = "diner"


@dataclass(frozen=True, slots=True)
class Keyed:
    """A key of a numeric keypad went down. It may be part of a PIN: the repr never shows which."""

    key: Key = field(repr=False)
    side: Side
    source: str
    seen_at: float


@dataclass(frozen=True, slots=True)
class PlateRead:
    """A number plate at a lane, consensus text and the camera's own confidence in 0..1."""

    plate: str = field(repr=False)
    lane: str
    confidence: float
    seen_at: float


# --- health --------------------------------------------------------------------------------------


class HealthState(StrEnum):
    """Where a device stands. ``LOST`` devices are being reopened."""

    STARTING = "starting"
    READY = "ready"
    LOST = "lost"
    STOPPED = "stopped"


FACE = "face"
"""The device, and its kind, whose health tells whether a camera's faces can be known at all."""


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """A device's state changed. ``error_code`` is dotted, empty when ready."""

    device: str
    kind: str
    state: HealthState
    seen_at: float
    error_code: str = ""
    last_error: str = ""
    reopened_count: int = 0


@dataclass(frozen=True, slots=True)
class Undriven:
    """Hardware that is plugged in and that no configured driver takes."""

    bus: str
    address: str
    description: str


Event = (
    CodeScanned
    | CodeGone
    | CardPresented
    | CardRemoved
    | TwoCards
    | FrameSeen
    | FaceObserved
    | ZoneEmpty
    | FaceTrackLost
    | WeightRead
    | DrawerMoved
    | TriggerPressed
    | Keyed
    | PlateRead
    | DeviceHealth
)
"""Everything a device thread may post to the counter."""
