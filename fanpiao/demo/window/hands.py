"""What the bench's buttons do with phones, cards and faces; each returns the note to show."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from devices.simulated.scene import Scene
from fanpiao.demo.window import people as scenes
from fanpiao.demo.window.people import People
from fanpiao.demo.window.sign_in import SignIn
from fanpiao.demo.window.stall import Stall

TAP_S: Final = 0.8
"""How long a tapped card lies there."""
READY_S: Final = 0.5
"""Longer than the amount must have been shown before anybody can pay (P11)."""
TAKE_S: Final = 2.0
"""How long somebody whose face was taken stays, before the next one comes."""


class Hands:
    """The hands of whoever stands in front of the counter. `step` does what was put off."""

    def __init__(self, stall: Stall, people: People) -> None:
        self._stall, self._people = stall, people
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._channel_codes = 0
        self._waiting: Callable[[], object] | None = None
        self._ready_since: float | None = None
        self._sign_in = SignIn()
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
        self._do_when_ready(now)
        if self._stall.is_on:
            self._sign_in.step(self._stall.bench, now)
        if self.confirms_face and self._stall.is_on and self._stall.bench.phase == "confirm":
            self.confirms_face = False
            self._stall.bench.key("confirmed", who="diner")

    def serve(self) -> str:
        """Sign in, accept the day and serve, as far as that is not done."""
        self._sign_in.begin(time.monotonic())
        return ""

    def when_ready(self, work: Callable[[], object]) -> None:
        """Do this once the counter waits for the next diner and has shown so for a moment."""
        self._waiting, self._ready_since = work, None

    def _do_when_ready(self, now: float) -> None:
        view = self._stall.bench.view
        if self._waiting is None or view.get("phase") != "armed" or view["latched"]:
            self._ready_since = None
            return
        self._ready_since = now if self._ready_since is None else self._ready_since
        if now - self._ready_since >= READY_S:
            work, self._waiting = self._waiting, None
            work()

    def paid(self) -> None:
        """Whoever was before the camera takes the meal and goes; the next in line comes."""
        if not self.is_standing:
            leave = partial(self._leave, self._stall.scene)
            self._later.append((time.monotonic() + TAKE_S, leave))
        self._people.turn(1)

    def _leave(self, scene: Scene) -> None:
        if self._stall.scene is scene:
            self._stall.show_nobody()

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

    def face_and_confirm(self) -> None:
        """Look, and press Confirm when the name is asked about."""
        self.show_face()
        self.confirms_face = True

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
        self.is_standing = self.confirms_face = False
        self._stall.show(scene)
        return note
