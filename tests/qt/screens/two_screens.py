"""Run in a process of its own on a real X server: open both windows, and say where they are.

Prints one JSON object: per window its place in the list of screens, its size, whether it shows,
and how many colours were painted; then the same after the screen of the diner is said to be gone.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer
from PySide6.QtGui import QGuiApplication

from terminal_app.screens.actions import Actions
from terminal_app.screens.kiosk import prepare
from terminal_app.screens.windows import Binding, Kind, ScreenWindow
from tests.factories.views import a_view

PAINT_MAX_MS = 20_000


def told(window: ScreenWindow) -> dict[str, Any]:
    image = window.window.grabWindow() if window.window.isVisible() else None
    spots = [(x, y) for x in range(0, 800, 8) for y in range(0, 600, 8)]
    return {
        "screen": QGuiApplication.screens().index(window.window.screen()),
        "size": [window.window.width(), window.window.height()],
        "is_visible": window.window.isVisible(),
        "colours": len({image.pixelColor(x, y).name() for x, y in spots}) if image else 0,
    }


def main() -> None:
    app = prepare()
    screens = QGuiApplication.screens()
    diners = next(screen for screen in screens if screen is not app.primaryScreen())
    cashier, diner = (
        ScreenWindow(kind, Actions(lambda _: None)) for kind in (Kind.CASHIER, Kind.DINER)
    )
    binding = Binding({cashier: "", diner: ""}, is_full=True)
    binding.bind()
    with tempfile.TemporaryDirectory() as folder:
        view = a_view(Path(folder))
    timer = QElapsedTimer()
    timer.start()
    while not (cashier.window.isExposed() and diner.window.isExposed()):
        app.processEvents()
        if timer.elapsed() > PAINT_MAX_MS:
            break
    for window in (cashier, diner):
        window.show_view(view)
    app.processEvents()
    before = {"cashier": told(cashier), "diner": told(diner)}
    binding.bind(gone=diners)
    app.processEvents()
    after = {"cashier": told(cashier), "diner": told(diner)}
    json.dump({"screens": len(screens), "before": before, "after": after}, sys.stdout)
    for window in (cashier, diner):
        window.close()


if __name__ == "__main__":
    main()
