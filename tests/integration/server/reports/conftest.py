"""A till on each engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories.payments import Till, tiny_channel
from tests.factories.server_rows import Rows


@pytest.fixture
def till(database: str, tmp_path: Path) -> Till:
    """A till with a payer and a channel, in a database of its own."""
    return Till(Rows(), tiny_channel(tmp_path))
