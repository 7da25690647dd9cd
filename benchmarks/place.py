"""A made-up canteen whose counters are real kiosks: server, windows, camera processes, devices.

Everything runs on the machine's own clock: the sample's meals are put around the present hour.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.apart import apart
from benchmarks.canteen import Canteen
from benchmarks.people import Person, Sample
from benchmarks.serving import Served, serving
from fanpiao.demo.bench import Bench
from fanpiao.demo.processes import Child, DemoFailed
from fanpiao.demo.timeline import Timeline
from fanpiao.fetch_data import PEOPLE

ZONE = ZoneInfo("Asia/Shanghai")
MEAL = "lunch"
MEAL_HOURS = 3
"""How long the meal has been open and stays open: no run is longer."""
CASHIER_PIN = "135790"
RICH_AMOUNT = 1_000_000
"""On top for whoever pays by face: they come again and again."""
START_S = 90.0
SHIFT_S = 30.0
SCREEN = "2560x800"
"""Room for both windows of a counter, each in its full size."""

_PROFILE = """name = "{name}"
version = 1
language = "zh"
attended = true
tenders = ["card", "code", {face}"cash"]

[title]
zh = "示例窗口"
en = "Sample counter"

[amount]
source = "{source}"

[face]
mode = "{mode}"
auto_lane = {lane}

[[devices]]
name = "scanner"
kind = "scanner"
driver = "serial_scanner"
settings = {{ port = "{port}" }}

[[devices]]
name = "reader"
kind = "card_reader"
driver = "simulated"
"""
_CAMERA = """
[[devices]]
name = "camera"
kind = "camera"
driver = "simulated"
settings = {{ fps = {fps} }}
"""


class RealTime(Timeline):
    """Time as it passes: nothing is skipped."""

    def __init__(self) -> None:
        """Have no clock of its own."""

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


class ProbedBench(Bench):
    """A bench that also keeps what the probe beside the windows measured."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name, start_kiosk, RealTime(), folder)
        self.typed_ms: list[float] = []
        self.reports: list[dict[str, Any]] = []

    def _hear(self, said: dict[str, Any], child: Child) -> None:
        if "typed_ms" in said:
            self.typed_ms.append(said["typed_ms"])
        elif "ticks_ms" in said:
            self.reports.append(said)
        super()._hear(said, child)


@dataclass(frozen=True, slots=True)
class Made:
    """What `fill` made."""

    sample: Sample
    canteen: Canteen


def fill(database: str, counters: int, people: int) -> Made:
    """Make the database through the use-cases. For `apart`."""
    from server.config.boot import boot, prepare_database

    chosen = boot(database)
    prepare_database()
    from django.conf import settings

    from server.config.database import secrets_path
    from server.config.sample import create_sample

    now = datetime.now(UTC)
    sample = create_sample(
        now=now, random=os.urandom, secrets=settings.SECRETS, counters=counters, people=people,
        photos=PEOPLE,
    )  # fmt: skip
    _serve_now(sample, now)
    _enrich(sample, now)
    return Made(_plain(sample), Canteen(database, secrets_path(chosen), (), ()))


def _plain(sample: Any) -> Sample:
    """What other processes may know of it: theirs is without Django."""
    people = tuple(
        Person(
            who.person_id, who.name, who.category, who.card_uid, who.phone.seed,
            who.phone.certificate, who.photos[0] if who.enrolled else None,
        )
        for who in sample.people
    )  # fmt: skip
    return Sample(
        people,
        tuple(counter.activation_code for counter in sample.counters),
        {category: first for (category, meal), (first, _) in sample.prices.items() if meal == MEAL},
    )


def _serve_now(sample: Any, now: datetime) -> None:
    """Let the one meal of the day be the present hours."""
    from server.catalogue.models import MealPeriod
    from server.catalogue.set_period import remove_period, set_period
    from server.merchants.models import Store

    for period in MealPeriod.objects.exclude(code=MEAL):
        remove_period(period)
    starts, ends = (
        (now.astimezone(ZONE) + timedelta(hours=hours)).strftime("%H:%M")
        for hours in (-MEAL_HOURS, MEAL_HOURS)
    )
    store = Store.objects.get(id=sample.store_id)
    set_period(store, MEAL, starts, ends, now=now, random=os.urandom, name_zh="午餐")


def _enrich(sample: Any, now: datetime) -> None:
    from django.db import connection, transaction

    from server.fresh import fresh_id
    from server.ledger.apply import apply
    from server.wallets.top_up import top_up

    commands = [
        top_up(
            fresh_id(now, os.urandom), sample.organisation_id, who.person_id, RICH_AMOUNT,
            source="opening", at=now, business_on=now.astimezone(ZONE).date(),
        )
        for who in sample.with_faces()
    ]  # fmt: skip
    with transaction.atomic():
        apply(connection, commands)


