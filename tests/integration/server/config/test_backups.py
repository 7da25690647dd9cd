"""A backup is one whole file, and comes back into an empty database only."""

import os
import zipfile
from pathlib import Path

import pytest
from django.db import connections

from domain.errors import Refused
from server.config.backups import restore_backup, write_backup
from server.config.database import secrets_path, use_database
from server.config.secrets import load_secrets
from server.feed.epoch import ensure_epoch, read_state
from server.organisations.models import Organisation
from tests.factories.ledger import NOON, ORGANISATION
from tests.postgres import TemporaryPostgres


@pytest.fixture(autouse=True)
def _own_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANPIAO_SECRETS", str(tmp_path / "kept" / "secrets"))


@pytest.fixture
def elsewhere(database: str, tmp_path: Path, postgres: TemporaryPostgres) -> str:
    """An empty database of the same kind."""
    if "://" in database:
        return postgres.fresh_database()
    return str(tmp_path / "elsewhere" / "fanpiao.sqlite3")


def filled(database: str, file: Path) -> None:
    Organisation.objects.create(id=ORGANISATION, name="样例", created_at=NOON)
    ensure_epoch(os.urandom)
    load_secrets(secrets_path(database))
    assert write_backup(database, file, NOON) == file.stat().st_size


def test_a_backup_brings_everything_back_under_a_new_epoch(
    database: str, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "monday.fanpiao"
    filled(database, file)
    epoch, root = read_state().epoch, load_secrets(secrets_path(database)).root
    monkeypatch.setenv("FANPIAO_SECRETS", str(tmp_path / "new" / "secrets"))

    restore_backup(file, elsewhere, os.urandom)

    assert Organisation.objects.get().name == "样例"
    assert read_state().epoch not in ("", epoch)
    assert load_secrets(secrets_path(elsewhere)).root == root
    connections.close_all()
    use_database(database)
    assert read_state().epoch == epoch


def test_a_filled_database_is_not_restored_into(database: str, tmp_path: Path) -> None:
    file = tmp_path / "monday.fanpiao"
    filled(database, file)

    with pytest.raises(Refused, match=r"databases.not_empty"):
        restore_backup(file, database, os.urandom)


def test_a_damaged_backup_is_refused(sqlite_database: str, tmp_path: Path) -> None:
    file, target = tmp_path / "monday.fanpiao", tmp_path / "new" / "fanpiao.sqlite3"
    filled(sqlite_database, file)
    cut, changed = tmp_path / "cut.fanpiao", tmp_path / "changed.fanpiao"
    cut.write_bytes(file.read_bytes()[:-100])
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (b"x" if name == "database" else b""))

    for damaged in (cut, changed):
        with pytest.raises(Refused, match=r"backups.unreadable"):
            restore_backup(damaged, str(target), os.urandom)
    assert not target.exists()


def test_a_backup_never_overwrites(sqlite_database: str, tmp_path: Path) -> None:
    file = tmp_path / "monday.fanpiao"
    file.write_text("mine")

    with pytest.raises(Refused, match=r"backups.exists"):
        write_backup(sqlite_database, file, NOON)


def test_a_backup_of_the_other_engine_is_refused(
    sqlite_database: str, postgres: TemporaryPostgres, tmp_path: Path
) -> None:
    file = tmp_path / "monday.fanpiao"
    filled(sqlite_database, file)

    with pytest.raises(Refused, match=r"backups.other_engine"):
        restore_backup(file, postgres.fresh_database(), os.urandom)


def test_secrets_that_were_there_are_kept_aside(
    sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, target = tmp_path / "monday.fanpiao", tmp_path / "new" / "fanpiao.sqlite3"
    filled(sqlite_database, file)
    monkeypatch.setenv("FANPIAO_SECRETS", str(tmp_path / "new" / "secrets"))
    old = load_secrets(secrets_path(str(target))).root

    restore_backup(file, str(target), os.urandom)

    aside = tmp_path / "new" / "secrets.before-restore"
    assert bytes.fromhex(aside.read_text().strip()) == old
