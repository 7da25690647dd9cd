"""Guided poses and the head-turn challenge: from what a camera sees to the vectors of one person.

Pure: `pose(posing, look, now)` returns the next posing. The order of the sides is drawn before, so
that nobody in front of the glass can know it.

Rules
- Front first, held still; then the head turns to one side and the other, on one unbroken track. A
  turn that has depth is the challenge (`devices.vision.faces.liveness`): what it is worth is said
  there, and no more.
- Looking up is asked for only when the best front picture was a poor one.
- A turn to the wrong side, or none in time, starts all over with another order; the third time the
  desk gives up ("faces.not_live"). A lost track or a second face starts over and costs no try.
- Vectors of one enrolment are of one face: farther apart than `SAME_FACE` starts over.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from devices.vision.faces.gallery import distance_between
from devices.vision.faces.liveness import Side, has_turned
from devices.vision.faces.pose import Pose

STILL_S: Final = 0.6
LOOKS_MIN: Final = 3
"""A front picture is chosen among this many, held still for so long."""
STEP_MAX_S: Final = 15.0
TRIES_MAX: Final = 3
GONE_S: Final = 1.0
FRONT_YAW_DEG: Final = 10.0
FRONT_PITCH_DEG: Final = 15.0
TURNED_MAX_DEG: Final = 34.0
"""Beyond this the frontal detector and the landmarks guess."""
UP_MIN_DEG: Final = 8.0
GOOD_SCORE: Final = 0.6
SECOND_FACE: Final = 0.75
SAME_FACE: Final = 0.60


class Step(StrEnum):
    """A pose, from the person's own side: their left is on the right of the picture."""

    FRONT = "front"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"


SIDES: Final = {Step.LEFT: Side.RIGHT, Step.RIGHT: Side.LEFT}
HINTS: Final = {
    Step.FRONT: "enrolments.look_straight",
    Step.LEFT: "enrolments.turn_left",
    Step.RIGHT: "enrolments.turn_right",
    Step.UP: "enrolments.look_up",
}


@dataclass(frozen=True, slots=True)
class Look:
    """One frame's foremost face. `advice` is a dotted hint ("" when the picture is good).

    `left` … `height` are fractions of the frame; `vector` is 512 bytes; `photograph` a JPEG, only
    where the person agreed to that.
    """

    track_id: int
    pose: Pose
    score: float
    advice: str
    second_ratio: float
    captured_at: float
    left: float
    top: float
    width: float
    height: float
    vector: bytes = field(repr=False)
    photograph: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What is kept of one pose."""

    step: Step
    score: float
    vector: bytes = field(repr=False)
    photograph: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Posing:
    """How far the poses are. `orders` are drawn at random: left first, once per try."""

    orders: tuple[bool, ...]
    since: float
    tries: int = 0
    taken: tuple[Taken, ...] = ()
    best: Taken | None = None
    looks: int = 0
    still_since: float | None = None
    start: Pose | None = None
    track_id: int | None = None
    seen_at: float | None = None
    hint: str = HINTS[Step.FRONT]
    outline: tuple[float, float, float, float] | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The poses of this try, as far as they are known."""
        is_left_first = self.orders[min(self.tries, len(self.orders) - 1)]
        sides = (Step.LEFT, Step.RIGHT) if is_left_first else (Step.RIGHT, Step.LEFT)
        is_poor = bool(self.taken) and self.taken[0].score < GOOD_SCORE
        return (Step.FRONT, *sides, Step.UP) if is_poor else (Step.FRONT, *sides)

    @property
    def step(self) -> Step | None:
        """The pose that is asked for now; None when all are taken."""
        place = len(self.taken)
        return self.steps[place] if place < len(self.steps) else None

    @property
    def has_failed(self) -> bool:
        """Whether the challenge was failed too often."""
        return self.tries >= TRIES_MAX

    @property
    def still_share(self) -> float:
        """How much of holding still is done, 0 to 1: what fills the ring."""
        if self.still_since is None or self.seen_at is None:
            return 0.0
        return min((self.seen_at - self.still_since) / STILL_S, 1.0)


