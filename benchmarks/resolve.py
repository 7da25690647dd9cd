"""Unknown → definite: ten thousand payments whose answer nobody heard, at the sandbox's bank, and
how long a new one waits for its first query meanwhile.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.apart import apart
from benchmarks.canteen import Canteen, make_canteen
from benchmarks.disk import sync_us
from benchmarks.figures import Figure, quantile
from benchmarks.unknowns import Hang, Worked, leave_unknown, open_account, prove, work_off
from tests.postgres import temporary_postgres

NEW_PER_S = 4.0
WARM = 50
START_LIMIT_S = 60.0
STOP_LIMIT_S = 60.0
LOOK_S = 0.05
LIMIT = "the cores: worker, bank, PostgreSQL and the driver share two"


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield seconds to definite with one and with two workers, the lateness of new payments'
    first query beside that without a backlog, and what a provider that hangs costs.
    """
    count, few, alone_s, down_s = (2_000, 500, 10.0, 10.0) if quick else (10_000, 2_000, 40.0, 30.0)
    with tempfile.TemporaryDirectory(prefix="fanpiao-bench-") as place, temporary_postgres() as pg:
        folder = Path(place)
        folder.chmod(0o755)
        peers = folder / "sandbox"
        peers.mkdir()
        canteen = apart(make_canteen, pg.fresh_database(), folder / "secrets", 1, 1)
        apart(open_account, canteen)
        apart(leave_unknown, canteen, peers / "bank.sqlite3", 2 * count + few + WARM)
        sync = sync_us()
        with sandbox(peers) as peer_id, workers(canteen, peers, 1) as [worker_id]:
            apart(work_off, canteen, peers, WARM, 0.0, 0.0)
            alone = apart(work_off, canteen, peers, 0, NEW_PER_S, alone_s)
            before_s, peer_s = cpu_s(worker_id), cpu_s(peer_id)
            one = apart(work_off, canteen, peers, count, NEW_PER_S, 0.0)
            cpu_ms = (cpu_s(worker_id) - before_s) / count * 1000
            peer_ms = (cpu_s(peer_id) - peer_s) / count * 1000
            down = apart(work_off, canteen, peers, few, 0.0, 0.0, Hang(peer_id, down_s))
            with workers(canteen, peers, 1):
                two = apart(work_off, canteen, peers, count, NEW_PER_S, 0.0)
        payments, _ = apart(prove, canteen, peers / "bank.sqlite3")
        made = sum(len(phase.late_ms) for phase in (alone, one, two))
        assert payments == 2 * count + few + WARM + made, "a payment is missing"
    limit = (
        f"{LIMIT} ({cpu_ms:.1f} ms CPU of the worker each, {peer_ms:.1f} of the bank,"
        f" {sync:.0f} µs a sync)"
    )
    yield Figure(f"{count:,} unknown payments definite, one worker", one.elapsed_s, "s")
    yield Figure("unknown payments made definite, one worker", one.rate, "/s", limit=limit)
    yield Figure(
        "unknown payments made definite, two workers", two.rate, "/s", "one worker", one.rate,
        limit="the cores, shared with PostgreSQL and the bank",
    )  # fmt: skip
    for phase, name in ((one, "one worker"), (two, "two workers")):
        for share, label in ((0.5, "p50"), (0.99, "p99")):
            yield Figure(
                f"first query of a new payment late by, {label}, beside {count:,} ({name})",
                quantile(phase.late_ms, share), "ms", "without a backlog",
                quantile(alone.late_ms, share),
                limit=f"{len(phase.late_ms)} new ones, {NEW_PER_S:g} a second",
            )  # fmt: skip
    yield from _outage(down, one, few, down_s)


def _outage(down: Worked, one: Worked, few: int, down_s: float) -> Iterator[Figure]:
    yield Figure(
        f"calls run out, bank hanging {down_s:g} s with {few:,} due", down.run_out, "calls",
        limit="one call at a time, and a rest between",
    )  # fmt: skip
    yield Figure(
        "… from its return to definite", max(down.elapsed_s - down_s, 0.0), "s",
        "the same number without", few / one.rate,
    )  # fmt: skip


@contextlib.contextmanager
def sandbox(folder: Path) -> Iterator[int]:
    """Run `fanpiao sandbox` over `folder`; gives its process id."""
    command = [sys.executable, "-m", "fanpiao", "sandbox", "--folder", str(folder), "--port", "0"]
    with running(command, {}) as process:
        until = time.monotonic() + START_LIMIT_S
        while not (folder / "sandbox.json").exists():
            assert process.poll() is None, "the sandbox ended at once"
            assert time.monotonic() < until, "no sandbox"
            time.sleep(LOOK_S)
        yield process.pid


@contextlib.contextmanager
def workers(canteen: Canteen, peers: Path, count: int) -> Iterator[list[int]]:
    """Run `fanpiao worker` so many times; gives their process ids."""
    environment = {"FANPIAO_SECRETS": str(canteen.secrets), "FANPIAO_SANDBOX": str(peers)}
    command = [sys.executable, "-m", "fanpiao", "worker", "--database", canteen.database]
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(running(command, environment)).pid for _ in range(count)]


@contextlib.contextmanager
def running(
    command: list[str], environment: Mapping[str, str]
) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a process until the block ends."""
    told = {**os.environ, **environment}
    process = subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cpu_s(process_id: int) -> float:
    """CPU seconds that a process has used so far, user and system."""
    with open(f"/proc/{process_id}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
