"""Killed before any statement and run again, settlement comes to the same books."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from server.audit.run_audit import run_audit
from server.config.database import use_database
from server.ledger.models import Account, Posting
from server.settlement.models import Batch, DayClose, Item, Payout
from tests.factories.server_rows import Rows
from tests.factories.settled import Trading

STEP = 9
"""By how many statements each run gets further than the one before."""
LEAST_KILLS = 4
ENOUGH = 1_000_000


def traded() -> Trading:
    trading = Trading(Rows())
    trading.bank_account()
    trading.agents(4_500)
    for day in range(3):
        sale = trading.sell(10_000 + day)
        trading.sell(2_000, late_days=day)
        trading.give_back(sale, 300)
        trading.end_day()
    return trading


def settle(database: str, trading: Trading, left: int) -> int:
    command = [
        sys.executable, "-m", "tests.crash.settlement.settler", database,
        str(trading.organisation), trading.now.isoformat(), str(left),
    ]  # fmt: skip
    done = subprocess.run(command, env=dict(os.environ), timeout=120, check=False)
    return done.returncode


def books() -> tuple[Any, ...]:
    return (
        sorted(Account.objects.values_list("id", "balance", "version")),
        sorted(Posting.objects.values_list("transfer", "account", "amount")),
        sorted(DayClose.objects.values_list("id", "digest", "net_amount", "through_version")),
        sorted(Item.objects.values_list("id", "batch_id", "fee_amount", "due_on")),
        sorted(Batch.objects.values_list("id", "net_amount", "carried_out_amount")),
        sorted(Payout.objects.values_list("id", "amount")),
    )


@pytest.mark.timeout(300)
def test_killed_anywhere_and_run_again_the_books_are_the_same(
    sqlite_database: str, tmp_path: Path
) -> None:
    trading = traded()
    from django.db import connections

    connections.close_all()
    other = str(tmp_path / "undisturbed.sqlite3")
    shutil.copyfile(sqlite_database, other)
    assert settle(other, trading, ENOUGH) == 0
    runs = [settle(sqlite_database, trading, 9)]
    while runs[-1] == -9:
        runs.append(settle(sqlite_database, trading, 9 + STEP * len(runs)))
    assert runs == [*[-9] * (len(runs) - 1), 0]
    assert len(runs) > LEAST_KILLS
    found = books()
    assert DayClose.objects.count() == 3
    assert Payout.objects.exists()
    broken = {finding.rule for finding in run_audit(trading.now).findings}
    assert not broken & {"r01_transfers", "r02_balances", "r08_settlement", "r13_digests"}
    connections.close_all()
    use_database(other)
    assert books() == found
