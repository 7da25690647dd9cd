"""Every app and driver says in 10–30 lines what it is; the flows name files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

LINES = range(10, 31)


def _packages(folder: str) -> list[Path]:
    return sorted(path.parent for path in (ROOT / folder).glob("*/__init__.py"))


@pytest.mark.parametrize("folder", ["server", "devices/drivers"])
def test_every_app_and_driver_has_a_readme_of_10_to_30_lines(folder: str) -> None:
    wrong = []
    for package in _packages(folder):
        readme = package / "README.md"
        lines = len(readme.read_text(encoding="utf-8").splitlines()) if readme.exists() else 0
        if lines not in LINES:
            wrong.append(f"{readme.relative_to(ROOT)}: {lines} lines")
    assert wrong == []


def _files_named_in(text: str) -> set[str]:
    pattern = r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|toml|qml|sql|html)|script/\w+)(?::\w+)?`"
    return set(re.findall(pattern, text))


def _documents() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", _documents(), ids=lambda path: path.name)
def test_a_document_names_only_files_that_exist(document: Path) -> None:
    named = _files_named_in(document.read_text(encoding="utf-8"))
    missing = {name for name in named if not name.startswith("var/") and not _exists(name)}
    assert missing == set()


def _exists(name: str) -> bool:
    return (ROOT / name).exists() or (ROOT / "docs" / name).exists()


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)} → {target}"
        for document in _documents()
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


@pytest.mark.parametrize("flow", ["payment.md", "offline.md", "channels.md"])
def test_the_flows_are_told(flow: str) -> None:
    text = (ROOT / "docs/flows" / flow).read_text(encoding="utf-8")
    assert len(_files_named_in(text)) >= 5
