"""Opens the bench's window beside the kiosk's and runs until it is closed."""

from typing import Final

from PySide6.QtCore import QRect, QTimer
from PySide6.QtGui import QGuiApplication

from domain.messages import Language
from terminal_app.screens.bench.model import Act, BenchModel
from terminal_app.screens.bench.view import BenchView
from terminal_app.screens.kiosk import prepare
from terminal_app.screens.windows import Kind, Look, QmlWindow

LOOK_MS: Final = 100
"""How often Python gets a turn, to see a signal."""
WIDTH_MAX, HEIGHT_MAX = 1200, 1200


class BenchScreen:
    """The window of the bench. `show` may be called on any thread."""

    def __init__(self, act: Act, language: Language, share: float) -> None:
        self._app = prepare()
        self.model = BenchModel(act, language)
        self._window = QmlWindow(
            Kind.CASHIER, "bench/BenchWindow.qml", self.model, Look(language=language)
        )
        self._share = share
        self._is_over = False

    def show(self, view: BenchView) -> None:
        """Show this from now on."""
        self.model.put(view)

    def end(self) -> None:
        """Ask for the end, from a signal or another thread."""
        self._is_over = True

    def run(self) -> None:
        """Open the window and stay until it is closed or `end` was called."""
        screen = QGuiApplication.primaryScreen()
        self._window.window.setGeometry(beside(screen.availableGeometry(), self._share))
        self._window.window.show()
        self._window.window.requestActivate()
        self.model.closeAsked.connect(self.end)
        timer = QTimer(self._app)
        timer.setInterval(LOOK_MS)
        timer.timeout.connect(self._look)
        timer.start()
        self._app.exec()
        timer.stop()

    def close(self) -> None:
        """Destroy the window."""
        self._window.close()

    def _look(self) -> None:
        if self._is_over:
            self._app.exit(0)


def beside(room: QRect, share: float) -> QRect:
    """The bench's place: what the kiosk's windows leave of the room, at the right."""
    left = room.x() + int(room.width() * share)
    width = min(room.x() + room.width() - left, WIDTH_MAX)
    return QRect(left, room.y(), width, min(room.height(), HEIGHT_MAX))
