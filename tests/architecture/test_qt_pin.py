"""PySide6 stays on a release that keeps reference counts (docs/decisions/0002)."""

from __future__ import annotations

import importlib.metadata
import re
import sys

from PySide6.QtCore import QObject

from fanpiao.checks import QT_PINNED
from tests.architecture.source import ROOT

CALLS = 1000


def test_setting_a_name_loses_no_reference_to_none() -> None:
    thing = QObject()
    before = sys.getrefcount(None)

    for _ in range(CALLS):
        thing.setObjectName("x")

    # A broken release loses one per call and then aborts the process; noise is a handful
    assert sys.getrefcount(None) > before - CALLS // 10


def test_answers_of_true_and_false_lose_no_reference() -> None:
    thing = QObject()
    before = sys.getrefcount(True), sys.getrefcount(False)

    for _ in range(CALLS):
        thing.blockSignals(True)
        thing.blockSignals(False)

    assert sys.getrefcount(True) > before[0] - CALLS // 10
    assert sys.getrefcount(False) > before[1] - CALLS // 10


def test_the_installed_qt_is_the_pinned_one() -> None:
    for name in ("PySide6-Essentials", "PySide6-Addons"):
        assert importlib.metadata.version(name) == QT_PINNED


def test_pyproject_and_lock_name_the_same_pin() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert set(re.findall(r"PySide6-\w+==([\d.]+)", pyproject)) == {QT_PINNED}
    assert set(re.findall(r"pyside6-\w+==([\d.]+)", lock)) == {QT_PINNED}


def test_the_metapackage_with_its_browser_stays_out() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert not re.search(r"^pyside6==", lock, re.MULTILINE)


def test_opencv_is_the_build_without_its_own_qt() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert "opencv-python-headless==" in lock
    assert not re.search(r"^opencv-python==", lock, re.MULTILINE)
