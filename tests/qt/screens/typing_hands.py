"""Keys that type letters, pressed on a window."""

from __future__ import annotations

from typing import Any

from PySide6.QtTest import QTest

type_letter: Any = QTest.keyClick
"""`keyClick` of a window takes a letter too; its stubs know only of widgets doing so."""
