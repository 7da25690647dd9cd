"""One process per store; whole transactions; a damaged or foreign file is named, never used."""

import sqlite3
from pathlib import Path

import pytest

from domain.errors import Refused, Unavailable
from sync.store import LocalStore, set_aside
from tests.unit.sync.makers import Counter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be."""
    return tmp_path / "counter.sqlite3"


def test_a_second_process_is_refused_by_name_and_a_reader_is_not(path: Path) -> None:
    with LocalStore(path) as store:
        store.put_meta("fact", {"a": [1, None]})
        with pytest.raises(Refused, match=r"terminals\.in_use"):
            LocalStore(path)
        with LocalStore(path, is_read_only=True) as reader:
            assert reader.meta("fact") == {"a": [1, None]}
            with pytest.raises(Unavailable):
                reader.put_meta("fact", 2)
    with LocalStore(path) as again:
        assert again.meta("fact") == {"a": [1, None]}


def test_a_transaction_that_fails_leaves_nothing(path: Path) -> None:
    with LocalStore(path) as store:

        def fail() -> None:
            with store.transaction():
                store.put_meta("one", 1)
                with store.transaction():
                    store.put_meta("two", 2)
                raise RuntimeError("the power went")

        with pytest.raises(RuntimeError):
            fail()
        assert store.meta("one") is None
        assert store.meta("two") is None
        store.put_meta("three", 3)
        assert store.meta("three") == 3


def test_it_survives_power_cuts_by_its_settings(path: Path) -> None:
    with LocalStore(path) as store:
        assert store.row("PRAGMA journal_mode") == ("wal",)
        assert store.row("PRAGMA synchronous") == (2,)
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"this is not a database, but somebody's letter" * 100)
    before = path.read_bytes()
    with pytest.raises(Refused, match=r"storage\.unreadable"):
        LocalStore(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused(path: Path) -> None:
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE letters (text)")
    foreign.commit()
    foreign.close()
    with pytest.raises(Refused, match=r"storage\.unreadable"):
        LocalStore(path)


def test_a_store_of_a_newer_version_is_refused(path: Path) -> None:
    with LocalStore(path) as store:
        store.connection.execute("PRAGMA user_version = 999")
    with pytest.raises(Refused, match=r"storage\.newer"):
        LocalStore(path)


def test_a_damaged_page_is_noticed_and_the_file_set_aside_for_rescue(path: Path) -> None:
    counter = Counter(path)
    for _ in range(50):
        counter.sell()
    counter.close()
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 4)
    with pytest.raises(Refused, match=r"storage\.unreadable"):
        LocalStore(path)
    aside = set_aside(path)
    assert aside.exists()
    assert not path.exists()
    fresh = Counter(path)
    fresh.sell()
    fresh.close()
    assert set_aside(path) != aside


def test_a_place_that_cannot_hold_a_store_is_said_by_name(tmp_path: Path) -> None:
    blocked = tmp_path / "a_file"
    blocked.write_text("not a folder")
    with pytest.raises(Unavailable, match=r"storage\.failing"):
        LocalStore(blocked / "counter.sqlite3")
