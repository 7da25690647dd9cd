"""A list's rows keep their place: what stays is neither removed nor made anew."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from terminal_app.screens.line_model import LineModel

ROLES = ("key", "text")
ROWS = st.lists(st.tuples(st.integers(0, 8), st.text("ab", max_size=2)), unique_by=lambda r: r[0])


def rows(pairs: list[tuple[int, str]]) -> list[dict[str, Any]]:
    return [{"key": key, "text": text} for key, text in pairs]


@given(first=ROWS, then=ROWS)
def test_a_list_shows_what_was_put_last(
    first: list[tuple[int, str]], then: list[tuple[int, str]]
) -> None:
    model = LineModel(ROLES, "key")
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for pairs in (first, then):
        model.put(rows(pairs))
        assert model.rows() == rows(pairs)
        assert model.rowCount() == len(pairs)
    del tester


@given(first=ROWS, then=ROWS)
def test_a_row_that_stays_is_still_the_same_row(
    first: list[tuple[int, str]], then: list[tuple[int, str]]
) -> None:
    model = LineModel(ROLES, "key")
    model.put(rows(first))
    kept = {key: QPersistentModelIndex(model.index(n)) for n, (key, _) in enumerate(first)}
    model.put(rows(then))
    places = {key: n for n, (key, _) in enumerate(then)}
    for key, index in kept.items():
        assert index.isValid() == (key in places)
        if index.isValid():
            assert index.row() == places[key]


def test_roles_are_read_by_name_and_nothing_lies_outside() -> None:
    model = LineModel(ROLES, "key")
    model.put(rows([(1, "a")]))
    by_name = {name.decode(): role for role, name in model.roleNames().items()}
    assert model.data(model.index(0), by_name["text"]) == "a"
    assert model.data(QModelIndex(), by_name["text"]) is None
    assert model.data(model.index(0), 0) is None
    assert model.rowCount(model.index(0)) == 0
