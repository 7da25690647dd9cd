"""What the bench's buttons do with phones, cards and faces; each returns the note to show."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from devices.simulated.tracks import Scene
from fanpiao.demo.window import people as scenes
from fanpiao.demo.window.people import People
from fanpiao.demo.window.stall import Stall

TAP_S: Final = 0.8
"""How long a tapped card lies there."""


class Hands:
    """The hands of whoever stands in front of the counter. `step` does what was put off."""

    def __init__(self, stall: Stall, people: People) -> None:
        self._stall, self._people = stall, people
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._channel_codes = 0
        self.lifts_soon = False
        self.is_standing = False
        self.confirms_face = False
        """The guided start presses Confirm itself, once."""

    def step(self, now: float) -> None:
        """Do what is due."""
        due = [work for at, work in self._later if at <= now]
        self._later = [one for one in self._later if one[0] > now]
        for work in due:
            work()
        if self.confirms_face and self._stall.is_on and self._stall.bench.phase == "confirm":
            self.confirms_face = False
            self._stall.bench.key("confirmed", who="diner")

    # --- codes and cards ------------------------------------------------------------------

    def show_code(self) -> str:
        """A fresh code of the wallet, read by the scanner."""
        code = self._people.holder.phone.code(self._stall.clock.now(), os.urandom(8))
        self._stall.bench.scanner.read_out(code)
        return "noteCode"

    def show_channel(self) -> str:
        """A payment app's code; the simulated channel pays it."""
        self._channel_codes += 1
        self._stall.bench.scanner.read_out(f"13{self._channel_codes:014d}00")
        return "noteChannel"

    def tap(self) -> str:
        """Lay the card down and lift it again."""
        self._stall.lay(self._people.holder.card_uid)
        self.lifts_soon = True
        self._later.append((time.monotonic() + TAP_S, self._lift))
        return "noteCard"

    def leave_card(self) -> str:
        """Leave the card on the reader, or take it away."""
        if self._stall.card is not None:
            self._lift()
            return ""
        self._stall.lay(self._people.holder.card_uid)
        return "noteCardStays"

    def _lift(self) -> None:
        self.lifts_soon = False
        self._stall.lift()

    # --- faces ----------------------------------------------------------------------------

    def show_face(self) -> str:
        """Stop before the camera and look."""
        return self._before_camera(scenes.looking(self._face()), "noteFace")

    def walk_past(self) -> str:
        """Cross the picture."""
        return self._before_camera(scenes.passing(self._face()), "noteWalk")

    def stand_still(self) -> str:
        """Stand there until it is pressed again."""
        if self.is_standing:
            self._stall.show_nobody()
            self.is_standing = False
            return ""
        note = self._before_camera(scenes.looking(self._face(), scenes.STILL_S), "noteStill")
        self.is_standing = True
        return note

    def two_faces(self) -> str:
        """Two people look at once."""
        return self._before_camera(scenes.pair(self._people.faces()), "noteTwo")

    def stranger(self) -> str:
        """Somebody looks who never enrolled."""
        return self._before_camera(scenes.looking(scenes.stranger()), "noteStranger")

    def _face(self) -> Path:
        self._people.turn_to_face()
        return self._people.face()

    def _before_camera(self, scene: Scene, note: str) -> str:
        self.is_standing = False
        self._stall.show(scene)
        return note
