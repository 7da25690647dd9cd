"""The real server, as `fanpiao server` starts it, in a process of its own."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from benchmarks.canteen import Canteen

START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers on loopback."""

    port: int
    process_id: int

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """CPU seconds it has used so far, user and system."""
        with open(f"/proc/{self.process_id}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def serving(canteen: Canteen) -> Iterator[Served]:
    """Serve `canteen` until the block ends."""
    port = _free_port()
    command = [
        sys.executable, "-m", "fanpiao", "server", "--database", canteen.database,
        "--port", str(port),
    ]  # fmt: skip
    environment = {**os.environ, "FANPIAO_SECRETS": str(canteen.secrets)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended at once"
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"http://127.0.0.1:{port}/v1/health", timeout=2).status_code == 200:
                return
        time.sleep(LOOK_S)
    raise AssertionError(f"no server on port {port} within {START_LIMIT_S} s")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
