"""One open canteen per file of journeys, and a counter that serves lunch there."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.bad_input.open_canteen import OpenCanteen, WalkUp, open_canteen
from tests.server_fixtures import _connected

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def canteen(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[OpenCanteen]:
    """The server stays up for a whole file: its books must hold over everything it meets."""
    folder = tmp_path_factory.mktemp("canteen")
    shutil.copyfile(sqlite_template, folder / "fanpiao.sqlite3")
    for _ in _connected(str(folder / "fanpiao.sqlite3"), django_db_blocker):
        with open_canteen(folder) as opened:
            yield opened


@pytest.fixture
def counter(canteen: OpenCanteen, tmp_path: Path) -> Iterator[WalkUp]:
    """A counter that knows its people and serves lunch online."""
    canteen.street.is_open = True
    made = WalkUp(canteen, tmp_path / f"counter-{next(_numbers)}")
    try:
        made.learn()
        made.serve()
        yield made
    finally:
        canteen.street.is_open = True
        made.close()
