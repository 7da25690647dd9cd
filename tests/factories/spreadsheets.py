"""Spreadsheets as people send them."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook


def first_page(book: Workbook) -> Any:
    """The page a new book has, or the one a saved book opens on."""
    assert book.active is not None, "a book without pages"
    return book.active
