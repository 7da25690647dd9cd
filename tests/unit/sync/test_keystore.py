"""Secrets lie in a file of its owner's, whole; the data key ends with its lease or a revocation."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import Refused, Unavailable
from sync import keystore
from sync.keystore import FileKeyStore, TerminalSecrets
from tests.unit.sync.makers import NOON, activation_answer

NOBODY = 65_534
LEASE = timedelta(days=30)


@pytest.fixture
def keys(tmp_path: Path) -> FileKeyStore:
    """An activated terminal's secrets."""
    made = FileKeyStore(tmp_path / "secrets" / "keys.json")
    made.save(
        TerminalSecrets(
            server_url="https://canteen.example",
            seed=b"\x07" * 32,
            binding=activation_answer(),
            lease_until=NOON + LEASE,
        )
    )
    return made


def test_what_was_saved_is_loaded_and_only_its_owner_may_read_it(keys: FileKeyStore) -> None:
    secrets = keys.load()
    assert secrets is not None
    assert secrets.binding == activation_answer()
    assert secrets.key.key_id == "key-1"
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert "07" * 8 not in repr(secrets)
    assert "dddd" not in repr(secrets)


def test_a_file_that_others_may_read_is_refused(keys: FileKeyStore) -> None:
    os.chmod(keys.path, 0o644)
    with pytest.raises(Refused, match=r"keys\.too_open"):
        keys.load()


@contextmanager
def somebody_else() -> Iterator[None]:
    """Be a user who owns nothing, where the tests run as root; root may read every file."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_file_of_somebody_else_is_refused_by_name(keys: FileKeyStore) -> None:
    os.chmod(keys.path, 0o000)
    with somebody_else(), pytest.raises(Refused, match=r"keys\.no_permission"):
        keys.load()


def test_a_damaged_file_is_refused_by_name(keys: FileKeyStore) -> None:
    keys.path.write_bytes(b"{not json")
    with pytest.raises(Refused, match=r"keys\.unreadable"):
        keys.load()


def test_without_activation_there_is_no_key(tmp_path: Path) -> None:
    empty = FileKeyStore(tmp_path / "none.json")
    assert empty.load() is None
    assert keystore.data_key(empty, NOON) is None
    with pytest.raises(Refused, match=r"terminals\.not_activated"):
        _ = TerminalSecrets().key


def test_the_data_key_ends_with_its_lease_and_comes_back_with_a_longer_one(
    keys: FileKeyStore,
) -> None:
    assert keystore.data_key(keys, NOON + LEASE - timedelta(seconds=1)) == b"d" * 32
    assert keystore.data_key(keys, NOON + LEASE) is None
    keystore.renew_lease(keys, NOON + 2 * LEASE, NOON + LEASE)
    assert keystore.data_key(keys, NOON + LEASE) == b"d" * 32


def test_a_clock_set_back_does_not_lengthen_the_lease(keys: FileKeyStore) -> None:
    assert keystore.data_key(keys, NOON + LEASE) is None
    assert keystore.data_key(keys, NOON) is None


def test_a_revocation_wipes_the_data_key_and_keeps_the_signing_key(keys: FileKeyStore) -> None:
    keystore.wipe_data_key(keys)
    keystore.wipe_data_key(keys)
    secrets = keys.load()
    assert secrets is not None
    assert secrets.binding is not None
    assert secrets.binding.data_key == b""
    assert secrets.seed == b"\x07" * 32
    assert keystore.data_key(keys, NOON) is None


def test_a_wipe_destroys_everything(keys: FileKeyStore) -> None:
    keys.wipe()
    keys.wipe()
    assert keys.load() is None


def test_a_save_that_fails_leaves_what_was_there(
    keys: FileKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    before = keys.load()
    assert before is not None
    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(Exception, match=r"storage\.full"):
        keys.save(replace(before, server_url="https://other.example"))
    monkeypatch.undo()
    assert keys.load() == before
    assert [path.name for path in keys.path.parent.iterdir()] == ["keys.json"]


class PowerCut(Exception):
    """The disk stops here."""


def test_a_power_cut_while_the_data_key_is_wiped_leaves_the_keys_that_hand_over_the_sales(
    keys: FileKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise PowerCut

    for step in ("open", "replace", "unlink"):
        with monkeypatch.context() as broken, suppress(PowerCut):
            broken.setattr(os, step, cut)
            keystore.wipe_data_key(keys)
        secrets = FileKeyStore(keys.path).load()
        assert secrets is not None
        assert secrets.seed == b"\x07" * 32


def test_what_a_save_replaces_is_overwritten_on_the_disk(keys: FileKeyStore) -> None:
    with keys.path.open("rb") as old:
        keystore.wipe_data_key(keys)
        assert set(old.read()) == {0}


def test_a_full_disk_lengthens_no_lease_and_stops_nobody(
    keys: FileKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Unavailable("storage.full")

    assert keystore.data_key(keys, NOON) == activation_answer().data_key
    monkeypatch.setattr(keys, "save", full)
    assert keystore.data_key(keys, NOON + timedelta(hours=2)) == activation_answer().data_key
    assert keystore.data_key(keys, NOON + LEASE) is None


def test_two_changes_at_once_are_both_kept(keys: FileKeyStore) -> None:
    is_reading, may_go_on = threading.Event(), threading.Event()

    def slowly(secrets: TerminalSecrets) -> TerminalSecrets:
        is_reading.set()
        assert may_go_on.wait(10)
        return replace(secrets, server_url="https://moved.example")

    mover = threading.Thread(target=keys.change, args=(slowly,))
    wiper = threading.Thread(target=keystore.wipe_data_key, args=(keys,))
    mover.start()
    assert is_reading.wait(10)
    wiper.start()
    may_go_on.set()
    mover.join()
    wiper.join()
    secrets = keys.load()
    assert secrets is not None
    assert secrets.server_url == "https://moved.example"
    assert secrets.binding is not None
    assert secrets.binding.data_key == b""
