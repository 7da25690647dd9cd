"""Counters on a bench, opened and closed around a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.counter.bench import Bench

Make = Callable[..., Bench]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make benches; each is closed at the end."""
    made: list[Bench] = []

    def _make(*given: Any, **rows: Any) -> Bench:
        made.append(Bench(tmp_path / str(len(made)), *given, **rows))
        return made[-1]

    yield _make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make: Make) -> Bench:
    """A canteen's counter, serving lunch at a standing price."""
    made = make()
    made.serve()
    return made
