"""A temporary PostgreSQL: real, durable and gone when the block ends.

Built from the distribution's own binaries, listening on a free loopback port and on nothing else,
with `fsync`, `full_page_writes` and `synchronous_commit` left on, because what is tested is what
survives. Used by tests, by the crash scripts and by the benchmarks:

    with temporary_postgres() as server:
        url = server.fresh_database()        # postgresql://fanpiao:…@127.0.0.1:54321/t_0001

initdb refuses to run as root; then the server runs as `postgres`, or `nobody` when there is none.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

BINARIES_ROOT = Path("/usr/lib/postgresql")
# A first start syncs some 40 MB; a busy disk has needed 20 s.
START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0
USER = "fanpiao"


class PostgresMissing(AssertionError):
    """PostgreSQL's server programs are not installed: a failure, never a skip."""


def binaries() -> Path:
    """Return the folder of the newest installed server programs."""
    found = [path for path in BINARIES_ROOT.glob("*/bin") if (path / "initdb").exists()]
    if not found:
        raise PostgresMissing(
            f"no PostgreSQL under {BINARIES_ROOT}: run script/setup, or apt-get install postgresql"
        )
    return max(found, key=lambda path: [int(part) for part in re.findall(r"\d+", str(path))])


@dataclass
class TemporaryPostgres:
    """One running server. `url` names its maintenance database; databases are made on request."""

    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes] | None = None
    extra: Sequence[str] = ()
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """Return the `--database` URL of `database` on this server."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def fresh_database(self, template: str | None = None) -> str:
        """Create a database, empty or a copy of `template` (a name), and return its URL.

        A copy of a migrated template takes some 50 ms where migrating takes seconds. Nobody may be
        connected to the template meanwhile.
        """
        name = f"t_{os.getpid()}_{next(self._numbers):04d}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template0")
        )
        self._execute(statement)
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        """Drop the database that `url` names, with whoever is still connected to it."""
        name = url.rsplit("/", 1)[1].split("?", 1)[0]
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def start(self) -> None:
        """Start the server on its folder and wait until it answers."""
        command = [str(binaries() / "postgres"), "-D", str(self.folder / "data")]
        for setting in self._settings():
            command += ["-c", setting]
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(
                _as_server_user(command), stdout=log, stderr=log, cwd="/", start_new_session=True
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Stop by its own process id: politely (fast shutdown), then at once (immediate)."""
        self._stop_by((signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))

    def crash(self) -> None:
        """Stop as a power cut would: no shutdown, no checkpoint; `start` then recovers from WAL."""
        self._stop_by((signal.SIGQUIT, signal.SIGKILL))

    def _stop_by(self, signals: Sequence[signal.Signals]) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        for number in signals:
            if process.poll() is not None:
                return
            process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_LIMIT_S)
        process.wait(STOP_LIMIT_S)

    def _settings(self) -> list[str]:
        return [
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            f"unix_socket_directories={self.folder}",
            "max_connections=200",
            "shared_buffers=64MB",
            # Not a bench of the disk: a timed checkpoint in the middle only adds noise
            "checkpoint_timeout=30min",
            *self.extra,
        ]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"PostgreSQL did not start:\n{self._last_words()}")
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise AssertionError(
                        f"PostgreSQL silent for {START_LIMIT_S} s:\n{self._last_words()}"
                    ) from error
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(0.05)

    def _last_words(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2000:]

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


@contextlib.contextmanager
def temporary_postgres(*, extra: Sequence[str] = ()) -> Iterator[TemporaryPostgres]:
    """Run a fresh PostgreSQL until the block ends. `extra`: further settings, `name=value`."""
    folder = Path(tempfile.mkdtemp(prefix="fanpiao-postgres-"))
    server = TemporaryPostgres(folder, _free_port(), secrets.token_hex(16), extra=extra)
    try:
        _initialise(folder, server.password)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(folder: Path, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    if os.geteuid() == 0:
        owner = _server_user()
        for path in (folder, secret):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    command = [
        str(binaries() / "initdb"), "--pgdata", str(folder / "data"), "--username", USER,
        "--pwfile", str(secret), "--auth", "scram-sha-256", "--encoding", "UTF8",
        "--locale", "C.UTF-8", "--no-instructions",
    ]  # fmt: skip
    done = subprocess.run(
        _as_server_user(command), capture_output=True, text=True, cwd="/", check=False
    )
    assert done.returncode == 0, f"initdb failed:\n{done.stdout}{done.stderr}"
    secret.unlink()


def _server_user() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def _as_server_user(command: list[str]) -> list[str]:
    if os.geteuid() != 0:
        return command
    owner = _server_user()
    return [
        "setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", "--",
        *command,
    ]  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
