"""The windowed demo on a real X server, driven by the keyboard as a person drives it.

What it came to is read from the lines that it writes on standard output.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from pathlib import Path
from fanpiao.demo.window.run import run_window
held = run_window(
    lambda line: print(line, flush=True), "en", Path(sys.argv[1]), Path(sys.argv[2])
)
sys.exit(not held)
"""
OPEN_S = 90.0
WAIT_S = 40.0
pytestmark = pytest.mark.pictures


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """An X server with one screen of a usual size."""
    assert shutil.which("Xvfb"), "script/setup installs xvfb"
    assert shutil.which("xdotool"), "script/setup installs xdotool"
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", "-screen", "0", "1920x1080x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    assert number, "the X server did not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)


class Demo:
    """The demo's process, its lines, and a keyboard."""

    def __init__(self, display: str, folder: Path) -> None:
        self._environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.heard: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder), f"{folder}.lock"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def press(self, key: str) -> None:
        """Bring the bench forward and press a key on it."""
        found = self._x("search", "--name", "^Device bench").split()
        assert found, "the bench has no window"
        self._x("windowfocus", "--sync", found[-1])
        self._x("key", key)

    def await_kiosk(self) -> None:
        """Wait until the cashier's and the diner's window show."""
        end = time.monotonic() + WAIT_S
        while len(self._x("search", "--onlyvisible", "--name", "^Fanpiao$").split()) < 2:
            assert time.monotonic() < end, "cashier and diner have no windows"

    def await_line(self, wanted: str, within_s: float = WAIT_S) -> None:
        """Wait for a line that holds this, among those not yet heard."""
        if not self._hears(wanted, within_s):
            said = "\n".join(self.heard)
            pytest.fail(f"it never said {wanted!r}; it said:\n{said}")

    def show_code_until_paid(self) -> None:
        """Show a code; before the counter has shown its prices for a moment it is not taken."""
        for _ in range(3):
            self.press("c")
            if self._hears("Paid", 4.0):
                return
        pytest.fail("no code was taken")

    def _hears(self, wanted: str, within_s: float) -> bool:
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            try:
                self.heard.append(self._lines.get(timeout=max(end - time.monotonic(), 0.01)))
            except queue.Empty:
                return False
            if wanted in self.heard[-1]:
                return True
        return False

    def _x(self, *arguments: str) -> str:
        ran = subprocess.run(
            ["xdotool", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
        return ran.stdout

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.strip())


def processes_of(folder: Path) -> list[str]:
    """Command lines of the running processes that name this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


def test_somebody_plays_with_card_face_network_and_power_and_all_money_is_found(
    display: str, tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    demo = Demo(display, folder)
    try:
        demo.await_line("The counter is up", OPEN_S)
        demo.await_kiosk()
        for wanted in ("Serving", "Paid ¥15.00", "Paid ¥15.00"):  # serve, a card, a face
            demo.press("Return")
            demo.await_line(wanted)
        demo.await_line("counter says ¥30.00, books say ¥30.00: agree")
        demo.press("Return")  # the network is cut, and another card is tapped
        demo.await_line("without the server")
        demo.await_line("counter says ¥42.00, books say ¥30.00: waiting")
        demo.press("k")
        demo.await_line("has lost its power")
        demo.press("k")
        demo.await_line("The counter is up", OPEN_S)
        demo.press("n")
        demo.await_line("counter says ¥42.00, books say ¥42.00: agree (0 waiting)")
        demo.press("v")
        demo.await_line("Serving")
        demo.show_code_until_paid()
        demo.await_line("counter says ¥54.00, books say ¥54.00: agree")
        demo.process.terminate()
        assert demo.process.wait(WAIT_S) == 0
        assert demo.process.stderr is not None
        assert demo.process.stderr.read() == ""
    finally:
        demo.process.kill()
        demo.process.wait()
        for pipe in (demo.process.stdout, demo.process.stderr):
            if pipe is not None:
                pipe.close()
    assert not folder.exists(), "sales, keys and faces stay on the disk"
    assert processes_of(folder) == []
