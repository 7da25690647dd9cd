"""What diners and cashiers do at a counter; each way of paying once, used by meals and cases.

`present_*` puts something in front of the counter and returns the machine's monotonic instant of
it; `pay` sees a presentation through to the approval or the refusal, answering what is asked.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np

from devices.simulated.scene import Actor, Scene, standing_still
from devices.vision.faces.engine import OnnxFaceEngine
from fanpiao.demo.bench import SEED, Bench, View
from fanpiao.demo.canteen import CASHIER_PIN, FLOAT_AMOUNT, Canteen
from fanpiao.demo.processes import DemoFailed
from fanpiao.demo.tally import Sale, Tally
from fanpiao.fetch_data import MODEL

if TYPE_CHECKING:
    from server.config.sample import SamplePerson

SHOWN_S = 0.35
"""Nobody presents anything before the amount was there for a moment (P11)."""
APPROVED_S = 0.85
PRESS_AGAIN_S = 0.4
SALE_S = 12.0
LOOK_S = 6.0


@dataclass(frozen=True, slots=True)
class Showing:
    """One presentation: how to begin it, how to take it away, and how long its place needs."""

    tender: str
    begin: Callable[[], float]
    end: Callable[[], None]
    person: SamplePerson | None = None


class Hands:
    """The people of one canteen."""

    def __init__(self, canteen: Canteen, tally: Tally, seed: int = 2026) -> None:
        self.canteen, self.tally = canteen, tally
        self.random = Random(seed)  # who comes next; nothing secret
        self._channel_codes = 0
        self.meal = ""

    # --- what is shown --------------------------------------------------------------------

    def phone(self, bench: Bench, person: SamplePerson) -> Showing:
        """A phone with a fresh code of the person's wallet."""

        return self.text(bench, self.code_of(person), person)

    def text(self, bench: Bench, text: str, person: SamplePerson) -> Showing:
        """A code of the person as a picture of it: always the same text."""

        def begin() -> float:
            at = time.monotonic()
            bench.scanner.read_out(text)
            return at

        return Showing("code", begin, lambda: None, person)

    def code_of(self, person: SamplePerson) -> str:
        """What the phone shows now."""
        return person.phone.code(self.canteen.clock.now(), os.urandom(8))

    def channel(self, bench: Bench, ending: str = "00") -> Showing:
        """A payment app's code; the simulated channel reads its part from the last two digits."""
        self._channel_codes += 1
        text = f"13{self._channel_codes:014d}{ending}"

        def begin() -> float:
            at = time.monotonic()
            bench.scanner.read_out(text)
            return at

        return Showing("code", begin, lambda: None)

    def card(self, bench: Bench, person: SamplePerson) -> Showing:
        """The person's card on the reader."""

        def begin() -> float:
            at = time.monotonic()
            bench.lay_card(person.card_uid)
            return at

        return Showing("card", begin, bench.lift_card, person)

    def cash(self, bench: Bench) -> Showing:
        """Notes on the tray: the next round sum above the price."""

        def begin() -> float:
            at = time.monotonic()
            bench.press("cash_tendered", given_amount=2000)
            return at

        return Showing("cash", begin, lambda: None)

    def number(self, bench: Bench, person: SamplePerson) -> Showing:
        """Number and own PIN on the pad."""

        def begin() -> float:
            at = time.monotonic()
            bench.press("number_entered", number=person.number, pin=person.pin)
            return at

        return Showing("number", begin, lambda: None, person)

    def face(self, bench: Bench, person: SamplePerson, look: int = 0) -> Showing:
        """The person before the camera, in one of their pictures."""
        actor = actor_of(picture_of(person, look))

        def begin() -> float:
            bench.await_nobody()
            mark = len(bench.faces)
            bench.show(Scene((actor,), LOOK_S, seed=SEED))
            return self._first_seen(bench, mark)

        return Showing("face", begin, bench.show_nobody, person)

    # --- paying ---------------------------------------------------------------------------

    def ready(self, bench: Bench) -> None:
        """Wait until the counter is armed and its amount has been read."""
        bench.pass_until(lambda view: view["phase"] == "armed" and not view["latched"], "be armed")
        bench.timeline.wait(SHOWN_S)

    def pay(self, bench: Bench, showing: Showing, *, lies_on: bool = False) -> Sale | None:
        """Present, answer what is asked, and leave; None when it was declined.

        `lies_on`: what was presented stays there; the caller takes it away.
        """
        self.ready(bench)
        before, mark = bench.view["payment"], len(bench.views)
        began = showing.begin()
        self._carry_through(bench, showing, before)
        sale = self._sale(bench, showing, mark, began)
        if showing.tender == "face":
            self._note_identity(bench, mark, began)
        if not lies_on:
            showing.end()
        self._leave(bench, sale)
        return sale

    def see_through(self, bench: Bench, showing: Showing, began: float) -> Sale | None:
        """What was presented at `began` is already being asked about: answer, and see its end."""
        before, mark = bench.view["payment"], len(bench.views)
        self._carry_through(bench, showing, before)
        sale = self._sale(bench, showing, mark, began)
        self._leave(bench, sale)
        return sale

    def _carry_through(self, bench: Bench, showing: Showing, before: str) -> None:
        end = time.monotonic() + SALE_S
        while not _has_ended(bench.view, before):
            if time.monotonic() > end:
                raise DemoFailed(f"{bench.name}: {showing.tender} went nowhere: {bench.view}")
            self._answer(bench, showing)

    def _leave(self, bench: Bench, sale: Sale | None) -> None:
        if sale is not None:
            self.tally.sold(sale)
        else:
            self.tally.spared(str(bench.view["code"]) or "declined")
            bench.key("cleared")
        bench.timeline.wait(APPROVED_S)

    def _answer(self, bench: Bench, showing: Showing) -> None:
        phase = bench.phase
        if phase == "confirm":
            bench.key("confirmed", who="cashier")
        elif phase == "second_factor" and showing.person is not None:
            bench.press("factor_entered", text=showing.person.pin)
        bench.glance(lambda view: view["phase"] != phase, PRESS_AGAIN_S)

    def _sale(self, bench: Bench, showing: Showing, mark: int, began: float) -> Sale | None:
        shown = [one for one in bench.views[mark:] if one.what["phase"] == "approved"]
        if not shown:
            return None
        view, at = shown[0].what, shown[0].at
        (row,) = [row for row in view["strip"] if row[0] == view["payment"]][:1]
        return Sale(
            counter=bench.name,
            meal=self.meal,
            tender=showing.tender,
            payment_id=view["payment"],
            amount=row[1],
            is_online=bool(row[3]),
            person_id=showing.person.person_id if showing.person else None,
            latency_ms=(at - began) * 1000,
        )

    def _note_identity(self, bench: Bench, mark: int, began: float) -> None:
        named = [one for one in bench.views[mark:] if one.what["phase"] == "confirm"]
        if named:
            self.tally.knew_face((named[0].at - began) * 1000)

    def _first_seen(self, bench: Bench, mark: int) -> float:
        """When the face was first in the zone; the name that follows is timed too."""
        seen = bench.expect_face(mark, "seen")
        return seen.at

    # --- the day --------------------------------------------------------------------------

    def open_shift(self, bench: Bench) -> None:
        """PIN, the day's card, the float, and serving."""
        self.sign_in(bench)
        self.serve(bench)

    def sign_in(self, bench: Bench) -> None:
        """PIN, the day's card, and the float."""
        bench.pass_until(
            lambda view: view["phase"] == "locked" and bool(view["period"]), "know the meal", 30
        )
        bench.press("pin_entered", pin=CASHIER_PIN)
        bench.expect(lambda view: bool(view["is_signed_in"]), "know the cashier")
        bench.press("day_accepted", float_amount=FLOAT_AMOUNT)
        bench.expect(lambda view: view["phase"] == "idle", "open the shift")

    def serve(self, bench: Bench) -> None:
        """开始供餐."""
        bench.key("serving_started")
        bench.expect(lambda view: view["phase"] == "armed", "be armed")

    def wait_for_queues(self) -> None:
        """Wait until every counter has handed over what it knows."""
        self.canteen.wait_for(
            lambda: all(bench.view["waiting"][0] == 0 for bench in self.canteen.benches),
            "the queues are handed over",
        )

    def print_newest(self, bench: Bench) -> None:
        """A diner asks for the receipt of the newest sale."""
        bench.press("reprint_asked", payment_id=bench.view["strip"][0][0])

    def close_shift(self, bench: Bench) -> None:
        """Count the drawer; what the cashier took is what should be in it."""
        taken = self.tally.cash_taken.pop(bench.name, 0)
        self.wait_for_queues()
        bench.pass_until(lambda view: view["phase"] in ("armed", "idle"), "be at rest")
        bench.press("close_asked", counted_amount=FLOAT_AMOUNT + taken)
        bench.expect(lambda view: view["phase"] == "locked", "close the shift")
        difference = bench.view["difference"]
        if difference != 0:
            raise DemoFailed(f"{bench.name}: the drawer is off by {difference} fen")


