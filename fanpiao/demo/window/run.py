"""Opens the windowed demo, and takes all of it away again when its window is closed."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from domain.messages import Language
from fanpiao.demo.folder import MARK, fresh_folder
from fanpiao.demo.window.backstage import Backstage
from fanpiao.demo.window.stall import WINDOWS_SHARE, Stall
from fanpiao.fetch_data import ROOT

FOLDER: Final = ROOT / "var/demo-window"
LOCK: Final = ROOT / "var/demo-window.lock"
STEP_S: Final = 0.1
CLOSE_S: Final = 40.0
"""Every process is given its time to end before it is ended."""


def has_screen() -> bool:
    """Whether there is a screen to open windows on."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_window(
    echo: Callable[[str], None],
    language: Language,
    folder: Path = FOLDER,
    lock: Path = LOCK,
) -> bool:
    """Run until the bench is closed; return whether nothing failed. Leaves nothing behind."""
    from terminal_app.screens.bench.window import BenchScreen

    with fresh_folder(folder, lock) as place:
        stall = Stall(place, language)
        backstage = Backstage(stall, echo)
        screen = BenchScreen(backstage.act, language, float(WINDOWS_SHARE))
        backstage.show = screen.show
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: screen.end())
        over = threading.Event()
        worker = threading.Thread(target=_work, args=(backstage, over), name="backstage")
        worker.start()
        try:
            screen.run()
        finally:
            over.set()
            worker.join(CLOSE_S)
            screen.close()
            _erase(place)
    return not backstage.has_failed


def _work(backstage: Backstage, over: threading.Event) -> None:
    try:
        while not over.is_set():
            backstage.step(time.monotonic())
            over.wait(STEP_S)
    finally:
        backstage.close()


def _erase(folder: Path) -> None:
    """Nothing of the demo stays: no sale, no key, no face."""
    if (folder / MARK).exists():
        shutil.rmtree(folder)
