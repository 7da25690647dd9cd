"""The rules import little, read no clock, draw no chance and touch no file."""

import ast
from pathlib import Path

import pytest

DOMAIN = Path(__file__).parents[3] / "domain"
FILES = sorted(DOMAIN.rglob("*.py"))
ALLOWED = {
    "base64",
    "binascii",
    "collections.abc",
    "dataclasses",
    "datetime",
    "enum",
    "hashlib",
    "re",
    "struct",
    "typing",
    "uuid",
}
IMPURE = {"now", "utcnow", "today", "uuid1", "uuid4", "open", "print", "input"}


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or ".")
    return names


def called(tree: ast.AST) -> set[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {
        func.id if isinstance(func, ast.Name) else func.attr
        for func in calls
        if isinstance(func, ast.Name | ast.Attribute)
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(DOMAIN)))
def test_each_file_of_the_rules_is_pure(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    others = {name for name in imported(tree) if name.split(".")[0] != "domain"}
    assert others <= ALLOWED
    assert called(tree).isdisjoint(IMPURE)


def test_the_check_can_fail():
    tree = ast.parse("import time\nfrom datetime import datetime\ndatetime.now()\nopen('x')")
    assert imported(tree) - ALLOWED == {"time"}
    assert called(tree) & IMPURE == {"now", "open"}
