"""The kiosk itself: how soon it is there, what it weighs, how soon and how evenly it answers.

Each start is `fanpiao terminal` as anybody starts it, with a probe beside its windows
(`kiosk_process.py`); both windows are painted, by the processor, in their full size. File caches
are warm: the first start of each kind is not counted.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, at_most, quantile
from benchmarks.people import Person
from benchmarks.place import (
    SCREEN,
    Counter,
    Place,
    ProbedBench,
    offscreen,
    open_place,
    require,
    start_kiosk,
)
from devices.simulated.scene import Scene, walking_past
from fanpiao.demo.bench import SEED, Bench
from fanpiao.demo.hands import box_of
from fanpiao.demo.processes import Child, DemoFailed
from fanpiao.fetch_data import STRANGERS

STARTS, QUICK_STARTS = 5, 3
SALES, QUICK_SALES = 200, 20
FACES_S, QUICK_FACES_S = 60.0, 10.0
CAMERA_FPS = 30
"""What a camera gives; the eyes look at as many as one core allows and drop the rest."""
WALK_S = 4.0
TICK_LATE_MS = 20.0
START_S, FRAME_S, STOP_S = 60.0, 30.0, 10.0
PACE_S = 0.12
"""Between two keys: a quick finger, and every frame belongs to one key."""
AMOUNT = "600"
SHOWN_S = 0.35
CARD_S = 0.3
SALE_S = 15.0
LOOK_S = 0.01
XVFB = ("Xvfb", "-displayfd", "1", "-screen", "0", f"{SCREEN}x24", "-nolisten", "tcp")


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield starts, then weight, keys and ticks of one kiosk that sells."""
    people = QUICK_SALES if quick else SALES
    counter = Counter(source="keyed", mode="auto", fps=CAMERA_FPS)
    with (
        tempfile.TemporaryDirectory(prefix="fanpiao-kiosk-") as folder,
        open_place([counter], people, Path(folder)) as place,
    ):
        [bench] = place.benches
        starts = QUICK_STARTS if quick else STARTS
        yield from _starts("offscreen", bench, offscreen(bench.folder), starts)
        with x_server() as display:
            yield from _starts("Xvfb", bench, display, starts)
        yield from Selling(place, bench, QUICK_FACES_S if quick else FACES_S).measure(quick=quick)


# --- starting -----------------------------------------------------------------------------


def _starts(where: str, bench: Bench, environment: dict[str, str], count: int) -> Iterator[Figure]:
    first: list[float] = []
    locked: list[float] = []
    bare: list[float] = []
    for number in range(count + 1):
        anchor_s = _bare_start(environment)
        first_s, locked_s = _start(bench, environment)
        if number:  # the one before only warmed the caches
            first, locked, bare = [*first, first_s], [*locked, locked_s], [*bare, anchor_s]
    against, name = statistics.median(bare), "a bare QML window's first frame"
    for title, values, limit in (
        ("first frame", first, "imports, both windows' QML, the store"),
        ("ready, LOCKED shown", locked, "the same, then what the last power cut left"),
    ):
        yield Figure(
            f"start → {title}, {where}", statistics.median(values), "s", name, against,
            limit=f"{limit} ({min(values):.2f}-{max(values):.2f} s, caches warm)",
        )  # fmt: skip


def _start(bench: Bench, environment: dict[str, str]) -> tuple[float, float]:
    """Start the kiosk once; seconds to its first frame and to the locked counter's."""
    began = time.monotonic()
    child = start_kiosk(bench, environment)
    try:
        found = _frames(child, {"first", "locked"})
    finally:
        child.stop()
    return found["first"] - began, found["locked"] - began


