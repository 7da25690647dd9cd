"""A window over any view-model under a finger: what `cashier_glass` is for a counter."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest

from terminal_app.screens.windows import QmlWindow, application
from tests.qt.screens.cashier_glass import CashierGlass
from tests.qt.screens.typing_hands import type_letter


class PageGlass(CashierGlass):
    """One window; `pass_on` lets what was pressed happen, and shows it."""

    def __init__(
        self,
        make: Callable[[], QmlWindow],
        pass_on: Callable[[QmlWindow], None] = lambda _: None,
        size: tuple[int, int] = (1280, 800),
        dots_per_mm: float = 0.0,
    ) -> None:
        application()
        self.page, self._pass_on = make(), pass_on
        self.screen = self.page  # type: ignore[assignment]
        self.bench = None
        self.page.window.setProperty("dotsPerMm", dots_per_mm)
        self.page.window.setProperty("isStill", True)
        self.page.resize(size)
        self.page.window.show()
        self.page.window.requestActivate()
        assert QTest.qWaitForWindowExposed(self.page.window)
        self.refresh()

    def refresh(self) -> None:
        """Let what was pressed happen, and show it."""
        self._pass_on(self.page)
        self.settle()

    def write(self, text: str) -> None:
        """Type on a keyboard."""
        for letter in text:
            type_letter(self.page.window, letter)
        self.refresh()

    def key(self, key: Qt.Key) -> None:
        """Press one key of a keyboard."""
        QTest.keyClick(self.page.window, key)
        self.refresh()

    def item(self, name: str) -> QObject:
        """An item by its name, seen or not."""
        found = self.page.window.findChild(QObject, name)
        assert found is not None, name
        return found
