"""Time is the server's as far as it was heard; a hand on the wall clock moves no sale."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sync.clocks import CorrectedClock, SystemClock
from sync.store import LocalStore
from tests.unit.sync.makers import NOON, HandClock

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LocalStore]:
    """A store for the mark."""
    with LocalStore(tmp_path / "counter.sqlite3") as made:
        yield made


@pytest.fixture
def raw() -> HandClock:
    """The machine's clock."""
    return HandClock()


def test_before_the_server_was_heard_it_is_the_raw_clock(store: LocalStore, raw: HandClock) -> None:
    clock = CorrectedClock(raw, store)
    assert clock.now() == NOON
    assert clock.unsynchronised_s() == float("inf")


def test_half_the_round_trip_is_the_way_back(store: LocalStore, raw: HandClock) -> None:
    clock = CorrectedClock(raw, store)
    sent_s = clock.monotonic()
    raw.advance(4)
    clock.learn(NOON + HOUR, sent_s=sent_s)
    assert clock.now() == NOON + HOUR + timedelta(seconds=2)


def test_setting_the_wall_clock_changes_nothing_within_a_boot(
    store: LocalStore, raw: HandClock
) -> None:
    clock = CorrectedClock(raw, store)
    clock.learn(NOON, sent_s=clock.monotonic())
    raw.at += 24 * HOUR
    raw.advance(5)
    assert clock.now() == NOON + timedelta(seconds=5)
    stamp = clock.stamp()
    assert stamp.corrected_at == clock.now()
    assert stamp.raw_at == raw.at


def test_after_a_reboot_the_offset_holds(store: LocalStore, raw: HandClock) -> None:
    CorrectedClock(raw, store).learn(NOON + HOUR, sent_s=raw.seconds)
    raw.boot, raw.seconds = "boot-2", 3.0
    raw.at += 10 * HOUR
    clock = CorrectedClock(raw, store)
    assert clock.now() == NOON + 11 * HOUR
    assert clock.unsynchronised_s() == 10 * 3600


def test_a_clock_behind_the_last_entry_is_said_so(store: LocalStore, raw: HandClock) -> None:
    clock = CorrectedClock(raw, store)
    assert not clock.is_behind(None)
    assert not clock.is_behind(NOON + timedelta(seconds=1))
    assert clock.is_behind(NOON + timedelta(seconds=3))


def test_the_systems_clock_knows_its_boot() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is not None
    assert clock.monotonic() <= clock.monotonic()
    assert clock.boot_id() == SystemClock().boot_id() != ""