def _frames(child: Child, wanted: set[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    assert child.process.stdout is not None
    for line in child.process.stdout:
        said = json.loads(line)
        if "frame" in said:
            found[said["frame"]] = said["at"]
        if wanted <= found.keys():
            return found
    raise DemoFailed(f"the kiosk ended before its frames: {child.last_words()}")


def _bare_start(environment: dict[str, str]) -> float:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare_window"], env={**os.environ, **environment},
        capture_output=True, timeout=START_S, check=True,
    )  # fmt: skip
    return float(json.loads(done.stdout)["at"]) - began


@contextlib.contextmanager
def x_server() -> Iterator[dict[str, str]]:
    """Run an X server of our own; yield what makes Qt use it."""
    with subprocess.Popen(XVFB, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            assert server.stdout is not None
            number = server.stdout.readline().strip().decode()
            require(number, "Xvfb did not start; script/setup installs it")
            yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        finally:
            server.terminate()


# --- selling ------------------------------------------------------------------------------


@dataclass(slots=True)
class Selling:
    """One kiosk with its camera, an amount keyed for each sale."""

    place: Place
    bench: ProbedBench
    faces_s: float

    def measure(self, *, quick: bool) -> Iterator[Figure]:
        """Yield everything, from one process from its start to its last sale."""
        bench = self.bench
        self.place.open(bench)
        self.place.wait_for_camera(bench)
        yield from self._weight("after the start")
        yield from self._ticks("at rest, the camera on an empty zone", self._rest)
        yield from self._ticks(f"faces, camera at {CAMERA_FPS}/s", self._faces, TICK_LATE_MS)
        buyers = [one for one in self.place.sample.people if one.photograph is None]
        sales = QUICK_SALES if quick else SALES
        yield from self._ticks(f"{sales} sales", lambda: self._sell(buyers[:sales]))
        yield from self._weight(f"after {sales} sales")
        yield from self._keys()
        self.place.hand_over()
        bench.switch_off()

    def _rest(self) -> None:
        time.sleep(3.0)

    def _faces(self) -> None:
        """Somebody unknown walks past again and again; armed, so each frame is looked up too."""
        [picture] = sorted(STRANGERS.glob("*/*.jpg"))
        scene = Scene((walking_past(str(picture), box_of(picture), WALK_S),), WALK_S, SEED)
        end = time.monotonic() + self.faces_s
        while time.monotonic() < end:
            if self.bench.phase == "idle":
                self._arm()
            self.bench.show(scene)
            time.sleep(WALK_S)
            require(self.bench.phase != "approved", "somebody unknown paid")
        self.bench.show_nobody()
        self._key("clear")

    def _sell(self, buyers: Sequence[Person]) -> None:
        for buyer in buyers:
            self._until("idle")
            self._arm()
            time.sleep(SHOWN_S)
            self.bench.lay_card(buyer.card_uid)
            self._until("approved")
            time.sleep(CARD_S)
            self.bench.lift_card()
        self._until("idle")

    def _arm(self) -> None:
        for digit in AMOUNT:
            self._key(digit)
        self._key("enter")
        self._until("armed")

    def _key(self, name: str) -> None:
        self.bench.say(type=name)
        time.sleep(PACE_S)

    def _until(self, phase: str) -> None:
        self.bench.expect(lambda view: view["phase"] == phase, f"be {phase}", SALE_S)

    # --- what was found -------------------------------------------------------------------

    def _ticks(
        self, what: str, work: Callable[[], None], most_ms: float | None = None
    ) -> Iterator[Figure]:
        self._report()
        began = time.monotonic()
        work()
        took_s, said = time.monotonic() - began, self._report()
        late_ms, frames, faces = said["ticks_ms"], said["frames"], said["faces"]
        require(faces or work != self._faces, "the eyes saw no face")
        limit = "an interpreter shared with the counter's thread, cores shared with the eyes"
        seen = f"{frames / took_s:.0f} frames a second looked at, {faces} of them with a face"
        for name, value, most in (
            ("p50", quantile(late_ms, 0.5), None), ("p99", quantile(late_ms, 0.99), None),
            ("max", max(late_ms), most_ms),
        ):  # fmt: skip
            yield at_most(
                f"10 ms tick of the GUI thread, late by: {what}, {name}", value, "ms", most,
                f"{limit} ({len(late_ms)} ticks; {seen})" if name == "p50" else "",
            )  # fmt: skip

    def _report(self) -> dict[str, Any]:
        """Ask for the ticks since the last time, and what the eyes looked at meanwhile."""
        count = len(self.bench.reports)
        self.bench.say(report="ticks")
        until = time.monotonic() + FRAME_S
        while len(self.bench.reports) == count:
            require(time.monotonic() < until, "the probe does not answer")
            time.sleep(LOOK_S)
        return self.bench.reports[-1]

    def _keys(self) -> Iterator[Figure]:
        typed_ms = self.bench.typed_ms
        limit = "the GUI thread's event, the counter's step, its view, one frame of both windows"
        for share in (0.5, 0.99):
            yield at_most(
                f"key → the frame that shows its effect, p{share * 100:.0f}",
                quantile(typed_ms, share), "ms", None, f"{limit} ({len(typed_ms)} keys)",
            )  # fmt: skip

    def _weight(self, when: str) -> Iterator[Figure]:
        require(self.bench.child, "the kiosk does not run")
        assert self.bench.child is not None
        kiosk = self.bench.child.pid
        [eyes] = children_of(kiosk)
        for name, process in (("kiosk", kiosk), ("eyes", eyes)):
            yield at_most(f"memory of the {name} process, {when}", rss_mb(process), "MB", None, "")


def rss_mb(process: int) -> float:
    """Return the resident memory of a process, shared pages included, in MB of 10^6 bytes."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    [kilobytes] = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return int(kilobytes) * 1024 / 1e6


def children_of(process: int) -> list[int]:
    """Return the processes that any thread of `process` started and that still run."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for one in lists for child in one.read_text().split()]
