"""Functions of at most 70 lines, files of at most 400, lines of at most 100: no exception."""

from __future__ import annotations

import ast

from tests.architecture.source import place, python_files, tree

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400
COLUMNS_MAX = 100


def test_no_function_is_longer_than_70_lines() -> None:
    long = [
        f"{place(path, node.lineno)} {node.name}: {length} lines"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_no_file_is_longer_than_400_lines() -> None:
    long = [
        f"{place(path)}: {length} lines"
        for path in python_files()
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
    ]
    assert long == []


def test_no_line_is_wider_than_100_columns() -> None:
    wide = [
        f"{place(path, number)}: {len(line)} columns"
        for path in python_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > COLUMNS_MAX
    ]
    assert wide == []


def test_the_check_sees_the_source() -> None:
    assert len(python_files()) > 50
