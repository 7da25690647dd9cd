"""The units for systemd: accepted by systemd where it is, and in step with what they start."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from server.config.commands import server
from terminal_app.main import terminal
from terminal_app.watchdog import BEAT_EVERY_S
from tests.architecture.source import ROOT

FOLDER = ROOT / "script/systemd"
COMMANDS = {"terminal": terminal, "server": server}
SECTIONS = ["Unit", "Service", "Install"]


def unit(name: str) -> configparser.ConfigParser:
    """The unit read as what it is: sections of `Key=value`, nothing else."""
    made = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=False)
    made.optionxform = str  # type: ignore[assignment]
    made.read(FOLDER / name, encoding="utf-8")
    return made


@pytest.mark.parametrize("name", ["fanpiao-kiosk.service", "fanpiao-server.service"])
def test_systemd_accepts_the_unit(name: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        assert unit(name).sections() == SECTIONS
        return
    here = (FOLDER / name).read_text().replace("/opt/fanpiao/.venv/bin/python", sys.executable)
    (tmp_path / name).write_text(here.replace("/opt/fanpiao", str(tmp_path)))
    manager = ["--user"] if "kiosk" in name else ["--system"]
    done = subprocess.run(
        [analyze, *manager, "verify", "--man=no", str(tmp_path / name)],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if name in line]
    assert (done.returncode, said) == (0, []), done.stderr


@pytest.mark.parametrize("name", ["fanpiao-kiosk.service", "fanpiao-server.service"])
def test_what_a_unit_starts_is_a_command_with_these_options(name: str) -> None:
    words = shlex.split(unit(name)["Service"]["ExecStart"])
    after = words[words.index("fanpiao") + 1 :]
    command = COMMANDS[after[0]]
    assert isinstance(command, click.Command)
    command.make_context(after[0], after[1:])


def test_the_watchdog_waits_for_many_beats_and_a_refusal_is_no_reason_to_try_again() -> None:
    service = unit("fanpiao-kiosk.service")["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= 10 * BEAT_EVERY_S
    assert service["RestartPreventExitStatus"] == "2"
