"""Nothing in the tree that belongs to one machine, one person or one secret."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

TEXT = {".py", ".md", ".toml", ".qml", ".sh", ".html", ".js", ".sql", ".txt", ".json", ".lock", ""}
SIZE_MAX = 400_000


@cache
def tracked() -> tuple[Path, ...]:
    """Return the files of the tree: all but what .gitignore names. Works without git."""
    ignored = [
        line.strip("/")
        for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    return tuple(_kept(ROOT, [".git", *ignored]))


def _kept(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if any(path.match(pattern) for pattern in ignored):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _kept(path, ignored)
        elif path.is_file():
            yield path


def _lines() -> list[tuple[str, str]]:
    return [
        (f"{path.relative_to(ROOT)}:{number}", line)
        for path in tracked()
        if path.suffix in TEXT and path.name != "test_tree.py"
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
    ]


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a machine's own path", r"(?<![\w.])/(home|root|Users|work|farm)/\w"),
        ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
        ("a cloud key", r"\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{30,}|\bsk-[A-Za-z0-9]{32,}"),
        ("a mobile number", r"(?<![\d.:a-f])1[3-9]\d{9}(?![\da-f])"),
        ("an identity number", r"(?<!\d)[1-9]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])\d{5}[\dX](?!\d)"),
    ],
)
def test_nothing_private_is_in_the_tree(what: str, pattern: str) -> None:
    found = [where for where, line in _lines() if re.search(pattern, line)]
    assert found == [], f"{what} does not belong into the tree"


def test_no_photograph_model_or_database_is_committed() -> None:
    kinds = {".png", ".jpg", ".jpeg", ".dat", ".onnx", ".sqlite3", ".db", ".zip", ".gz", ".pyc"}
    found = [str(path.relative_to(ROOT)) for path in tracked() if path.suffix.lower() in kinds]
    assert found == []


def test_no_file_is_larger_than_source_needs() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {path.stat().st_size}"
        for path in tracked()
        if path.stat().st_size > SIZE_MAX
    ]
    assert found == []


def test_the_lock_names_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text


def test_every_locked_package_carries_its_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    without = [
        line.split()[0]
        for line in text.splitlines()
        if "==" in line and "--hash=sha256:" not in line
    ]
    assert without == []


@pytest.mark.parametrize("name", ["setup", "test", "demo", "fanpiao", "lock", "bench"])
def test_the_scripts_can_be_run_and_parsed(name: str) -> None:
    path = ROOT / "script" / name
    assert path.stat().st_mode & 0o111, "not executable"
    subprocess.run(["bash", "-n", str(path)], check=True)
