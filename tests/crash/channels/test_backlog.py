"""kill -9 of every worker in the middle of a backlog of unknown payments, again and again.

The bank's books have most of them as paid, some as declined, some not at all, and it answers
slowly, so a kill falls among calls that were sent, answers that were heard and rows that are held.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import pytest

from benchmarks.canteen import make_canteen
from benchmarks.resolve import sandbox
from benchmarks.unknowns import leave_unknown, open_account, prove
from server.config.database import ENVIRONMENT
from server.work.models import Due
from tests.crash.channels.processes import Life, pause, read_hosts, wait_until

PAYMENTS = 120
WORKERS = 2
KILLS = 3
SLOW_MS = 60
LIMIT_S = 240.0
"""A worker imports the whole server before it begins, on a machine that others use too."""
SEED = 20261123


@pytest.mark.timeout(600)
def test_kills_among_a_backlog_leave_every_payment_definite_and_charged_once(
    postgresql_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What makes the payments boots as a process of its own would, and says for which database
    monkeypatch.setenv(ENVIRONMENT, postgresql_database)
    peers = tmp_path / "sandbox"
    peers.mkdir()
    books = peers / "bank.sqlite3"
    canteen = make_canteen(postgresql_database, tmp_path / "secrets", 1, 1)
    open_account(canteen)
    leave_unknown(canteen, books, PAYMENTS)
    environment = {"FANPIAO_SANDBOX": str(peers), "FANPIAO_SECRETS": str(canteen.secrets)}
    command = ["worker", "--database", postgresql_database]
    workers = [Life(command, environment, tmp_path / f"worker{n}.log") for n in range(WORKERS)]
    with sandbox(peers):
        be_slow(read_hosts(peers)["bank"])
        Due.objects.update(due_at=datetime.now(UTC))
        try:
            be_killed(workers, random.Random(SEED))
            wait_until(lambda: left() == 0, "every payment is definite", LIMIT_S)
        finally:
            for worker in workers:
                worker.stop()
    payments, _ = prove(canteen, books)
    assert payments == PAYMENTS
    assert sum(worker.kills for worker in workers) >= KILLS * WORKERS


def be_slow(host: str) -> None:
    """Let every answer to a query or a reversal come late."""
    with httpx.Client(trust_env=False, timeout=20) as client:
        for operation in ("query", "reverse"):
            asked = {
                "operation": operation, "fault": "slow_answer", "count": None, "slow_ms": SLOW_MS,
            }  # fmt: skip
            client.post(f"{host}/_control/faults", json=asked).raise_for_status()


def be_killed(workers: list[Life], chance: random.Random) -> None:
    """Start all, kill all amid the backlog, and so on; they work when this returns."""
    for kill in range(1, KILLS + 1):
        for worker in workers:
            worker.start()
        so_many = PAYMENTS * (KILLS + 1 - kill) // (KILLS + 1)
        wait_until(partial(is_down_to, so_many), f"only {so_many} are left", LIMIT_S)
        pause(chance.uniform(0, SLOW_MS / 1000))
        for worker in workers:
            worker.kill()
        assert left() > 0, "the kill came too late"
        # The dead hold no lease: in life it runs out after minutes
        Due.objects.filter(claimed_until__isnull=False).update(claimed_until=None)
    for worker in workers:
        worker.start()


def is_down_to(count: int) -> bool:
    """Whether no more than so many are left."""
    return left() <= count


def left() -> int:
    """How many are not definite yet."""
    return Due.objects.filter(kind="payments.resolve").count()
