"""A cashier's window over a real counter on a bench: fingers tap, keys are pressed, and all of it
goes through the counter.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QPoint, Qt
from PySide6.QtQml import QQmlExpression, qmlContext
from PySide6.QtTest import QTest

from terminal_app.counter.view import CounterView
from terminal_app.screens.actions import Actions
from terminal_app.screens.windows import Kind, Look, ScreenWindow, application
from tests.integration.counter.bench import Bench

FIND = """
(function () {
    const glass = { width: width, height: height }, found = []
    // What was scrolled out of its list is not to be seen
    function walk(item, clip) {
        if (!item.visible || item.opacity === 0) return
        const at = item.mapToItem(null, 0, 0)
        if (clip && (at.y + item.height < clip.top || at.y > clip.bottom)) return
        found.push(item)
        const inner = item.clip ? { top: at.y, bottom: at.y + item.height } : clip
        for (let i = 0; i < item.children.length; i++) walk(item.children[i], inner)
    }
    walk(contentItem, null)
    %s
})()
"""
PLACE = """
for (const item of found)
    if (item.objectName === "%s") {
        const p = item.mapToItem(null, item.width / 2, item.height / 2)
        return [p.x, p.y, item.width, item.height]
    }
return []
"""
WORDS = "return found.map(item => item.text || '').filter(text => text !== '')"
SPILLED = """
return found.filter(item => item.text && item.contentWidth !== undefined).filter(item => {
    const from = item.mapToItem(null, 0, 0), to = item.mapToItem(null, item.width, item.height)
    return from.x < -1 || from.y < -1 || to.x > glass.width + 1
        || item.contentWidth > item.width + 2
}).map(item => item.text)
"""
KEYS = """
return found.filter(item => item.trigger !== undefined && item.pressed !== undefined)
    .map(item => [item.objectName || item.text || "", Math.min(item.width, item.height)])
"""


def evaluated(scope: QObject, code: str) -> Any:
    """Evaluate QML where this object stands."""
    context = qmlContext(scope)
    assert context is not None
    expression = QQmlExpression(context, scope, code)
    value, _ = expression.evaluate()
    assert not expression.hasError(), expression.error().toString()
    return value


class CashierGlass:
    """The window; `bench` is stepped after every press, as the counter's thread would."""

    def __init__(
        self,
        bench: Bench | None = None,
        kind: Kind = Kind.CASHIER,
        size: tuple[int, int] = (1280, 800),
        look: Look | None = None,
        dots_per_mm: float = 0.0,
    ) -> None:
        application()
        self.bench = bench
        self.posted: list[Any] = []
        self.screen = ScreenWindow(kind, Actions(self._post), look or Look())
        self.screen.window.setProperty("dotsPerMm", dots_per_mm)
        self.screen.window.setProperty("isStill", True)
        self.screen.resize(size)
        self.screen.window.show()
        self.screen.window.requestActivate()
        assert QTest.qWaitForWindowExposed(self.screen.window)
        self.refresh()

    def _post(self, event: Any) -> None:
        self.posted.append(event)
        if self.bench is not None:
            self.bench.post(event)

    def refresh(self) -> None:
        """Show what the counter shows now."""
        if self.bench is not None:
            self.screen.show_view(self.bench.view)
        self.settle()

    def show(self, view: CounterView) -> None:
        """Show a view of no counter."""
        self.screen.show_view(view)
        self.settle()

    def settle(self) -> None:
        """Let bindings and loaders come to rest, and everything be laid out."""
        QCoreApplication.processEvents()
        self.screen.window.grabWindow()

    def wait(self, seconds: float) -> None:
        """Let the counter's time pass."""
        assert self.bench is not None
        self.bench.wait(seconds)
        self.refresh()

    def find(self, code: str) -> list[Any]:
        found = evaluated(self.screen.window, FIND % code).toVariant()
        assert isinstance(found, list)
        return found

    def tap(self, *names: str) -> None:
        """Press with a finger, one after the other, each by its name."""
        for name in names:
            place = self.find(PLACE % name)
            assert place, f"there is no {name}; to be read: {self.words()}"
            QTest.mouseClick(
                self.screen.window,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
                QPoint(int(place[0]), int(place[1])),
            )
            self.refresh()

    def type(self, digits: str) -> None:
        """Press the pad's digits with a finger."""
        self.tap(*(f"pad_{digit}" for digit in digits))

    def press(self, *keys: Qt.Key) -> None:
        """Press keys of the numeric keypad."""
        for key in keys:
            QTest.keyClick(self.screen.window, key, Qt.KeyboardModifier.KeypadModifier)
            self.refresh()

    def press_digits(self, digits: str) -> None:
        """Press digits of the numeric keypad."""
        self.press(*(Qt.Key(ord(digit)) for digit in digits))

    def has(self, name: str) -> bool:
        """Whether something of this name is to be seen."""
        return bool(self.find(PLACE % name))

    def words(self) -> str:
        """Everything that can be read."""
        return " ".join(self.find(WORDS))

    def close(self) -> None:
        self.screen.close()
