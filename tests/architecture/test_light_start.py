"""What a process loads before it shows anything: the engines belong to the eyes' process alone."""

import json
import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

ENGINES = {"cv2", "dlib", "onnx", "onnxruntime", "zxingcpp", "pyzbar"}
COUNTER = """
import terminal_app.main, terminal_app.terminal, terminal_app.new_terminal
import terminal_app.screens.kiosk, terminal_app.screens.first_run
from kiosk_profiles.load import load
from terminal_app.terminal import DEFAULT_MODEL, eyes_config, make_hardware
profile = load("canteen")
for is_simulated in (False, True):
    hardware = make_hardware(profile, is_simulated=is_simulated)
    eyes_config(profile, hardware.camera, DEFAULT_MODEL)
"""
EYES = "import terminal_app.eyes.process"


def loaded(code: str) -> set[str]:
    """The engines in the memory of a new process that ran `code`."""
    told = "\nimport json, sys; print(json.dumps([*sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code + told], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return ENGINES & set(json.loads(done.stdout))


@pytest.mark.parametrize("code", [COUNTER, "import terminal_app.main"])
def test_a_counter_starts_without_the_engines_that_see(code: str) -> None:
    assert loaded(code) == set()


def test_the_eyes_load_the_engines_that_see() -> None:
    assert {"cv2", "dlib", "onnxruntime", "zxingcpp"} <= loaded(EYES)
