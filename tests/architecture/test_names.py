"""A file's name says what is in it; a word that could hold anything holds everything soon."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source import place, python_files, tree

BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "stuff"}


def test_no_module_is_called_by_a_word_that_means_nothing() -> None:
    vague = [
        place(path)
        for path in python_files()
        if BANNED & set(path.stem.split("_")) or path.parent.name in BANNED
    ]
    assert vague == []


def test_every_module_says_what_is_in_it() -> None:
    silent = [
        place(path)
        for path in python_files()
        if path.name != "__init__.py" and ast.get_docstring(tree(path)) is None
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"unittest\.mock|MagicMock", "use a fake that passes the contract tests"),
        (r"(?<!\w)(time|asyncio)\.sleep\(", "wait for the event itself, not for a time"),
        (r"pytest\.mark\.skip(?!if)|pytest\.skip\((?!.*device)", "no skipped test"),
        (r"mark\.flaky|reruns", "a rerun hides a race"),
    ],
)
def test_tests_neither_sleep_nor_mock_nor_skip(pattern: str, why: str) -> None:
    found = [
        f"{place(path, number)}: {why}"
        for path in python_files("tests")
        if path.name != "test_names.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []
