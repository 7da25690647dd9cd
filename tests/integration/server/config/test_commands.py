"""The server as a process: one line when it listens, a clean stop, a restart after kill -9."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

START_LIMIT_S = 60.0
STOP_LIMIT_S = 40.0


class Process:
    """One `fanpiao …` process of this test's own, ended by its own id."""

    def __init__(self, *arguments: str, secrets: Path) -> None:
        environment = {**os.environ, "FANPIAO_SECRETS": str(secrets), "LC_ALL": "C.UTF-8"}
        environment.pop("FANPIAO_DATABASE", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fanpiao", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip

    def url(self) -> str:
        """Wait for the line that says where it listens."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line + (self.process.stderr.read() if self.process.stderr else "")
        return found[0]

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_LIMIT_S)

    def words(self) -> tuple[int, str, str]:
        """Wait until it ends by itself; return its exit code, output and errors."""
        output, errors = self.process.communicate(timeout=START_LIMIT_S)
        return self.process.returncode, output, errors


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Process]]:
    processes: list[Process] = []
    yield processes
    for one in processes:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def run(started: list[Process], tmp_path: Path, *arguments: str) -> Process:
    process = Process(*arguments, secrets=tmp_path / "secrets")
    started.append(process)
    return process


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, as `--database` names it."""
    if request.param == "sqlite":
        return str(tmp_path / "fanpiao.sqlite3")
    url: str = request.getfixturevalue("postgres_url")
    return url


def test_a_server_starts_on_nothing_stops_cleanly_and_survives_kill(
    target: str, tmp_path: Path, started: list[Process]
) -> None:
    server = run(started, tmp_path, "server", "--database", target, "--port", "0")
    answer = httpx.get(server.url() + "/v1/health")
    assert answer.json()["ok"] is True
    assert server.end(signal.SIGKILL) == -signal.SIGKILL

    server = run(started, tmp_path, "server", "--database", target, "--port", "0")
    url = server.url()
    assert httpx.get(url + "/admin/login/", follow_redirects=True).status_code == 200
    malformed = httpx.post(url + "/v1/activate", content=b"\xff")
    assert (malformed.status_code, malformed.json()["code"]) == (400, "envelopes.malformed")
    assert server.end(signal.SIGTERM) == 0

    audit = run(started, tmp_path, "audit", "--database", target, "--json")
    code, output, errors = audit.words()
    report = json.loads(output)
    assert (code, report["ok"]) == (0, True), errors
    assert report["checks"] >= 8


def test_a_second_server_on_one_sqlite_file_is_refused(
    tmp_path: Path, started: list[Process]
) -> None:
    database = str(tmp_path / "fanpiao.sqlite3")
    run(started, tmp_path, "server", "--database", database, "--port", "0").url()

    second = run(started, tmp_path, "server", "--database", database, "--port", "0")
    code, _, errors = second.words()

    assert code == 2
    assert "storage.in_use" in errors


def test_a_worker_beside_sqlite_is_refused(tmp_path: Path, started: list[Process]) -> None:
    worker = run(started, tmp_path, "worker", "--database", str(tmp_path / "f.sqlite3"))
    code, _, errors = worker.words()

    assert code == 2
    assert "databases.one_process" in errors


def test_an_audit_of_a_database_without_tables_says_so(
    target: str, tmp_path: Path, started: list[Process]
) -> None:
    if not target.startswith("postgresql:"):
        Path(target).touch()
    code, _, errors = run(started, tmp_path, "audit", "--database", target).words()

    assert code == 2
    assert "databases.not_migrated" in errors


def test_a_database_that_is_not_there_is_said_to_be_so(
    tmp_path: Path, started: list[Process]
) -> None:
    nowhere = "postgresql://nobody:x@127.0.0.1:1/none"
    code, _, errors = run(started, tmp_path, "server", "--database", nowhere).words()

    assert code == 3
    assert "databases.unreachable" in errors
