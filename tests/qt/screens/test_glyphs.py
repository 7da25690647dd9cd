"""The start draws what the screens will say, and fails by name when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import Refused
from terminal_app.screens.glyphs import PACKAGE, SAMPLE, check_glyphs, missing_glyphs, screen_font
from tests.architecture.source import ROOT

PRIVATE = "\U000f1234"
"""A place of Unicode where no font has a letter."""


@pytest.mark.usefixtures("qapp")
def test_this_machine_draws_both_languages_and_the_yuan_sign() -> None:
    check_glyphs()
    assert missing_glyphs(SAMPLE, screen_font()) == []


@pytest.mark.usefixtures("qapp")
def test_letters_that_no_font_has_are_named_once_with_the_package() -> None:
    with pytest.raises(Refused) as refused:
        check_glyphs(f"饭票{PRIVATE}{PRIVATE}")
    assert refused.value.code == "fonts.missing"
    assert refused.value.data == {"letters": PRIVATE, "package": PACKAGE}


def test_a_machine_without_chinese_fonts_fails_at_the_start(tmp_path: Path) -> None:
    """A real process that finds one Latin font only."""
    latin = next(
        path
        for folder in ("truetype/dejavu", "truetype/noto", "truetype")
        for path in sorted(Path("/usr/share/fonts", folder).rglob("*Sans*.ttf"))
    )
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    (fonts / latin.name).write_bytes(latin.read_bytes())
    (tmp_path / "fonts.conf").write_text(
        f"<fontconfig><dir>{fonts}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>"
    )
    program = (
        "from PySide6.QtGui import QGuiApplication\n"
        "from terminal_app.screens.glyphs import check_glyphs\n"
        "app = QGuiApplication([])\n"
        "check_glyphs()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "FONTCONFIG_FILE": str(tmp_path / "fonts.conf")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "fonts.missing" in ended.stderr
    assert "饭" in ended.stderr
