"""The profile of the windowed demo's counter, as it is written into its folder."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.messages import Language

_PROFILE = """# Written by the demo.
name = "demo_window"
version = 1
language = "{language}"
attended = true
tenders = ["card", "code", "face", "number", "cash", "on_account"]

[title]
zh = "示例窗口"
en = "Sample counter"

[amount]
source = "standing"

[face]
mode = "confirm"
confirm_by = "either"

[[devices]]
name = "scanner"
kind = "scanner"
driver = "serial_scanner"
settings = {{ port = "{port}" }}

[[devices]]
name = "reader"
kind = "card_reader"
driver = "simulated"

[[devices]]
name = "printer"
kind = "printer"
driver = "escpos_printer"
settings = {{ address = "{printer}" }}

[[devices]]
name = "camera"
kind = "camera"
driver = "{camera}"
settings = {settings}
"""

_DESK = """# Written by the demo.
name = "demo_desk"
version = 1
purpose = "enrolment"
language = "zh"
attended = true
tenders = []

[title]
zh = "人员登记"
en = "Enrolment desk"

[face]
mode = "off"

[[devices]]
name = "camera"
kind = "camera"
driver = "device"
settings = {{ path = {camera}, width = 1280, height = 720 }}
"""


@dataclass(frozen=True, slots=True)
class CameraDriver:
    """Which camera the counter has: a played one, or a real device."""

    driver: str = "simulated"
    settings: dict[str, Any] = field(default_factory=lambda: {"fps": 10})

    @property
    def is_played(self) -> bool:
        """Whether the bench plays what it sees."""
        return self.driver == "simulated"


def write_profile(
    path: Path, *, port: str, printer: str, camera: CameraDriver, language: Language
) -> None:
    """Write it whole, or leave the former one."""
    settings = ", ".join(f"{name} = {json.dumps(value)}" for name, value in camera.settings.items())
    text = _PROFILE.format(
        port=port,
        printer=printer,
        camera=camera.driver,
        settings=f"{{ {settings} }}",
        language=language,
    )
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def write_desk_profile(path: Path, *, camera: str) -> None:
    """Write the profile of the desk that enrols through this camera."""
    path.write_text(_DESK.format(camera=json.dumps(camera)), encoding="utf-8")