def _has_ended(view: View, before: str) -> bool:
    if view["phase"] == "declined":
        return True
    return bool(view["phase"] == "approved" and view["payment"] != before)


def picture_of(person: SamplePerson, look: int) -> Path:
    """One of all pictures of an enrolled person: the enrolled one, or another look."""
    folder = Path("looks") / person.name
    looks = sorted((person.photos[0].parents[2] / folder).glob("*.jpg"))
    pictures = [person.photos[0], *looks]
    return pictures[look % len(pictures)]


@lru_cache
def actor_of(picture: Path, length_s: float = LOOK_S) -> Actor:
    """Whoever is in the picture, standing still."""
    return standing_still(str(picture), box_of(picture), length_s)


@lru_cache
def box_of(picture: Path) -> tuple[int, int, int, int]:
    """Where the face is in a picture, by the detector that the eyes use."""
    image = cv2.imread(str(picture))
    if image is None:
        raise DemoFailed(f"{picture} is no picture; run script/setup again")
    faces = _engine().detect(np.asarray(image, np.uint8))
    if not faces:
        raise DemoFailed(f"no face in {picture}")
    box = faces[0].box
    return int(box.x), int(box.y), int(box.width), int(box.height)


@lru_cache(maxsize=1)
def _engine() -> OnnxFaceEngine:
    return OnnxFaceEngine(MODEL)
