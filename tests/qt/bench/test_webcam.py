"""The bench's webcam: without a camera it says so, and nothing is kept without a consent."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fanpiao.demo.window.webcam import cameras

ROOT = Path(__file__).parents[3]
RUN_S = 120


def test_only_numbered_video_devices_are_cameras(tmp_path: Path) -> None:
    assert cameras(tmp_path) == []
    for name in ("video0", "video-loop", "null"):
        (tmp_path / name).touch()
    assert [one.name for one in cameras(tmp_path)] == ["video0"]


@pytest.mark.pictures
def test_a_no_leaves_nothing_and_giving_up_after_a_yes_withdraws() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.qt.bench.webcam_visit"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["title"] == "Consent to pay by face"
    assert told["points"] > 5
    assert told["consents"] == [0, 0, 1, 0], "after no, before yes, while posing, after giving up"
