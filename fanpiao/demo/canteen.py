"""The canteen of one demo: database with made-up people, server process, two counters, devices."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from devices.simulated.pcscd import Pcscd, PcscdFailed, PcscdMissing
from devices.simulated.virtual_card import CardProcess
from fanpiao.demo.bench import Bench
from fanpiao.demo.clock import SharedClock
from fanpiao.demo.processes import Child, DemoFailed
from fanpiao.demo.timeline import Timeline
from fanpiao.fetch_data import PEOPLE

if TYPE_CHECKING:
    from server.config.sample import Sample

ZONE = ZoneInfo("Asia/Shanghai")
OPENS = (6, 40)
CASHIER_PIN, SUPERVISOR_PIN = "135790", "864213"
FLOAT_AMOUNT = 20_000
READY_S = 60.0
PEOPLE_COUNT = 48

_PROFILE = """# Written by the demo.
name = "canteen"
version = 1
language = "zh"
attended = true
tenders = ["card", "code", {face}"number", "cash", "on_account"]

[title]
zh = "示例窗口"
en = "Sample counter"

[amount]
source = "{source}"

[face]
mode = "{mode}"
confirm_by = "either"

[[devices]]
name = "scanner"
kind = "scanner"
driver = "serial_scanner"
settings = {{ port = "{port}" }}

[[devices]]
name = "reader"
kind = "card_reader"
{reader}

[[devices]]
name = "printer"
kind = "printer"
driver = "escpos_printer"
settings = {{ address = "file:{paper}" }}
"""
_CAMERA = """
[[devices]]
name = "camera"
kind = "camera"
driver = "simulated"
settings = { fps = 10 }
"""


class Canteen:
    """Everything that runs. `open` starts it, `close` ends each process by its id."""

    def __init__(self, folder: Path, opens: tuple[int, int] = OPENS) -> None:
        self.folder = folder
        self.database = folder / "server" / "fanpiao.sqlite3"
        self.clock = SharedClock.create(folder / "clock", opening_time(datetime.now(UTC), opens))
        self.timeline = Timeline(self.clock)
        self.port = _free_port()
        self.server: Child | None = None
        self.pcscd = Pcscd()
        self.sample: Sample
        self.benches: list[Bench] = []

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def first(self) -> Bench:
        """The counter with the camera and the real reader."""
        return self.benches[0]

    @property
    def second(self) -> Bench:
        """The counter with the reader's twin."""
        return self.benches[1]

    def fill(self) -> None:
        """Make the database with its people, faces enrolled from photographs."""
        from server.config.boot import alone, boot, prepare_database

        chosen = boot(str(self.database))
        with alone(chosen):
            prepare_database()
            from django.conf import settings
            from django.db import connection

            from server.config.sample import create_sample

            self.sample = create_sample(
                now=self.clock.now(),
                random=os.urandom,
                secrets=settings.SECRETS,
                counters=2,
                people=PEOPLE_COUNT,
                photos=PEOPLE,
            )
            connection.close()

    def start_server(self) -> None:
        """Start the server process on the database and wait until it listens."""
        arguments = ["--database", str(self.database), "--port", str(self.port)]
        arguments += ["--clock", str(self.folder / "clock")]
        log = self.folder / "server.log"
        self.server = Child("fanpiao.demo.serve", arguments, log, {"PYTHONUNBUFFERED": "1"})
        assert self.server.process.stdout is not None
        if self.server.process.stdout.readline().strip() != b"ready":
            raise DemoFailed(f"the server did not start: {self.server.last_words()}")

    def cut_server(self) -> None:
        """Kill -9."""
        assert self.server is not None
        self.server.kill()

    def freeze_server(self, *, is_frozen: bool) -> None:
        """Stop its process in its tracks, or let it go on."""
        assert self.server is not None
        self.server.signal(signal.SIGSTOP if is_frozen else signal.SIGCONT)

    def open_counters(self) -> None:
        """Activate and switch on both counters."""
        try:
            self.pcscd.start()
        except (PcscdMissing, PcscdFailed) as failure:
            raise DemoFailed(f"the card reader's service: {failure}") from failure
        for place in range(2):
            folder = self.folder / f"counter-{place + 1}"
            folder.mkdir()
            bench = Bench(f"counter {place + 1}", self._starter(place), self.timeline, folder)
            self.benches.append(bench)
            self.write_profile(place)
            self._activate(place)
        self.first.card = CardProcess(self.pcscd.ports[0])
        for bench in self.benches:
            bench.switch_on()
        for bench in self.benches:
            bench.come_up()

    def write_profile(self, place: int, source: str = "standing") -> None:
        """Write the profile of a counter; the first has a camera and the PC/SC reader."""
        bench, is_first = self.benches[place], place == 0
        text = _PROFILE.format(
            face='"face", ' if is_first else "",
            source=source,
            mode="confirm" if is_first else "off",
            port=bench.scanner.path,
            reader='driver = "pcsc_reader"' if is_first else 'driver = "simulated"',
            paper=bench.folder / "paper.bin",
        )
        (bench.folder / "paper.bin").touch()
        (bench.folder / "profile.toml").write_text(text + (_CAMERA if is_first else ""))

    def close(self) -> None:
        """End everything that was started."""
        self.timeline.end()
        for bench in self.benches:
            bench.close()
        if self.server is not None:
            self.server.stop()
        self.pcscd.close()

    def wait_for(self, is_so: Callable[[], bool], what: str, within_s: float = 20.0) -> None:
        """Let time pass, real and simulated, until it is so; `DemoFailed` after `within_s`."""
        end = time.monotonic() + within_s
        while not is_so():
            if time.monotonic() > end:
                raise DemoFailed(f"this did not happen: {what}")
            self.timeline.wait(0.5)
            time.sleep(0.03)

    def _starter(self, place: int) -> Callable[[Bench], Child]:
        def start(bench: Bench) -> Child:
            arguments = [
                *("--state", str(bench.folder)),
                *("--profile", str(bench.folder / "profile.toml")),
                *("--clock", str(self.folder / "clock")),
                *("--server", self.url),
            ]
            environment = self.pcscd.environment if place == 0 else {}
            return Child("fanpiao.demo.counter", arguments, bench.folder / "log", dict(environment))

        return start

    def _activate(self, place: int) -> None:
        from sync.activation import activate_terminal
        from sync.keystore import FileKeyStore
        from terminal_app.terminal import KEYS, SOFTWARE

        activate_terminal(
            FileKeyStore(self.benches[place].folder / KEYS),
            self.url,
            self.sample.counters[place].activation_code,
            serial=f"demo-{place + 1}",
            software=SOFTWARE,
            random=os.urandom,
        )


def opening_time(now: datetime, at: tuple[int, int] = OPENS) -> datetime:
    """The next time it is `at` (hour, minute) by the canteen's wall clock: early at breakfast."""
    local = now.astimezone(ZONE)
    opens = local.replace(hour=at[0], minute=at[1], second=0, microsecond=0)
    return opens if opens > local else opens + timedelta(days=1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
