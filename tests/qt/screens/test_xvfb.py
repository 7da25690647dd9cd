"""On a real X server with two screens: each window on its own, painted, and none over another."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RUN_S = 60


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """An X server with a screen for the cashier and one for the diner."""
    assert shutil.which("Xvfb"), "script/setup installs xvfb"
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [
            "Xvfb", "-displayfd", str(writing), "-nolisten", "tcp",
            "-screen", "0", "1280x800x24", "-screen", "1", "1024x768x24",
        ],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    assert number, "the X server did not start"
    yield f":{number}"
    server.terminate()
    server.wait(10)


def test_each_window_is_on_its_own_screen_and_a_lost_one_hides_its_window(display: str) -> None:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.qt.screens.two_screens"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    told = json.loads(ran.stdout)
    assert told["screens"] == 2
    before, after = told["before"], told["after"]
    assert before["cashier"]["size"] == [1280, 800]
    assert before["diner"]["size"] == [1024, 768]
    assert before["cashier"]["screen"] != before["diner"]["screen"]
    assert min(one["colours"] for one in before.values()) > 10
    assert not after["diner"]["is_visible"]
    assert after["cashier"] == before["cashier"]
