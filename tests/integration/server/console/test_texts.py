"""Every text of the console is there in Chinese, whichever app's page it is on."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils import translation

import server.console

FOLDER = Path(server.console.__file__).parent
IN_TEMPLATES = re.compile(r"{%\s*translate\s+(?:\"([^\"]*)\"|'([^']*)')")
IN_SOURCE = re.compile(r'\b(?:_|now_text)\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+),?\s*\)')


def texts() -> set[str]:
    found = set()
    for path in FOLDER.rglob("*.html"):
        found |= {one or two for one, two in IN_TEMPLATES.findall(path.read_text("utf-8"))}
    for path in FOLDER.rglob("*.py"):
        for quoted in IN_SOURCE.findall(path.read_text("utf-8")):
            found.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', quoted)))
    return found


def test_every_text_of_the_console_is_translated() -> None:
    assert len(texts()) > 300
    with translation.override("zh-hans"):
        missing = sorted(
            one for one in texts() if translation.gettext(one) == one and re.search("[a-z]", one)
        )
    assert missing == []
