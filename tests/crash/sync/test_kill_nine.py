"""kill -9 at any moment: what was said to be on disk is there, once, and the chain holds."""

import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from uuid import UUID

from sync.audit import audit_store
from sync.messages import RecordKind
from tests.crash.sync.selling_child import sell_for_ever
from tests.unit.sync.makers import CASH_ACCOUNT, Counter, cancellation

KILLS = int(os.environ.get("FANPIAO_KILLS", "60"))
"""More by FANPIAO_KILLS; the default keeps the test short."""
MOST_STEPS = 40

Said = tuple[str, UUID]


def sell_until_killed(store: Path, round_number: int, steps: int) -> list[Said]:
    """Start a counter, kill it after so many steps, and return all it said."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crash.sync.selling_child"])
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=sell_for_ever, args=(store, round_number, theirs))
    child.start()
    theirs.close()
    said: list[Said] = [ours.recv() for _ in range(steps)]
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert child.exitcode == -signal.SIGKILL
    said += what_is_left(ours)
    child.close()
    ours.close()
    return said


def what_is_left(pipe: Connection) -> list[Said]:
    """What was said before the kill and not read yet; a message cut by it was not said."""
    said = []
    try:
        while True:
            said.append(pipe.recv())
    except EOFError:
        return said


def test_nothing_that_was_said_to_be_on_disk_is_lost_or_doubled(tmp_path: Path) -> None:
    store, random = tmp_path / "counter.sqlite3", Random(20260302)
    frozen: set[UUID] = set()
    outcomes: dict[UUID, str] = {}
    for round_number in range(1, KILLS + 1):
        for what, payment_id in sell_until_killed(
            store, round_number, random.randint(1, MOST_STEPS)
        ):
            if what == "frozen":
                frozen.add(payment_id)
            else:
                outcomes[payment_id] = what

    counter = Counter(store)
    for left in counter.journal.open_intents():
        counter.journal.append(RecordKind.CANCELLATION, cancellation(left.request))
    for payment_id in frozen:
        kept = counter.journal.outcome(payment_id)
        assert kept is not None
        assert kept == outcomes.get(payment_id, kept)
    sales = counter.store.rows("SELECT payment_id FROM journal WHERE kind = 'acceptance'")
    said = sum(what == "accepted" for what in outcomes.values())
    assert len(sales) == len(set(sales))
    assert said <= len(sales) <= said + KILLS
    taken = counter.store.row(
        "SELECT sum(amount) FROM delta WHERE account_id = ?", (CASH_ACCOUNT.bytes,)
    )
    assert taken == (100 * len(sales),)
    assert audit_store(counter.store) == []
    counter.close()
