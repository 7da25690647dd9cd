"""Forty diners a minute at three counters: real kiosks, server, camera, books; no charge wrong.

The script (`rush_script.py`) says who comes when, with what, and what else is in front of the
glass; this file is the hands. The counter with the camera charges faces by itself (`auto`, a lane
by name): nobody stands between a passer-by and a wrong charge but the presence rules. Where a
counter asks the cashier, the cashier looks at the name and says yes only to the one who is there.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.apart import apart
from benchmarks.canteen import read_books
from benchmarks.figures import Figure, at_most, quantile, rate
from benchmarks.people import Person
from benchmarks.place import Counter, Place, audit_counter, open_place, require
from benchmarks.rush_script import COUNTERS, PER_MINUTE, Diner, Due, Manner, Shown, draw, judge
from devices.simulated.scene import Actor, Keyframe, Scene, beside
from domain.people_names import mask_name
from fanpiao.demo.bench import Bench
from fanpiao.demo.books import Books
from fanpiao.demo.hands import actor_of
from fanpiao.demo.processes import DemoFailed
from fanpiao.fetch_data import STRANGERS

SEED = 2026
MINUTES, QUICK_MINUTES = 10, 1
DINER_S = 4.0
"""What one diner may take at one counter."""
FPS = 10
STANDS_S = 60.0
SALE_S = 15.0
PATIENCE_S = 3.0
"""How long a diner waits to be known by face before the card comes out."""
PRESS_AGAIN_S = 0.4
CROSSES_S, LOOKS_S = 1.2, 1.0
LIES_S, RENEWS_S = 2.5, 0.5
LIMITS = {
    "card": "deciding, holding, then a second without a card",
    "code": "two seconds without a code",
    "face": "standing still 0.7 s, the detector on one core, then a second of empty zone",
}
"""What a diner takes by tender, and what of it the presence rules take."""
KEPT_SHARE = 0.98
"""Served of those who came, per minute: the rest may be the last one's seconds at the glass."""


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the pace that was kept, what one diner takes, and the wrong charges: none."""
    minutes = QUICK_MINUTES if quick else MINUTES
    counters = [Counter(mode="auto", fps=FPS), *[Counter()] * (COUNTERS - 1)]
    with tempfile.TemporaryDirectory(prefix="fanpiao-rush-") as folder:
        with open_place(counters, PER_MINUTE * minutes, Path(folder)) as place:
            rush = Rush(place, minutes)
            rush.run()
            place.hand_over()
            for bench in place.benches:
                bench.switch_off()
        wrong = rush.judge()
        require(not wrong, f"{len(wrong)} wrong charges: {wrong[:5]}")
    yield from figures_of(rush.script, rush.served, rush.began_at, len(rush.fallen_back))


@dataclass(slots=True)
class Served:
    """One diner as served; instants in monotonic seconds."""

    diner: Diner
    free_at: float
    presented_at: float
    approved_at: float
    left_at: float


@dataclass(slots=True)
class Rush:
    """One rush through one place."""

    place: Place
    minutes: int
    served: list[Served] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    fallen_back: set[int] = field(default_factory=set)
    began_at: float = 0.0
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _faces: tuple[Person, ...] = ()
    _plain: tuple[Person, ...] = ()
    _stranger: Actor | None = None
    script: tuple[Diner, ...] = ()

    def run(self) -> None:
        """Open the counters, let the diners come, and serve them all."""
        people = self.place.sample.people
        self._faces = tuple(one for one in people if one.photograph is not None)
        self._plain = tuple(one for one in people if one.photograph is None)
        [picture] = sorted(STRANGERS.glob("*/*.jpg"))
        self._stranger = actor_of(picture, STANDS_S)
        self.script = draw(SEED, self.minutes, len(self._faces))
        for bench in self.place.benches:
            self.place.open(bench)
            bench.key("serving_started")
            bench.expect(lambda view: view["phase"] == "armed", "be armed")
        self.place.wait_for_camera(self.place.benches[0])
        self.began_at = time.monotonic()
        with ThreadPoolExecutor(COUNTERS, "line") as pool:
            lines = [pool.submit(self._line, number) for number in range(COUNTERS)]
        for line in lines:
            line.result()

    def judge(self) -> list[str]:
        """Hold what was shown and booked against the script; audit both sides."""
        dues = {one.number: self._due(one) for one in self.script}
        booked = Books(Path(self.place.canteen.database)).payments()
        wrong = judge(dues, self.shown, booked)
        found = apart(read_books, self.place.canteen.database)
        wrong += [f"audit: {one}" for one in found.findings]
        if found.amount != sum(one.amount for one in self.shown):
            wrong.append(f"the counters showed other sums than the books: {found}")
        for bench in self.place.benches:
            wrong += audit_counter(bench)
        return wrong

    # --- one line -------------------------------------------------------------------------

    def _line(self, number: int) -> None:
        bench = self.place.benches[number]
        for diner in self.script:
            if diner.counter != number:
                continue
            left_s = self.began_at + diner.comes_at_s - time.monotonic()
            if left_s > 0:
                time.sleep(left_s)
            self._serve(bench, diner)

    def _serve(self, bench: Bench, diner: Diner) -> None:
        _free(bench)
        free_at, mark = time.monotonic(), len(bench.views)
        self._before(bench, diner)
        time.sleep(diner.decides_s)
        before = bench.view["payment"]
        presented_at = self._present(bench, diner)
        approved_at = self._see_through(bench, diner, before, mark)
        self._leave(bench, diner)
        self._note(bench, diner, mark)
        _free(bench)
        with self._turn:
            left_at = time.monotonic()
            self.served.append(Served(diner, free_at, presented_at, approved_at, left_at))

    def _before(self, bench: Bench, diner: Diner) -> None:
        """Whoever owes nothing is in the picture first."""
        if diner.manner is Manner.WALKER:
            walker = self._actor(self._faces[diner.number % len(self._faces)])
            way = (Keyframe(0.0, 0.12, blur=1.0), Keyframe(CROSSES_S, 0.88, blur=1.0))
            bench.show(Scene((Actor(walker.photograph, walker.face, way),), CROSSES_S, SEED))
            time.sleep(CROSSES_S)
        elif diner.manner is Manner.STRANGER and self._stranger is not None:
            bench.show(Scene((self._stranger,), LOOKS_S, SEED))
            time.sleep(LOOKS_S + 1.0)

    def _present(self, bench: Bench, diner: Diner) -> float:
        person, at = self._person(diner), time.monotonic()
        if diner.tender == "card":
            bench.lay_card(person.card_uid)
        elif diner.tender == "code":
            bench.scanner.read_out(person.code(os.urandom(8)))
        else:
            bench.show(self._standing(diner, person))
        return at

    def _standing(self, diner: Diner, person: Person) -> Scene:
        """The diner stands; beside them, for a moment, another enrolled face of the same size."""
        me = self._actor(person)
        if diner.manner is not Manner.SECOND:
            return Scene((me,), STANDS_S, SEED)
        other = self._actor(self._faces[(diner.person + 1) % len(self._faces)])
        short = Actor(other.photograph, other.face, (Keyframe(0, 0.5), Keyframe(LOOKS_S, 0.5)))
        apart_a_little = beside(me, x=0.4, height=0.34)
        return Scene((apart_a_little, beside(short, x=0.7, height=0.33)), STANDS_S, SEED)

    def _see_through(self, bench: Bench, diner: Diner, before: str, mark: int) -> float:
        until, patient_until = time.monotonic() + SALE_S, time.monotonic() + PATIENCE_S
        name = mask_name(self._person(diner).name)
        while not _approved(bench, before):
            if time.monotonic() > until or bench.phase == "declined":
                raise DemoFailed(f"{bench.name}: {diner} came to nothing: {bench.view}")
            phase = bench.phase
            if phase == "confirm" and bench.view["name"] == name:
                bench.key("confirmed", who="cashier")
            if phase == "armed" and time.monotonic() > patient_until:
                self._fall_back(bench, diner)
            _glance(bench, phase)
        return next(one.at for one in bench.views[mark:] if one.what["phase"] == "approved")

    def _fall_back(self, bench: Bench, diner: Diner) -> None:
        """A face that is not known in time: the diner lays the card down, as the screen says."""
        if diner.tender == "face" and diner.number not in self.fallen_back:
            self.fallen_back.add(diner.number)
            bench.lay_card(self._person(diner).card_uid)

    def _leave(self, bench: Bench, diner: Diner) -> None:
        """Take it away; or leave it lying, and let the phone renew its code."""
        time.sleep(diner.holds_s)
        if diner.manner is Manner.LEFT:
            for _ in range(round(LIES_S / RENEWS_S)):
                if diner.tender == "code":
                    bench.scanner.read_out(self._person(diner).code(os.urandom(8)))
                time.sleep(RENEWS_S)
        if diner.tender == "card" or diner.number in self.fallen_back:
            bench.lift_card()
        if diner.tender == "face":
            bench.show_nobody()

    def _note(self, bench: Bench, diner: Diner, mark: int) -> None:
        """Every payment that the counter showed as approved while this diner was there."""
        views = [one.what for one in bench.views[mark:] if one.what["phase"] == "approved"]
        amounts = {view["payment"]: _row_amount(view) for view in views}
        with self._turn:
            self.shown += [Shown(diner.number, *one) for one in amounts.items()]

    def _due(self, diner: Diner) -> Due:
        """What the script says; the faces are staff, whose second meal costs like the first."""
        person = self._person(diner)
        ways = (diner.tender, "card") if diner.number in self.fallen_back else (diner.tender,)
        return Due(person.person_id, ways, self.place.sample.prices[person.category])

    def _person(self, diner: Diner) -> Person:
        return (self._faces if diner.tender == "face" else self._plain)[diner.person]

    def _actor(self, person: Person) -> Actor:
        assert person.photograph is not None
        return actor_of(person.photograph, STANDS_S)


def figures_of(
    script: Sequence[Diner], served: Sequence[Served], began_at: float, fallen_back: int
) -> Iterator[Figure]:
    """Yield what was measured of a rush in which no charge was wrong, or there are no figures."""
    minutes = len(script) / PER_MINUTE
    came = _per_minute([one.comes_at_s for one in script])
    left = _per_minute([one.approved_at for one in served])
    manners = [one.manner for one in script]
    odd = ", ".join(f"{manners.count(one)} × {one}" for one in Manner if one != "plain")
    yield rate(
        f"the rush: diners a minute over {minutes:g} min, {COUNTERS} counters", [left],
        "diners who came", [came], f"nothing, while the line does not grow ({odd})",
        unit="/min", at_least=KEPT_SHARE,
    )  # fmt: skip
    yield at_most("… wrong charges", 0, "", 0, "script, counters and books agree; audit clean")
    yield Figure(
        "… faces not known in time, who paid by card", fallen_back, "",
        limit="1.5 s for three frames of one track: cores that others take",
    )  # fmt: skip
    late_s = [one.presented_at - began_at - one.diner.comes_at_s for one in served]
    yield at_most("… from coming to presenting, p99", quantile(late_s, 0.99), "s", None, "")
    for tender, limit in LIMITS.items():
        yield from _of(tender, [one for one in served if one.diner.tender == tender], limit)


def _of(tender: str, theirs: Sequence[Served], limit: str) -> Iterator[Figure]:
    if not theirs:
        return
    waits_ms = [(one.approved_at - one.presented_at) * 1e3 for one in theirs]
    takes_s = [one.left_at - one.free_at for one in theirs if one.diner.manner == "plain"]
    for share in (0.5, 0.99):
        title = f"… {tender}: presented → approval shown, p{share * 100:.0f}"
        yield at_most(title, quantile(waits_ms, share), "ms", None, f"{len(theirs)} diners")
    if takes_s:
        title = f"… {tender}: counter free → free again, p50"
        yield at_most(title, statistics.median(takes_s), "s", DINER_S, limit)


def _per_minute(instants: Sequence[float]) -> float:
    return (len(instants) - 1) * 60 / (max(instants) - min(instants))


def _free(bench: Bench) -> None:
    bench.expect(
        lambda view: view["phase"] == "armed" and not view["latched"], "be free again", SALE_S
    )


def _glance(bench: Bench, phase: str) -> None:
    """Look until the screens show another state, at most so long."""
    bench.glance(lambda view: view["phase"] != phase, PRESS_AGAIN_S)


def _approved(bench: Bench, before: str) -> bool:
    return bool(bench.phase == "approved" and bench.view["payment"] != before)


def _row_amount(view: dict[str, object]) -> int:
    rows = view["strip"]
    assert isinstance(rows, list)
    return next(int(row[1]) for row in rows if row[0] == view["payment"])
