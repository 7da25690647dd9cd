"""What somebody types wrong is told in a line or two, with a documented exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from domain import messages
from domain.errors import Refused
from server.config.database import database_settings

REFUSED, UNAVAILABLE, FOUND = 2, 3, 1
PROFILE = 'name = "x"\n[amount]\nsource = "keyd"\n'
NOWHERE = "http://127.0.0.1:1"
MOST_LINES = 3

CASES = {
    "profile": ("terminal --profile broken.toml", REFUSED, "profiles.invalid"),
    "not activated": ("terminal --simulate --json", REFUSED, "terminals.not_activated"),
    "picture": ("decode broken.png", FOUND, "broken.png: "),
    "no server": (f"activate WRONG --server {NOWHERE}", UNAVAILABLE, "activation.server_unrea"),
    "no address": ("activate WRONG --server nonsense", UNAVAILABLE, "activation.server_unrea"),
    "word": ("server --database nonsense", REFUSED, "databases.no_address"),
    "away": ("server --database postgresql://127.0.0.1:1/x", UNAVAILABLE, "databases.unreachable"),
    "not a database": ("server --database broken.png", REFUSED, "databases.not_sqlite"),
    "host": ("server --database ./s.db --host 203.0.113.1", REFUSED, "server.bad_address"),
    "audit nothing": ("audit --database absent.sqlite3", REFUSED, "databases.missing"),
    "audit no store": ("audit --terminal broken.png", REFUSED, "storage.unreadable"),
    "restore nothing": ("restore broken.png --database ./n.db", REFUSED, "backups.unreadable"),
}


def said(folder: Path, command: str, language: str) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "fanpiao", "--language", language, *command.split()],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("typed")
    (made / "broken.toml").write_text(PROFILE)
    (made / "broken.png").write_bytes(b"not a picture")
    return made


@pytest.mark.parametrize("name", CASES)
def test_a_slip_is_told_in_a_line_or_two_with_its_exit_code(folder: Path, name: str) -> None:
    command, status, code = CASES[name]
    language = "zh" if len(name) % 2 else "en"
    found, words = said(folder, command, language)
    assert (found, code in words) == (status, True), words
    assert "Traceback" not in words
    assert "defect" not in words
    assert "secret" not in words
    assert len(words.strip().splitlines()) <= MOST_LINES, words
    assert not (folder / "absent.sqlite3").exists()
    if language == "zh" and code != "storage.unreadable":
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words), words


def test_a_mistake_in_a_profile_is_told_by_file_line_field_and_what_is_allowed(
    folder: Path,
) -> None:
    for language in ("zh", "en"):
        _, words = said(folder, "terminal --profile broken.toml", language)
        assert "broken.toml:3" in words
        assert "amount.source" in words
        assert "keyed, standing" in words


@pytest.mark.parametrize(
    ("database", "code"),
    [
        ("nonsense", "databases.no_address"),
        ("u:secret@host/d", "databases.no_address"),
        ("postgresql:/host/d", "databases.no_address"),
        ("postgresql://u:secret@127.0.0.1:1", "databases.no_address"),
        ("postgresql://u:secret@h:abc/x", "databases.no_address"),
        ("postgresql://[x/y", "databases.no_address"),
        ("mysql://u:secret@h/d", "databases.unknown_kind"),
    ],
)
def test_what_is_no_address_of_a_database_is_said_without_its_password(
    database: str, code: str
) -> None:
    with pytest.raises(Refused) as raised:
        database_settings(database)
    assert raised.value.code == code
    for language in ("zh", "en"):
        assert "secret" not in messages.text(code, raised.value.data, language)


@pytest.mark.parametrize("database", ["./nonsense", "nonsense.db", "sqlite:///nonsense"])
def test_a_path_is_a_sqlite_file(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert database_settings(database)["NAME"].startswith("nonsense")