def pose(posing: Posing, look: Look | None, now: float) -> Posing:
    """Take one look (None: nobody is seen); a finished or failed posing stays as it is."""
    step = posing.step
    if step is None or posing.has_failed:
        return posing
    if now - posing.since > STEP_MAX_S and step is not Step.FRONT:
        return _again(posing, now, "enrolments.too_slow", costs_try=True)
    if look is None:
        return _unseen(posing, now)
    seen = replace(
        posing, seen_at=look.captured_at, outline=(look.left, look.top, look.width, look.height)
    )
    if look.second_ratio >= SECOND_FACE:
        return _again(seen, now, "faces.several")
    if posing.taken and look.track_id != posing.track_id:
        return _again(seen, now, "enrolments.stay")
    return _front(seen, look, now) if step is Step.FRONT else _turned(seen, step, look, now)


def _unseen(posing: Posing, now: float) -> Posing:
    seen_at = posing.seen_at
    if posing.taken and seen_at is not None and now - seen_at > GONE_S:
        return _again(posing, now, "enrolments.stay")
    if seen_at is not None and now - seen_at <= GONE_S:
        return posing
    return replace(posing, hint="faces.look_here", outline=None, still_since=None, looks=0,
                   best=None)  # fmt: skip


def _front(posing: Posing, look: Look, now: float) -> Posing:
    is_straight = (
        abs(look.pose.yaw_deg) <= FRONT_YAW_DEG and abs(look.pose.pitch_deg) <= FRONT_PITCH_DEG
    )
    if look.advice or not is_straight or posing.track_id not in (None, look.track_id):
        return replace(
            posing, hint=look.advice or HINTS[Step.FRONT], still_since=None, looks=0, best=None,
            track_id=look.track_id,
        )  # fmt: skip
    taken = Taken(Step.FRONT, look.score, look.vector, look.photograph)
    best = taken if posing.best is None or look.score > posing.best.score else posing.best
    still_since = look.captured_at if posing.still_since is None else posing.still_since
    held = replace(
        posing, best=best, looks=posing.looks + 1, still_since=still_since,
        hint="faces.hold_still", track_id=look.track_id,
    )  # fmt: skip
    if held.looks < LOOKS_MIN or look.captured_at - still_since < STILL_S:
        return held
    return _next(replace(held, start=look.pose), best, now)


def _turned(posing: Posing, step: Step, look: Look, now: float) -> Posing:
    start = posing.start
    assert start is not None, "the front is always taken first"
    if step is Step.UP:
        is_there = start.pitch_deg - look.pose.pitch_deg >= UP_MIN_DEG
    else:
        is_there = has_turned(start, look.pose, SIDES[step])
        other = Side.LEFT if SIDES[step] is Side.RIGHT else Side.RIGHT
        is_challenge = len(posing.taken) == 1
        if is_challenge and has_turned(start, look.pose, other):
            return _again(posing, now, "enrolments.wrong_side", costs_try=True)
    advice = "" if look.advice == "faces.turned_away" else look.advice
    if not is_there or advice or abs(look.pose.yaw_deg) > TURNED_MAX_DEG:
        return replace(posing, hint=advice or HINTS[step])
    if distance_between(posing.taken[0].vector, look.vector) > SAME_FACE:
        return _again(posing, now, "enrolments.one_person", costs_try=True)
    return _next(posing, Taken(step, look.score, look.vector, look.photograph), now)


def _next(posing: Posing, taken: Taken, now: float) -> Posing:
    moved = replace(
        posing, taken=(*posing.taken, taken), since=now, best=None, looks=0, still_since=None
    )
    step = moved.step
    return replace(moved, hint=HINTS[step] if step else "enrolments.taken")


def _again(posing: Posing, now: float, hint: str, *, costs_try: bool = False) -> Posing:
    tries = posing.tries + costs_try
    return Posing(
        posing.orders, now, tries=tries, track_id=posing.track_id, seen_at=posing.seen_at,
        outline=posing.outline, hint="faces.not_live" if tries >= TRIES_MAX else hint,
    )  # fmt: skip
