"""Draws recorded views as pictures: every screen, in both languages and both shapes.

    python -m terminal_app.screens.pictures TO FROM… [--shape diner] [--state approved]

FROM are folders that `recorder.Recorder` filled; TO gets `<state>-<zh|en>-<shape>.png`, where the
shapes are `cashier` and `diner` (1280×800 each) and `portrait` (1080×1920, shared). What opens over
a state by a finger is drawn over a fitting one. JSON lines say how many states there are, and each
that is drawn. Runs without a screen, and fails on the first complaint of Qt's.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import (
    QCoreApplication,
    QElapsedTimer,
    QMessageLogContext,
    QObject,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QImage
from PySide6.QtQml import QQmlExpression, qmlContext
from PySide6.QtQuick import QQuickWindow, QSGRendererInterface

from domain.messages import Language
from terminal_app.counter.view import CounterView
from terminal_app.screens.actions import Actions
from terminal_app.screens.derived import derived
from terminal_app.screens.recorder import recorded
from terminal_app.screens.windows import (
    LANDSCAPE,
    PORTRAIT,
    Kind,
    Look,
    ScreenWindow,
    application,
)

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
SHAPES: Final[Mapping[str, tuple[Kind, tuple[int, int]]]] = {
    "cashier": (Kind.CASHIER, LANDSCAPE),
    "diner": (Kind.DINER, LANDSCAPE),
    "portrait": (Kind.SHARED, PORTRAIT),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """Something that a finger opens: over the first state that begins so, on one of the sides.

    `run` is done in the scope of the side's root item, and `undo` after the picture.
    """

    state: str
    side: str
    run: str
    undo: str


def _sheet(state: str, name: str, given: str = "{}") -> Opened:
    return Opened(state, "cashierRoot", f'openSheet("{name}", {given})', "closeSheet()")


OPENED: Final[Mapping[str, Opened]] = {
    "by_number": Opened("armed_", "dinerRoot", "isNumberOpen = true", "isNumberOpen = false"),
    "sheet_cash": _sheet("armed_keyed", "Cash"),
    "sheet_number": _sheet("armed_", "Number"),
    "sheet_more": _sheet("idle_", "More"),
    "sheet_end_shift": _sheet("idle_", "EndShift"),
    "sheet_cash_move": _sheet("idle_", "CashMove"),
    "sheet_devices": _sheet("idle_", "Devices"),
    "sheet_queue": _sheet("idle_", "Queue"),
    "sheet_keys": _sheet("idle_", "Keys"),
    "sheet_hold_open": _sheet("no_period", "HoldOpen"),
    "sheet_supervisor": _sheet(
        "idle_", "Secret", '{title: view.words.supervisorPin, detail: "", run: () => {}}'
    ),
}
SETTLE_MS: Final = 40
"""Loaders and bindings settle; what moves is still from the start (`Theme.isStill`)."""


class Complained(Exception):
    """Qt had something to say while a screen was drawn: the screen has a mistake."""


class Album:
    """One window per language and shape, drawn again and again; `close` before the end."""

    def __init__(self, shapes: Sequence[str] = tuple(SHAPES)) -> None:
        application()
        self._complaints: list[str] = []
        self._before = qInstallMessageHandler(self._hear)
        self._windows = {
            (language, shape): _window(*SHAPES[shape], language)
            for language in LANGUAGES
            for shape in shapes
        }

    def draw(
        self, view: CounterView, language: Language, shape: str, opened: Opened | None = None
    ) -> QImage:
        """Return one picture. Raises `Complained` with Qt's words."""
        window = self._windows[language, shape]
        window.show_view(view)
        if opened:
            _do(window.window, opened.side, opened.run)
        _settle()
        image = window.window.grabWindow()
        if opened:
            _do(window.window, opened.side, opened.undo)
        self._check()
        return image

    def close(self) -> None:
        """Take the windows away."""
        for window in self._windows.values():
            window.close()
        qInstallMessageHandler(self._before)
        self._check()

    def _hear(self, kind: QtMsgType, _where: QMessageLogContext, words: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and kind is not QtMsgType.QtInfoMsg:
            self._complaints.append(words)

    def _check(self) -> None:
        if self._complaints:
            raise Complained("\n".join(self._complaints))


def render(
    views: Mapping[str, CounterView], folder: Path, shapes: Sequence[str] = tuple(SHAPES)
) -> Iterator[str]:
    """Draw every view, and what opens over them, in every language and shape.

    Yields each state when its pictures are there.

    Raises `Complained` naming the state.
    """
    folder.mkdir(parents=True, exist_ok=True)
    album = Album(shapes)
    try:
        for state, view, opened in _wanted(views):
            for language in LANGUAGES:
                for shape in shapes:
                    picture = album.draw(view, language, shape, opened)
                    picture.save(str(folder / f"{state}-{language}-{shape}.png"))
            yield state
    except Complained as complaint:
        raise Complained(f"{state}: {complaint}") from complaint
    finally:
        album.close()


def _wanted(
    views: Mapping[str, CounterView],
) -> Iterator[tuple[str, CounterView, Opened | None]]:
    for state, view in views.items():
        yield state, view, None
    for state, view in derived(views):
        yield state, view, None
    for name, opened in OPENED.items():
        below = next(
            (view for state, view in views.items() if state.startswith(opened.state)), None
        )
        if below is not None:
            yield name, below, opened


def _do(window: QQuickWindow, side: str, code: str) -> None:
    """Run a line of QML in the scope of a side's root item, if the window has that side."""
    item = window.findChild(QObject, side)
    context = qmlContext(item) if item is not None else None
    if item is None or context is None:
        return
    expression = QQmlExpression(context, item, code)
    expression.evaluate()
    if expression.hasError():
        raise Complained(expression.error().toString())


def _window(kind: Kind, size: tuple[int, int], language: Language) -> ScreenWindow:
    made = ScreenWindow(kind, Actions(lambda _: None), Look(language))
    made.window.setProperty("isStill", True)
    made.resize(size)
    made.window.show()
    return made


def _settle() -> None:
    clock = QElapsedTimer()
    clock.start()
    while clock.elapsed() < SETTLE_MS:
        QCoreApplication.processEvents()


def main() -> int:
    """Draw what was recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("to", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--shape", action="append", choices=SHAPES, help="Only this shape.")
    parser.add_argument("--state", default="", help="Only states that begin so.")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    QQuickWindow.setGraphicsApi(QSGRendererInterface.GraphicsApi.Software)
    views = {
        state: view
        for state, view in recorded(*given.folders).items()
        if state.startswith(given.state)
    }
    print(json.dumps({"count": sum(1 for _ in _wanted(views))}), flush=True)
    for state in render(views, given.to, given.shape or tuple(SHAPES)):
        print(json.dumps({"state": state}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
