"""The front door imports only what is used, guesses what was meant, and never shows a traceback."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from domain.errors import Refused, Unavailable
from fanpiao.cli import PLACES, Place, run

ROOT = Path(__file__).parents[3]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Return a function that makes `fanpiao trial` raise the given failure."""
    module = type(sys)("fanpiao_trial")

    def raising(error: Exception) -> None:
        @click.command("trial")
        def trial() -> None:
            raise error

        module.__dict__["trial"] = trial

    monkeypatch.setitem(sys.modules, "fanpiao_trial", module)
    monkeypatch.setitem(PLACES, "trial", Place("fanpiao_trial", "trial", "A trial."))
    return raising


def test_help_lists_every_command_and_imports_none_of_them() -> None:
    script = (
        "import sys; from fanpiao.cli import run; run(['--help']);"
        "heavy = {'django', 'cv2', 'numpy', 'PySide6', 'dlib', 'httpx', 'server', 'terminal_app'};"
        "print('imported:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)

    assert done.stdout.splitlines()[-1] == "imported: []"
    for name in PLACES:
        assert f"  {name} " in done.stdout


def test_a_misspelt_command_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["docter"]) == 2
    assert "Did you mean 'doctor'?" in capsys.readouterr().err


def test_a_refusal_tells_its_code_and_exits_2(
    command: Callable[[Exception], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command(Refused("cli.no_file", path="lunch.png"))

    assert run(["--language", "en", "trial"]) == 2
    assert capsys.readouterr().err == "cli.no_file: There is no such file: lunch.png.\n"


def test_the_same_failure_is_told_in_chinese(
    command: Callable[[Exception], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command(Refused("cli.no_file", path="lunch.png"))

    assert run(["--language=zh", "trial"]) == 2
    assert capsys.readouterr().err == "cli.no_file：没有这个文件：lunch.png。\n"


def test_what_is_not_available_now_exits_3(
    command: Callable[[Exception], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command(Unavailable("cli.disk_full"))

    assert run(["trial"]) == 3
    assert "cli.disk_full" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "path", "code", "exit_code"),
    [
        (errno.ENOSPC, None, "cli.disk_full", 3),
        (errno.EACCES, "/secret", "cli.no_permission", 3),
        (errno.EADDRINUSE, None, "cli.address_in_use", 3),
        (errno.ENOENT, "lunch.png", "cli.no_file", 2),
    ],
)
def test_what_the_system_refuses_is_told_in_words(
    command: Callable[[Exception], None],
    capsys: pytest.CaptureFixture[str],
    number: int,
    path: str | None,
    code: str,
    exit_code: int,
) -> None:
    command(OSError(number, os.strerror(number), path))

    assert run(["trial"]) == exit_code
    assert capsys.readouterr().err.startswith(code)


def test_a_defect_shows_no_traceback_but_keeps_it(
    command: Callable[[Exception], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    command(ZeroDivisionError("the books"))

    assert run(["trial"]) == 4
    assert "Traceback" not in capsys.readouterr().err
    [kept] = tmp_path.iterdir()
    assert "ZeroDivisionError: the books" in kept.read_text()


def test_debug_shows_the_traceback(command: Callable[[Exception], None]) -> None:
    command(ZeroDivisionError("the books"))

    with pytest.raises(ZeroDivisionError):
        run(["--debug", "trial"])


def test_a_command_whose_part_is_not_installed_says_which(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(PLACES, "trial", Place("no_such_part", "trial", "A trial."))

    assert run(["--language", "en", "trial"]) == 3
    assert "no_such_part" in capsys.readouterr().err


def test_bare_fanpiao_shows_the_help() -> None:
    assert run([]) == 2


@pytest.mark.parametrize("name", list(PLACES))
def test_every_command_teaches_by_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"fanpiao {name}" in shown.split("Usage:", 1)[1].split("\n", 1)[1]
