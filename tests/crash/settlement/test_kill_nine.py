"""Killed before any statement and run again, settlement comes to the same books."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from server.audit.run_audit import run_audit
from server.cases.models import Approval, Case
from server.config.database import use_database
from server.ledger.models import Account, Posting
from server.sandbox.frame import PeerClock
from server.sandbox.payout_bank.peer import PayoutBankPeer
from server.sandbox.run import Running, Sandbox
from server.settlement.models import Batch, ClearingLine, DayClose, Item, MerchantNumber, Payout
from server.settlement.write_off import DEBT, DISPUTED, register_write_offs, request_write_off
from server.wallets.accounts import debt_account
from tests.factories.server_rows import Rows
from tests.factories.settled import CHANNEL, Trading
from tests.integration.server.settlement.test_clearing import LINES, NUMBER, file
from tests.integration.server.settlement.test_write_off import disputed, owing

LEAST_KILLS = 3
ENOUGH = 1_000_000
RULES = {"r01_transfers", "r02_balances", "r07_suspense", "r08_settlement", "r13_digests"}


def run(database: str, work: str, trading: Trading, left: int, file: str = "") -> int:
    command = [
        sys.executable, "-m", "tests.crash.settlement.settler", database, work,
        str(trading.organisation), trading.now.isoformat(), str(left), file,
    ]  # fmt: skip
    connections.close_all()
    return subprocess.run(command, env=dict(os.environ), timeout=120, check=False).returncode


def killed_until_done(
    database: str, work: str, trading: Trading, step: int, file: str = ""
) -> list[int]:
    """Run, each time for `step` statements more, until a run was not killed; return what each
    ended with.
    """
    runs = [run(database, work, trading, step, file)]
    while runs[-1] == -9:
        runs.append(run(database, work, trading, step * (len(runs) + 1), file))
    assert runs == [*[-9] * (len(runs) - 1), 0]
    assert len(runs) > LEAST_KILLS
    return runs


def books() -> tuple[Any, ...]:
    return (
        sorted(Account.objects.values_list("id", "balance", "version")),
        sorted(Posting.objects.values_list("transfer", "account", "amount")),
        sorted(DayClose.objects.values_list("id", "digest", "net_amount", "through_version")),
        sorted(Item.objects.values_list("id", "batch_id", "fee_amount", "due_on")),
        sorted(Batch.objects.values_list("id", "net_amount", "carried_out_amount")),
        sorted(Payout.objects.values_list("id", "amount", "state")),
        sorted(ClearingLine.objects.values_list("id", "amount", "fee_amount")),
        sorted(Approval.objects.values_list("id", "state")),
        sorted(Case.objects.values_list("id", "resolution")),
    )


def broken(trading: Trading) -> set[str]:
    return {finding.rule for finding in run_audit(trading.now).findings} & RULES


@pytest.fixture
def trading(sqlite_database: str) -> Trading:
    made = Trading(Rows())
    made.bank_account()
    return made


def test_days_and_batches(trading: Trading, sqlite_database: str, tmp_path: Path) -> None:
    trading.agents(4_500)
    for day in range(3):
        sale = trading.sell(10_000 + day)
        trading.sell(2_000, late_days=day)
        trading.give_back(sale, 300)
        trading.end_day()
    same_as_undisturbed(sqlite_database, tmp_path, "settle", trading, 9)
    assert DayClose.objects.count() == 3
    assert Payout.objects.exists()


def test_a_clearing_file(trading: Trading, sqlite_database: str, tmp_path: Path) -> None:
    MerchantNumber.objects.create(
        id=trading.rows.id(), organisation=trading.organisation, channel=CHANNEL, number=NUMBER,
        merchant=trading.merchant,
    )  # fmt: skip
    name = tmp_path / "clearing"
    name.write_bytes(file(*LINES))
    same_as_undisturbed(sqlite_database, tmp_path, "clear", trading, 5, str(name))
    assert (ClearingLine.objects.count(), trading.balance(trading.payable)) == (2, 9_000)


def test_write_offs(trading: Trading, sqlite_database: str, tmp_path: Path) -> None:
    register_write_offs()
    person = owing(trading, 300)
    asked = [(DEBT, person, 300)]
    asked += [(DISPUTED, disputed(trading, 500 + n), 500 + n) for n in range(3)]
    for kind, subject, amount in asked:
        request_write_off(
            trading.organisation, kind, subject, reason="收不回", by="finance", now=trading.now,
            random=trading.rows.random, amount=amount,
        )  # fmt: skip
    same_as_undisturbed(sqlite_database, tmp_path, "decide", trading, 9)
    assert trading.balance(debt_account(trading.organisation, person)) == 0
    assert Approval.objects.filter(state="approved").count() == len(asked)


def same_as_undisturbed(
    database: str, folder: Path, work: str, trading: Trading, step: int, file: str = ""
) -> None:
    """Do `work` killed again and again here, undisturbed in a copy: the books are the same."""
    other = str(folder / "undisturbed.sqlite3")
    connections.close_all()
    shutil.copyfile(database, other)
    assert run(other, work, trading, ENOUGH, file) == 0
    killed_until_done(database, work, trading, step, file)
    found = books()
    assert not broken(trading)
    connections.close_all()
    use_database(other)
    assert books() == found
    connections.close_all()
    use_database(database)


@pytest.fixture
def bank(trading: Trading, tmp_path: Path) -> Iterator[Running]:
    sandbox = Sandbox(None, tmp_path, [PayoutBankPeer], clock=PeerClock(lambda: trading.now))
    running = sandbox.running["payout_bank"]
    sample = running.peer.account()
    told = {"host": running.host, "settings": sample.settings, "secrets": sample.secrets}
    (tmp_path / "bank.json").write_text(json.dumps(told), encoding="utf-8")
    yield running
    sandbox.stop()
    assert list(running.desk.crashes) == []


def test_payouts_are_paid_once(
    trading: Trading, sqlite_database: str, bank: Running, tmp_path: Path
) -> None:
    for day in range(3):
        trading.sell(10_000 + day)
        trading.end_day()
        assert trading.close()
        assert trading.settle()
    told = str(tmp_path / "bank.json")
    killed_until_done(sqlite_database, "pay", trading, 2, told)
    assert set(Payout.objects.values_list("state", flat=True)) <= {"submitted", "unknown"}
    trading.now += timedelta(seconds=10)
    killed_until_done(sqlite_database, "pay", trading, 5, told)
    ours = sorted(Payout.objects.values_list("amount", "state"))
    rows = bank.peer.books.shelf.db.execute("SELECT amount, state FROM payouts").fetchall()
    assert sorted((row["amount"], row["state"]) for row in rows) == ours
    assert len(ours) == 3
    assert {state for _, state in ours} == {"succeeded"}
    assert not broken(trading)
