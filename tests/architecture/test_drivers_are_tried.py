"""Every driver of the registry is played in its port's suite: a new one cannot be forgotten."""

from __future__ import annotations

import re

import pytest

from devices.registry import DRIVERS
from tests.architecture.source import ROOT

SUITES = {
    "camera": "test_camera.py",
    "card_reader": "card_benches.py",
    "drawer": "test_printer.py",
    "keypad": "test_keypad_and_trigger.py",
    "printer": "test_printer.py",
    "scale": "test_scale.py",
    "scanner": "scanner_benches.py",
    "trigger": "test_keypad_and_trigger.py",
}
NOT_HERE = {("camera", "device")}
"""Needs a capture device; what it shares with a video file is played with that."""
MADE_BY_NAME = {("camera", "simulated"): "SceneCamera"}


@pytest.mark.parametrize("kind", sorted(DRIVERS))
def test_every_driver_is_in_the_suite_of_its_port(kind: str) -> None:
    source = (ROOT / "tests/contract/devices" / SUITES[kind]).read_text(encoding="utf-8")
    missing = [
        driver
        for driver in DRIVERS[kind]
        if (kind, driver) not in NOT_HERE
        and not re.search(rf'"{driver}"|\b{MADE_BY_NAME.get((kind, driver), "-")}\(', source)
    ]
    assert missing == []
