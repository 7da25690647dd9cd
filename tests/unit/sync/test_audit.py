"""Rule 16 holds on a counter that sold, and each of its checks finds what breaks it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.audit import audit_store
from sync.messages import Balance, RecordKind, Status
from sync.store import LocalStore
from tests.unit.sync.makers import (
    CASH_ACCOUNT,
    NOON,
    Counter,
    account_feed_row,
    cancellation,
    disposition,
    person_feed_row,
)


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Counter]:
    """A counter with sales acknowledged, waiting, rejected and cancelled."""
    counter = Counter(tmp_path / "counter.sqlite3")
    counter.feed(person_feed_row(), account_feed_row(balance=50_000))
    first, second = counter.sell(1000), counter.sell(1100)
    counter.sell(1200)
    cleared = counter.request()
    counter.journal.freeze(cleared)
    counter.journal.append(RecordKind.CANCELLATION, cancellation(cleared))
    balance = Balance(account_id=CASH_ACCOUNT, balance=49_000, held=0, version=2)
    words = [disposition(first, balances=(balance,)), disposition(second, Status.REJECTED)]
    counter.journal.acknowledge(words, NOON)
    yield counter
    counter.close()


def test_a_counter_that_sold_is_clean_also_when_read_beside_it(busy: Counter) -> None:
    assert audit_store(busy.store) == []
    with LocalStore(busy.path, is_read_only=True) as beside:
        assert audit_store(beside) == []


def test_a_counter_is_clean_after_losing_a_row_it_owned_up_to(busy: Counter) -> None:
    busy.store.execute("UPDATE journal SET body = x'00' WHERE sequence = 4")
    busy.journal.lease(10, NOON)
    assert audit_store(busy.store) == []


def test_a_frozen_sale_without_an_outcome_is_found(busy: Counter) -> None:
    busy.journal.freeze(busy.request())
    assert [finding.check for finding in audit_store(busy.store)] == ["intent.open"]


@pytest.mark.parametrize(
    ("check", "breaking"),
    [
        ("journal.signature", "UPDATE journal SET body = x'7b7d' WHERE sequence = 4"),
        ("journal.signature", "UPDATE journal SET signature = zeroblob(64) WHERE sequence = 4"),
        ("journal.hash", "UPDATE journal SET hash = zeroblob(32) WHERE sequence = 4"),
        ("journal.chain", "DELETE FROM journal WHERE sequence = 3"),
        ("journal.head", "DELETE FROM journal WHERE sequence = 5"),
        ("intent.row", "DELETE FROM journal WHERE sequence = 4"),
        ("intent.outcome", "UPDATE intent SET outcome = 'declined' WHERE outcome = 'cancelled'"),
        ("intent.outcome", "UPDATE intent SET sequence = 7 - sequence WHERE sequence IN (3, 4)"),
        ("intent.none", "DELETE FROM intent WHERE sequence = 4"),
        ("delta.live", "UPDATE delta SET is_live = 1 WHERE sequence = 2"),
        ("delta.live", "UPDATE delta SET is_live = 0 WHERE sequence = 3"),
        ("badge", "UPDATE journal SET waiting_amount = 1 WHERE sequence = 4"),
        ("badge", "UPDATE journal SET waiting_amount = 5 WHERE kind = 'journal_opened'"),
    ],
)
def test_each_check_finds_what_breaks_it(busy: Counter, check: str, breaking: str) -> None:
    busy.store.execute(breaking)
    assert check in {finding.check for finding in audit_store(busy.store)}


def test_available_that_is_not_the_row_less_the_deltas_is_found(
    busy: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync import account_rows, audit

    def credited(store: LocalStore, account_id: object) -> account_rows.Account:
        return account_rows.Account(balance=49_000, held=0, version=2, taken=0)

    monkeypatch.setattr(audit, "account", credited)
    assert "account.available" in {finding.check for finding in audit_store(busy.store)}
