"""`fanpiao sandbox` as a process: it says where its peers are, serves them, and ends when told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.sandbox.run import kinds

_WAIT_S = 60


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "fanpiao", "sandbox", "--folder", str(tmp_path), "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as started:
        yield started
        if started.poll() is None:
            started.kill()


def test_it_serves_every_peer_and_ends_at_a_signal(
    process: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert process.stdout is not None
    said = [process.stdout.readline().split() for _ in range(len(kinds()) + 1)]
    told = json.loads((tmp_path / "sandbox.json").read_text())["peers"]
    assert sorted(told) == kinds()
    assert [line[0] for line in said[:-1]] == kinds()
    assert (tmp_path / "sandbox.json").stat().st_mode & 0o077 == 0
    for peer in told.values():
        assert httpx.get(f"{peer['host']}/_control/books", timeout=10).json()["orders"] == []
    process.send_signal(signal.SIGTERM)
    assert process.wait(_WAIT_S) == 0
