"""Run in a process of its own: somebody says no at the webcam, then yes, and then gives up.

Prints one JSON object: what stood on the screen, and how many consents the server held after each.
"""

import json
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from fanpiao.demo.window.people import People
from fanpiao.demo.window.stall import Stall
from fanpiao.demo.window.webcam import Webcam

WAIT_S = 40.0
_never = threading.Event()
"""Never set: what loops wait on between two looks."""


def until(webcam: Webcam, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not is_so():
        if time.monotonic() > end:
            sys.exit(f"the page shows {webcam.view}")
        webcam.step(time.monotonic())
        _never.wait(0.02)


def live_consents(stall: Stall) -> int:
    """Consents given on a screen that were not withdrawn, as the database has them."""
    with closing(sqlite3.connect(f"{stall.database.as_uri()}?mode=ro", uri=True)) as books:
        (count,) = books.execute(
            "SELECT count(*) FROM biometrics_consent"
            " WHERE evidence_kind != 'paper' AND withdrawn_at IS NULL"
        ).fetchone()
    return int(count)


def visit(stall: Stall, devices: Path) -> dict[str, object]:
    people = People(stall.sample.people)
    no = Webcam(stall, people, devices)
    no.ask("en")
    until(no, lambda: no.view.stage == "consent")
    title, points = no.view.title, len(no.view.points)
    no.refuse()
    after_no = live_consents(stall)
    yes = Webcam(stall, people, devices)
    yes.ask("zh")
    until(yes, lambda: yes.view.stage == "consent")
    before = live_consents(stall)
    yes.agree()
    until(yes, lambda: yes.view.stage == "posing" and "." in yes.view.hint)
    while_posing, hint = live_consents(stall), yes.view.hint
    yes.refuse()
    until(yes, lambda: yes.is_over)
    counts = [after_no, before, while_posing, live_consents(stall)]
    return {"title": title, "points": points, "consents": counts, "hint": hint}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        demo, devices = Path(folder) / "demo", Path(folder) / "dev"
        demo.mkdir()
        stall = Stall(demo)
        devices.mkdir()
        (devices / "video0").touch()  # there, and no camera that opens
        try:
            stall.fill()
            stall.start_server()
            json.dump(visit(stall, devices), sys.stdout)
        finally:
            stall.close()


if __name__ == "__main__":
    main()
