"""Money is whole fen: no field or argument named for an amount is anything but an int."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, place, python_files, tree

# What an amount may be annotated with; `Fen` is the profile's int with bounds
WHOLE = {"int", "Fen", "Amount", "Money"}
FIELDS = {"BigIntegerField", "PositiveBigIntegerField", "IntegerField"}
NOT_WHOLE = {"FloatField", "DecimalField", "CharField", "float", "Decimal"}

# Face distances are fractions and live elsewhere; in these files nothing is
MONEY_RULES = ("money.py", "pricing.py", "offline_policy.py", "payment_states.py")


def _is_amount(name: str) -> bool:
    return name == "amount" or name.endswith("_amount")


def _annotated(path: Path) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if _is_amount(node.target.id):
                yield place(path, node.lineno), node.annotation
        elif isinstance(node, ast.arg) and node.annotation is not None and _is_amount(node.arg):
            yield place(path, node.lineno), node.annotation


def _words(node: ast.expr) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = ast.parse(node.value, mode="eval").body
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def test_no_amount_is_annotated_with_anything_but_whole_fen() -> None:
    wrong = [
        f"{where}: {ast.unparse(annotation)}"
        for path in python_files(*PACKAGES)
        for where, annotation in _annotated(path)
        if _words(annotation) & NOT_WHOLE
    ]
    assert wrong == []


def test_every_amount_is_an_int() -> None:
    wrong = [
        f"{where}: {ast.unparse(annotation)}"
        for path in python_files(*PACKAGES)
        for where, annotation in _annotated(path)
        if not _words(annotation) & WHOLE
    ]
    assert wrong == []


def test_every_amount_column_is_a_whole_number() -> None:
    wrong = [
        f"{place(path, node.lineno)}: {node.value.func.attr}"
        for path in python_files("server")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr.endswith("Field")
        and any(isinstance(name, ast.Name) and _is_amount(name.id) for name in node.targets)
        and node.value.func.attr not in FIELDS
    ]
    assert wrong == []


@pytest.mark.parametrize("name", MONEY_RULES)
def test_the_rules_of_money_never_compute_with_floats(name: str) -> None:
    wrong = [
        place(path, node.lineno)
        for path in python_files("domain")
        if path.name == name
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
    ]
    assert wrong == []
