"""script/setup in a tree of its own: what it skips, what it refuses, and what it says then."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

LIMIT_S = 60


@dataclass(frozen=True, slots=True)
class Tree:
    """A copy of what script/setup reads, and programs that stand before the system's own."""

    root: Path
    programs: Path

    def program(self, name: str, body: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.root / "script/setup"), *arguments],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            env={**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}"},
        )


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    root, programs = tmp_path / "tree", tmp_path / "programs"
    (root / "script").mkdir(parents=True)
    programs.mkdir()
    for name in ("script/setup", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    return Tree(root, programs)


@pytest.fixture
def all_installed(tree: Tree) -> None:
    """Make dpkg-query say that every package of the list is installed."""
    text = (tree.root / "script/setup").read_text(encoding="utf-8")
    listed = re.search(r"<<'LIST'\n(.*?)\nLIST", text, re.DOTALL)
    assert listed
    tree.program("dpkg-query", "\n".join(f"echo {n} installed" for n in listed[1].split()))


@pytest.fixture
def set_up(tree: Tree, all_installed: None) -> None:
    """Make the tree look like one whose set-up has run."""
    (tree.root / ".venv/bin").mkdir(parents=True)
    (tree.root / ".venv/bin/python").symlink_to(sys.executable)
    named = [tree.root / name for name in ("requirements.lock", "pyproject.toml", "script/setup")]
    stamp = hashlib.sha256(b"".join(path.read_bytes() for path in named)).hexdigest()
    (tree.root / ".venv/set-up").write_text(f"{stamp} {tree.root.resolve()}\n")
    for folder in ("data", "models", "stamps"):
        (tree.root / "var" / folder).mkdir(parents=True)
    (tree.root / "var/stamps/data").write_text(hashlib.sha256(b"").hexdigest() + "\n")


def test_a_second_run_does_nothing(tree: Tree, set_up: None) -> None:
    done = tree.run()

    assert (done.returncode, done.stderr) == (0, "Everything is set up.\n")


def test_a_second_quiet_run_says_nothing(tree: Tree, set_up: None) -> None:
    done = tree.run("--quiet")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_root_it_prints_the_one_line_to_run(tree: Tree, set_up: None) -> None:
    tree.program("dpkg-query", "echo bash installed")
    tree.program("id", "echo 1000")
    tree.program("sudo", "exit 1")
    tree.program("apt-cache", 'echo "Package: $3"')

    done = tree.run()

    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if "apt-get install" in line]
    for name in ("postgresql", "python3-venv", "libzbar0", "fonts-noto-cjk"):
        assert f" {name}" in line


def test_a_package_goes_by_the_name_that_this_release_has(tree: Tree, set_up: None) -> None:
    tree.program("dpkg-query", "echo bash installed")
    tree.program("id", "echo 1000")
    tree.program("sudo", "exit 1")
    tree.program("apt-cache", 'case "$3" in libzbar0) ;; *) echo "Package: $3" ;; esac')

    done = tree.run()

    assert " libzbar0t64" in done.stderr
    assert not re.search(r" libzbar0\b(?!t64)", done.stderr)


def test_too_small_a_disk_is_said_before_anything_is_fetched(
    tree: Tree, all_installed: None
) -> None:
    tree.program("df", "echo header; echo /dev/x 100 50 50 50% /")

    done = tree.run()

    assert done.returncode == 1
    assert "the disk has only 50 MB free" in done.stderr
    assert not (tree.root / ".venv").exists()


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("Temporary failure in name resolution", "The network did not answer"),
        ("Connection refused (os error 111)", "The network did not answer"),
        ("PermissionError: Permission denied", "not writable"),
    ],
)
def test_a_failed_step_shows_its_last_words_and_what_to_do(
    tree: Tree, all_installed: None, words: str, advice: str
) -> None:
    tree.program("python3", f"echo '{words}'; exit 1")

    done = tree.run()

    assert done.returncode == 1
    assert words in done.stderr
    assert advice in done.stderr


def test_it_stops_at_the_first_step_that_fails(tree: Tree, all_installed: None) -> None:
    tree.program("python3", "exit 1")

    done = tree.run()

    assert done.stderr.count("…") == 1


def test_two_at_once_wait_for_each_other(tree: Tree, set_up: None) -> None:
    """The second one says so, and goes on when the first lets go of the lock."""
    lock = tree.root / "var/setup.lock"
    holder = subprocess.Popen(
        ["flock", str(lock), "sh", "-c", "echo held; read line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    second = subprocess.Popen(
        [str(tree.root / "script/setup")],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PATH": f"{tree.programs}:{os.environ['PATH']}"},
    )
    assert second.stderr
    assert "Another set-up" in second.stderr.readline()

    holder.communicate("go\n", timeout=LIMIT_S)
    _, rest = second.communicate(timeout=LIMIT_S)

    assert second.returncode == 0
    assert rest == "Everything is set up.\n"
