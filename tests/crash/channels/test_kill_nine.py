"""kill -9 of server and worker in the middle of charge, query, reverse and refund (MONEY §2).

The providers' sandbox runs by itself, and its books outlive every kill. A provider that is asked
for the operation in turn does it and keeps its answer back; the kill falls around that answer.

`FANPIAO_CHANNEL_KILLS` sets how many kills a run makes on each engine (6 by default),
`FANPIAO_CHANNEL_SEED` replays one that failed.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from server.payments.accounts import receivable_account
from server.payments.models import Attempt, Payment, Refund
from tests.crash.channels.house import KINDS, OPERATIONS, House, house
from tests.crash.channels.processes import sandbox
from tests.factories.payments import balance

KILLS = int(os.environ.get("FANPIAO_CHANNEL_KILLS", "6"))
SEED = int(os.environ.get("FANPIAO_CHANNEL_SEED", "20261123"))
DEFINITE = ("succeeded", "declined", "cancelled", "reversed")


@pytest.mark.timeout(900)
def test_kills_in_mid_call_lose_and_double_no_money_on_sqlite(
    sqlite_database: str, tmp_path: Path
) -> None:
    came = storm(tmp_path, sqlite_database, start=0)
    assert came["kills"] == KILLS
    assert came["payments"] == sum(came[state] for state in DEFINITE) > 0


@pytest.mark.timeout(900)
def test_kills_of_server_and_worker_lose_and_double_no_money_on_postgresql(
    postgresql_database: str, tmp_path: Path
) -> None:
    came = storm(tmp_path, postgresql_database, start=6)
    assert came["kills"] == KILLS
    assert came["payments"] == sum(came[state] for state in DEFINITE) > 0


def storm(folder: Path, database: str, start: int) -> Counter[str]:
    """Strike, settle and prove; return what `prove` counted. A failure names its seed."""
    try:
        with (
            sandbox(folder / "sandbox") as peers,
            house(folder, database, peers, random.Random(SEED)) as made,
        ):
            for operation, kind in itertools.islice(itertools.cycle(plan()), start, start + KILLS):
                made.strike(operation, kind)
            made.settle()
            return prove(made)
    except BaseException as wrong:
        wrong.add_note(f"replay it: FANPIAO_CHANNEL_SEED={SEED} FANPIAO_CHANNEL_KILLS={KILLS}")
        raise


def plan() -> list[tuple[str, str]]:
    """Every operation at every provider; any four in a row are four operations."""
    return [
        (operation, KINDS[(index + turn) % len(KINDS)])
        for turn in range(len(KINDS))
        for index, operation in enumerate(OPERATIONS)
    ]


def prove(made: House) -> Counter[str]:
    """Every payment definite, charged once or not at all; both books agree; the audit is clean.

    Returns how many kills and payments there were, and payments by state.
    """
    states = dict(Payment.objects.values_list("id", "state"))
    assert set(states.values()) <= set(DEFINITE), states
    assert not Refund.objects.exclude(state__in=("succeeded", "refused")).exists()
    for kind in KINDS:
        of_one_provider(made, kind, states)
    audit = subprocess.run(
        [sys.executable, "-m", "fanpiao", "audit", "--database", made.database],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert audit.returncode == 0, audit.stdout + audit.stderr
    summary = Counter({"kills": made.kills, "payments": len(states)}) + Counter(states.values())
    print(json.dumps(summary))
    assert made.kills == len(made.struck) == KILLS
    if len(OPERATIONS) <= KILLS:
        assert {operation for operation, _ in made.struck} == set(OPERATIONS)
    return summary


def of_one_provider(made: House, kind: str, states: dict[UUID, str]) -> None:
    """Hold our books against one provider's, order by order and in sum."""
    books = made.control(kind, "books")
    there = {order["number"]: order["net_amount"] for order in books["orders"]}
    charged = Counter(move["number"] for move in books["moves"] if move["kind"] == "paid")
    assert set(charged.values()) <= {1}, charged
    ours = {row.id.hex: row for row in Attempt.objects.filter(channel=kind)}
    assert set(there) <= set(ours), "an order that we do not know"
    for number, row in ours.items():
        back = sum(
            Refund.objects.filter(payment=row.payment, state="succeeded", reason="spilt")
            .values_list("posted_amount", flat=True)
        )  # fmt: skip
        kept = row.amount - back if states[row.payment] == "succeeded" else 0
        assert there.get(number, 0) == kept, (kind, number, row.state, states[row.payment])
    owed = -balance(receivable_account(made.sample.organisation_id, kind))
    assert owed == sum(there.values()), kind
    accepted = {id for id in made.tills[kind].accepted if states.get(id) != "succeeded"}
    assert not accepted, "handed over, and not paid"