@dataclass(frozen=True, slots=True)
class Counter:
    """How one counter is set up. `fps` 0: it has no camera."""

    source: str = "standing"
    mode: str = "off"
    fps: int = 0


@dataclass(slots=True)
class Place:
    """The running canteen."""

    folder: Path
    sample: Sample
    canteen: Canteen
    served: Served
    benches: list[ProbedBench]

    def open(self, bench: Bench) -> None:
        """Switch a counter on, and open its shift."""
        bench.switch_on()
        bench.expect(
            lambda view: view.get("phase") == "locked" and bool(view["period"]), "be ready", START_S
        )
        bench.press("pin_entered", pin=CASHIER_PIN)
        bench.expect(lambda view: bool(view["is_signed_in"]), "know the cashier", SHIFT_S)
        bench.press("day_accepted", float_amount=0)
        bench.expect(lambda view: view["phase"] == "idle", "open the shift", SHIFT_S)

    def wait_for_camera(self, bench: Bench) -> None:
        """Wait until the camera's process looks."""
        bench.expect(
            lambda view: view["devices"].get("camera", "").startswith("ready"), "see", START_S
        )

    def hand_over(self) -> None:
        """Wait until no counter keeps anything that the server has not."""
        for bench in self.benches:
            bench.expect(lambda view: view["waiting"][0] == 0, "hand over", START_S)


@contextlib.contextmanager
def open_place(counters: Sequence[Counter], people: int, folder: Path) -> Iterator[Place]:
    """Fill a canteen, serve it, and bind its counters; they are not switched on yet."""
    made: Made = apart(fill, str(folder / "server.sqlite3"), len(counters), people)
    with serving(made.canteen) as served:
        place = Place(folder, made.sample, made.canteen, served, [])
        try:
            for number, counter in enumerate(counters):
                place.benches.append(_bench(place, number, counter))
            yield place
        finally:
            for bench in place.benches:
                bench.close()


def profile_text(counter: Counter, port: Path) -> str:
    """The profile of a counter whose scanner hangs on `port`, as a file's text."""
    text = _PROFILE.format(
        name="canteen", source=counter.source, mode=counter.mode, port=port,
        face='"face", ' if counter.fps else "", lane=str(counter.mode == "auto").lower(),
    )  # fmt: skip
    return text + (_CAMERA.format(fps=counter.fps) if counter.fps else "")


def _bench(place: Place, number: int, counter: Counter) -> ProbedBench:
    from sync.activation import activate_terminal
    from sync.keystore import FileKeyStore
    from terminal_app.terminal import KEYS, SOFTWARE

    folder = place.folder / f"counter-{number + 1}"
    folder.mkdir()
    bench = ProbedBench(f"counter {number + 1}", folder)
    (folder / "profile.toml").write_text(profile_text(counter, Path(bench.scanner.path)))
    code = place.sample.activation_codes[number]
    activate_terminal(
        FileKeyStore(folder / KEYS), place.served.url, code, serial=f"bench-{number}",
        software=SOFTWARE, random=os.urandom,
    )  # fmt: skip
    return bench


def start_kiosk(bench: Bench, environment: dict[str, str] | None = None) -> Child:
    """Start `fanpiao terminal` with its windows and the probe in it."""
    return Child(
        "benchmarks.kiosk_process",
        ["--profile", str(bench.folder / "profile.toml"), "--state", str(bench.folder), "--framed"],
        bench.folder / "log",
        environment or offscreen(bench.folder),
    )


def offscreen(folder: Path) -> dict[str, str]:
    """Say how Qt paints into memory, on a screen as wide as both windows."""
    width, height = (int(one) for one in SCREEN.split("x"))
    screens = folder / "screens.json"
    if not screens.exists():
        one = {"name": "one", "x": 0, "y": 0, "width": width, "height": height}
        dots = {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
        screens.write_text(json.dumps({"screens": [one | dots]}))
    return {"QT_QPA_PLATFORM": f"offscreen:configfile={screens}"}


def audit_counter(bench: Bench) -> list[str]:
    """Audit the file of a counter that is switched off; one sentence for what does not hold."""
    from sync.audit import audit_store
    from sync.keystore import FileKeyStore, store_key
    from sync.store import LocalStore
    from terminal_app.terminal import KEYS

    key = store_key(FileKeyStore(bench.folder / KEYS), os.urandom)
    with LocalStore(bench.store, is_read_only=True, seal_key=key) as store:
        found = [f"{bench.name}: {one.check}: {one.what}" for one in audit_store(store)]
        sql = "SELECT count(*) FROM journal WHERE state IN ('waiting', 'rejected')"
        [(waiting,)] = store.rows(sql)
    return [*found, *([f"{bench.name}: {waiting} records wait"] if waiting else [])]


def require(is_so: object, what: str) -> None:
    """Raise `DemoFailed` when a run did not do what it is measured for."""
    if not is_so:
        raise DemoFailed(what)
