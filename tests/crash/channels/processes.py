"""The processes of a kill test: the command line's own server and worker, and the sandbox."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from server.sandbox.run import FILE

LIMIT_S = 60.0
LOOK_S = 0.02

spawning = multiprocessing.get_context("forkserver")
spawning.set_forkserver_preload(["tests.crash.channels.preload"])
_idle = threading.Event()


def wait_until(is_so: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
    """Look until `is_so`; fail by name after `limit_s`."""
    until = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < until, f"{what}: not within {limit_s:g} s"
        _idle.wait(LOOK_S)


def pause(seconds: float) -> None:
    """Let a moment of the kill's own choosing pass."""
    _idle.wait(seconds)


def run_command(arguments: Sequence[str], environment: Mapping[str, str], log: str) -> None:
    """Be `fanpiao …`, with its output in `log`."""
    with open(log, "ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ.update(environment)
    from fanpiao.cli import run

    os._exit(run(list(arguments)))


@dataclass
class Life:
    """One command that is killed and started again."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: BaseProcess | None = None
    kills: int = 0

    def start(self) -> None:
        """Start it in a fork of what is imported already."""
        told = (list(self.arguments), dict(self.environment), str(self.log))
        self.process = spawning.Process(target=run_command, args=told, daemon=True)
        self.process.start()

    def kill(self) -> None:
        """kill -9, by its own process id."""
        process = self.process
        assert process is not None
        assert process.pid
        assert process.is_alive(), f"it ended by itself: {self.log.read_text()[-2000:]}"
        process.kill()
        process.join()
        self.kills += 1

    def stop(self) -> None:
        """End it if it still runs."""
        if self.process is not None and self.process.is_alive():
            self.kill()


def read_hosts(folder: Path) -> dict[str, str]:
    """Where each provider's peer of the sandbox over `folder` listens."""
    peers = json.loads((folder / FILE).read_text(encoding="utf-8"))["peers"]
    return {kind: peer["host"] for kind, peer in peers.items()}


@contextlib.contextmanager
def sandbox(folder: Path) -> Iterator[Path]:
    """Run `fanpiao sandbox` by itself; gives the folder that servers are told."""
    folder.mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "fanpiao", "sandbox", "--folder", str(folder), "--port", "0"],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        wait_until((folder / FILE).exists, "the sandbox says where it is")
        yield folder
    finally:
        process.terminate()
        process.wait(LIMIT_S)
