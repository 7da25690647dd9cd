"""Who comes to which counter at a meal, in what order and with what in their hands."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanpiao.demo.bench import Bench
from fanpiao.demo.hands import Hands, Showing

if TYPE_CHECKING:
    from server.config.sample import SamplePerson

Comes = Callable[[Bench], Showing]


@dataclass(frozen=True, slots=True)
class Menu:
    """How many come with what to one counter."""

    codes: int = 0
    cards: int = 0
    faces: int = 0
    channels: int = 0
    cash: int = 0
    numbers: int = 0


class Crowd:
    """The people of one meal: nobody with a wallet comes twice, but the faces do."""

    def __init__(self, hands: Hands, people: Sequence[SamplePerson]) -> None:
        self._hands = hands
        self._waiting = [one for one in people if not one.photos]
        hands.random.shuffle(self._waiting)
        self._faces = [one for one in people if one.photos]
        self._looks = 0

    def one(self) -> SamplePerson:
        """Somebody who has not eaten yet."""
        return self._waiting.pop()

    def line(self, menu: Menu) -> list[Comes]:
        """A line of people, mixed; the two with faces take turns."""
        hands = self._hands
        line: list[Comes] = []
        for kind, count in (
            (hands.phone, menu.codes), (hands.card, menu.cards), (hands.number, menu.numbers)
        ):  # fmt: skip
            line += [_with(kind, self.one()) for _ in range(count)]
        line += [hands.channel] * menu.channels + [hands.cash] * menu.cash
        hands.random.shuffle(line)
        if not menu.faces:
            return line
        step = max(1, len(line) // menu.faces)
        for place in range(menu.faces):
            line.insert(place * (step + 1), self._face())
        return line

    def _face(self) -> Comes:
        place, self._looks = self._looks, self._looks + 1
        person, look = self._faces[place % len(self._faces)], place // len(self._faces)
        return lambda bench: self._hands.face(bench, person, look)


def _with(kind: Callable[[Bench, SamplePerson], Showing], person: SamplePerson) -> Comes:
    return lambda bench: kind(bench, person)


class Lines:
    """Lines being served at several counters at once, each on its own thread."""

    def __init__(self, hands: Hands, lines: dict[Bench, list[Comes]]) -> None:
        self._hands = hands
        self._pool = ThreadPoolExecutor(len(lines), "line")
        self._served: list[Future[None]] = [
            self._pool.submit(self._serve, bench, line) for bench, line in lines.items()
        ]

    @property
    def is_over(self) -> bool:
        """Whether everybody was served, or a line broke."""
        return all(one.done() for one in self._served) or any(
            one.done() and one.exception() is not None for one in self._served
        )

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        """Watch in real time until it is so, or the lines are over."""
        while not is_so() and not self.is_over:
            time.sleep(0.02)

    def finish(self) -> None:
        """Wait for the end of all lines; raises what broke one."""
        self._pool.shutdown(wait=True)
        for one in self._served:
            one.result()

    def _serve(self, bench: Bench, line: list[Comes]) -> None:
        with self._hands.canteen.timeline.line():
            for comes in line:
                self._hands.pay(bench, comes(bench))
