"""One consistent file: the database at one instant, and the secrets that belong to it.

A backup is a ZIP of `manifest.json`, `database` (a SQLite file, or pg_dump's custom format) and
`secrets`. It is written beside its name and renamed when whole; restoring checks its digest, goes
only into an empty database, and starts a new feed epoch, since counters may have seen more than
the backup has.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from domain.errors import Refused, Unavailable
from domain.ids import RandomBytes
from server.config.boot import boot, is_postgresql, prepare_database
from server.config.database import secrets_path

FORMAT = 1
MANIFEST, DATABASE, SECRETS = "manifest.json", "database", "secrets"
POSTGRES_BINARIES = Path("/usr/lib/postgresql")


def write_backup(database: str, path: Path, now: datetime) -> int:
    """Write the backup of `database` to `path`, which must not exist; return its size in bytes."""
    if path.exists():
        raise Refused("backups.exists", path=str(path))
    with tempfile.TemporaryDirectory(dir=path.resolve().parent, prefix=".backup-") as folder:
        dump = Path(folder) / DATABASE
        if is_postgresql(database):
            _run("pg_dump", "--format=custom", f"--file={dump}", url=database)
        else:
            _copy_sqlite(_file_of(database), dump)
        draft = Path(folder) / path.name
        _pack(draft, dump, database, now)
        draft.replace(path)
    return path.stat().st_size


def restore_backup(path: Path, database: str, random: RandomBytes) -> None:
    """Bring the backup at `path` into `database`, which must be empty or not there."""
    with tempfile.TemporaryDirectory(prefix="fanpiao-restore-") as folder:
        dump, secrets = _unpack(path, Path(folder), database)
        if is_postgresql(database):
            _refuse_filled(database)
            _run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction",
                 "--dbname", _without_password(database), str(dump), url=database)  # fmt: skip
        else:
            _place_sqlite(dump, _file_of(database), database)
        _place_secrets(secrets, secrets_path(database))
    boot(database)
    prepare_database()
    from server.feed.epoch import rebuild

    rebuild(random)


def _pack(draft: Path, dump: Path, database: str, now: datetime) -> None:
    manifest = {
        "format": FORMAT,
        "engine": _engine_of(database),
        "made_at": now.isoformat(),
        "sha256": _digest(dump),
    }
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MANIFEST, json.dumps(manifest))
            archive.write(dump, DATABASE)
            archive.write(secrets_path(database), SECRETS)
        file.flush()
        os.fsync(file.fileno())


def _unpack(path: Path, folder: Path, database: str) -> tuple[Path, Path]:
    unreadable = Refused("backups.unreadable", path=str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            for name in (DATABASE, SECRETS):
                archive.extract(name, folder)
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise unreadable from error
    dump = folder / DATABASE
    if manifest.get("format") != FORMAT or manifest.get("sha256") != _digest(dump):
        raise unreadable
    if manifest["engine"] != _engine_of(database):
        raise Refused("backups.other_engine", engine=manifest["engine"])
    return dump, folder / SECRETS


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online backup: one instant, while the server goes on."""
    with (
        contextlib.closing(sqlite3.connect(source)) as opened,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        opened.backup(copy)


def _place_sqlite(dump: Path, target: Path, database: str) -> None:
    if target.exists() and target.stat().st_size:
        raise Refused("databases.not_empty", database=database)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.restoring")
    shutil.copyfile(dump, draft)
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(target)


def _place_secrets(source: Path, target: Path) -> None:
    """Put the backup's secrets in place; others that are there are kept aside, not lost."""
    if target.exists():
        if target.read_bytes() == source.read_bytes():
            return
        target.replace(target.with_name(f"{target.name}.before-restore"))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o600)


def _refuse_filled(database: str) -> None:
    boot(database)
    from django.db import OperationalError, connection

    try:
        if connection.introspection.table_names():
            raise Refused("databases.not_empty", database=_without_password(database))
    except OperationalError as error:
        raise Unavailable("databases.unreachable") from error


def _run(tool: str, *arguments: str, url: str) -> None:
    """Run a PostgreSQL client; the password goes by the environment, never by the arguments."""
    command = [_tool(tool), *arguments]
    if tool == "pg_dump":
        command.append(_without_password(url))
    environment = {**os.environ, "PGPASSWORD": urlsplit(url).password or ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        detail = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise Unavailable("databases.tool_failed", tool=tool, detail=detail[:200])


def _tool(name: str) -> str:
    """The newest installed client: an older one cannot dump a newer server."""
    newest = sorted(POSTGRES_BINARIES.glob(f"*/bin/{name}"), key=_version, reverse=True)
    found = str(newest[0]) if newest else shutil.which(name)
    if found is None:
        raise Unavailable("databases.tool_missing", tool=name)
    return found


def _version(path: Path) -> float:
    try:
        return float(path.parent.parent.name)
    except ValueError:
        return 0.0


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    netloc = parts.netloc
    if parts.password is not None:
        user, _, host = netloc.rpartition("@")
        netloc = f"{user.partition(':')[0]}@{host}"
    return urlunsplit(parts._replace(netloc=netloc))


def _engine_of(database: str) -> str:
    return "postgresql" if is_postgresql(database) else "sqlite"


def _file_of(database: str) -> Path:
    return Path(database.removeprefix("sqlite:///"))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
