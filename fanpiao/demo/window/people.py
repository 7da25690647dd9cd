"""Whom the bench can put in front of the counter, and what the camera then sees of them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from devices.simulated.scene import Actor, Scene, beside, standing_still, walking_past
from fanpiao.demo.bench import SEED
from fanpiao.demo.books import Books
from fanpiao.demo.hands import box_of, picture_of
from fanpiao.fetch_data import STRANGERS
from terminal_app.screens.bench.view import Holder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.config.sample import SamplePerson

LOOK_S: Final = 12.0
"""Long enough for a person to find the button that confirms."""
WALK_S: Final = 1.8
STILL_S: Final = 3600.0
OTHERS_MAX: Final = 8


class People:
    """The line: the two with faces not next to each other, then some of everybody else."""

    def __init__(self, people: Sequence[SamplePerson]) -> None:
        faces = [one for one in people if one.photos]
        others = [one for one in people if not one.photos]
        first, *rest = faces
        self.cast = (first, *others[:1], *rest, *others[1:OTHERS_MAX])
        self.guest = next(one for one in reversed(others) if one.category == "staff")
        """Whose account somebody uses who tries their own webcam: an adult's."""
        self._place = 0

    @property
    def holder(self) -> SamplePerson:
        """Whose turn it is."""
        return self.cast[self._place]

    def turn(self, by: int) -> None:
        """Let somebody else come."""
        self._place = (self._place + by) % len(self.cast)

    def turn_to_face(self) -> None:
        """Let somebody come whose face is enrolled, unless that is so already."""
        while not self.holder.photos:
            self.turn(1)

    def told(self, books: Books) -> Holder:
        """What the bench says of them; the balance is the books'."""
        one = self.holder
        return Holder(
            name=one.name,
            number=one.number,
            category=one.category,
            pin=one.pin,
            balance_amount=books.balance(one.person_id),
            has_face=bool(one.photos),
        )

    def faces(self) -> tuple[Path, ...]:
        """A picture of everybody who is enrolled."""
        return tuple(picture_of(one, 0) for one in self.cast if one.photos)

    def face(self) -> Path:
        """A picture of whose turn it is."""
        return picture_of(self.holder, 0)


def looking(picture: Path, length_s: float = LOOK_S) -> Scene:
    """Somebody stops and looks."""
    return Scene((_still(picture, length_s),), length_s, SEED)


def passing(picture: Path) -> Scene:
    """Somebody crosses the picture."""
    actor = walking_past(str(picture), box_of(picture), WALK_S)
    return Scene((actor,), WALK_S, SEED)


def pair(pictures: Sequence[Path]) -> Scene:
    """Two people side by side, both near."""
    left, right = (_still(picture, LOOK_S) for picture in pictures[:2])
    actors = (beside(left, x=0.36, height=0.3), beside(right, x=0.66, height=0.3))
    return Scene(actors, LOOK_S, SEED)


def stranger() -> Path:
    """A face that nobody enrolled."""
    return next(STRANGERS.rglob("*.jpg"))


@lru_cache
def _still(picture: Path, length_s: float) -> Actor:
    return standing_still(str(picture), box_of(picture), length_s)
