"""Windows: one engine, view-model and window per screen, bound to screens by name and serial.

Rules
- Every window has an engine of its own, so that its Theme knows its own size and density, and its
  own view-model, so that diner and cashier may read different languages.
- The engine goes before the view-model: QML that outlives what it reads complains on its way out.
- A diner's screen that is unplugged hides its window. It comes back with its screen and never
  covers the cashier's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRect, QUrl
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

from domain.errors import Defect
from domain.messages import Language
from terminal_app.screens.actions import Actions
from terminal_app.screens.glyphs import screen_font
from terminal_app.screens.view_model import ViewModel

QML: Final = Path(__file__).parents[1] / "qml"
LANDSCAPE: Final = (1280, 800)
PORTRAIT: Final = (1080, 1920)


class Kind(StrEnum):
    """Which window: its QML file begins with this."""

    CASHIER = "Cashier"
    DINER = "Diner"
    SHARED = "Shared"


@dataclass(frozen=True, slots=True)
class Look:
    """How a window shows itself."""

    language: Language = "zh"
    is_large_print: bool = False
    is_high_contrast: bool = False


def application() -> QGuiApplication:
    """Return the one application of this process, with the screens' font."""
    app = QGuiApplication.instance() or QGuiApplication(["fanpiao"])
    if not isinstance(app, QGuiApplication):
        raise Defect("an application without windows is running")
    app.setQuitOnLastWindowClosed(False)
    app.setFont(screen_font(20))
    return app


class QmlWindow:
    """One window over any view-model: `file` of `qml/`, on the screen that belongs to `kind`."""

    def __init__(self, kind: Kind, file: str, view: Any, look: Look = Look()) -> None:
        self.kind = kind
        self.view = view
        self._engine = QQmlApplicationEngine()
        self._engine.addImportPath(str(QML))
        self._engine.setInitialProperties(
            {
                "view": self.view,
                "isLargePrint": look.is_large_print,
                "isHighContrast": look.is_high_contrast,
            }
        )
        self._engine.load(QUrl.fromLocalFile(str(QML / file)))
        self.window = _root(self._engine)

    def show_view(self, view: Any) -> None:
        """Show a view; on the GUI thread."""
        self.view.show(view)

    def resize(self, size: tuple[int, int]) -> None:
        """Give the window a size, in pixels."""
        self.window.resize(*size)

    def open(self, screen: QScreen | None, *, is_full: bool, share: float = 1.0) -> None:
        """Show the window on this screen; over all of it, or in a frame on `share` of its width."""
        if screen is not None:
            self.window.setScreen(screen)
            room = screen.availableGeometry()
            room.setWidth(int(room.width() * share))
            self.window.setGeometry(screen.geometry() if is_full else framed(room, self.kind))
        self.window.showFullScreen() if is_full else self.window.show()

    def close(self) -> None:
        """Destroy engine and window, then the view-model."""
        self.window.close()
        self._engine.deleteLater()
        QCoreApplication.sendPostedEvents(self._engine, QEvent.Type.DeferredDelete)
        self.view.deleteLater()
        QCoreApplication.sendPostedEvents(self.view, QEvent.Type.DeferredDelete)


class ScreenWindow(QmlWindow):
    """One window of a counter with its view-model."""

    view: ViewModel

    def __init__(self, kind: Kind, actions: Actions, look: Look = Look()) -> None:
        file = f"windows/{kind.value}Window.qml"
        super().__init__(kind, file, ViewModel(actions, look.language), look)


def _root(engine: QQmlApplicationEngine) -> QQuickWindow:
    roots = engine.rootObjects()
    if not roots or not isinstance(roots[0], QQuickWindow):
        raise Defect("the window's QML did not load")
    return roots[0]


def framed(room: QRect, kind: Kind) -> QRect:
    """Return a window's place in a frame: cashier and diner beside or above each other."""
    wide, high = PORTRAIT if kind is Kind.SHARED else LANDSCAPE
    beside = min(room.width() / (2 * wide), room.height() / high)
    below = min(room.width() / wide, room.height() / (2 * high))
    alone = min(room.width() / wide, room.height() / high)
    share = min(1.0, alone if kind is Kind.SHARED else max(beside, below))
    width, height = int(wide * share), int(high * share)
    if kind is not Kind.DINER:
        return QRect(room.x(), room.y(), width, height)
    across, down = (width, 0) if beside >= below else (0, height)
    return QRect(room.x() + across, room.y() + down, width, height)


def screen_of(screens: Sequence[QScreen], wanted: str) -> QScreen | None:
    """Return the screen with this name, serial number or model; None when it is not there."""
    return next((one for one in screens if wanted and wanted in _names(one)), None)


def _names(screen: QScreen) -> Iterable[str]:
    return (screen.name(), screen.serialNumber(), screen.model())


class Binding(QObject):
    """Keeps windows on their screens while screens come and go.

    `wanted` is a name, serial number or model; "" means the primary screen for cashier and shared,
    and any other screen for the diner.
    """

    def __init__(
        self, windows: Mapping[QmlWindow, str], *, is_full: bool, share: float = 1.0
    ) -> None:
        super().__init__()
        self._share = share
        self._windows = windows
        self._is_full = is_full
        app = QGuiApplication.instance()
        if not isinstance(app, QGuiApplication):
            raise Defect("there is no application")
        app.screenAdded.connect(lambda _screen: self.bind())
        app.screenRemoved.connect(lambda screen: self.bind(gone=screen))

    def bind(self, gone: QScreen | None = None) -> None:
        """Put every window on its screen; hide one whose screen is away."""
        screens = [one for one in QGuiApplication.screens() if one is not gone]
        for window, wanted in self._windows.items():
            primary = QGuiApplication.primaryScreen()
            screen = place(window.kind, wanted, screens, primary)
            if screen is None and not self._is_full:
                screen = primary
            if screen is None:
                window.window.hide()
            elif not window.window.isVisible() or window.window.screen() is not screen:
                window.open(screen, is_full=self._is_full, share=self._share)
        # What is typed is the cashier's, whichever window was opened last
        for window in self._windows:
            if window.kind is not Kind.DINER and window.window.isVisible():
                window.window.requestActivate()


def place(
    kind: Kind, wanted: str, screens: Sequence[QScreen], primary: QScreen | None
) -> QScreen | None:
    """Say which screen a window belongs on; None hides it. The cashier is never without one."""
    found = screen_of(screens, wanted)
    if found is not None:
        return found
    if kind is not Kind.DINER:
        return primary if primary in screens else next(iter(screens), None)
    if wanted:
        return None
    return next((one for one in screens if one is not primary), None)
