"""A counter's store, opened and closed around a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.sync.makers import Counter


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """An opened counter without a replica."""
    made = Counter(tmp_path / "counter.sqlite3")
    yield made
    made.close()
