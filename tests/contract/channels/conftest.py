"""The benches of the suite: one for each provider, kept for the whole run, calm for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.channels.benches import KINDS, Bench, bench_of


@pytest.fixture(scope="session")
def peer_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("peer-keys")


@pytest.fixture(scope="session")
def benches(peer_keys: Path) -> Iterator[dict[str, Bench]]:
    with ExitStack() as stack:
        yield {kind: stack.enter_context(bench_of(kind, peer_keys)) for kind in KINDS}


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, benches: dict[str, Bench]) -> Iterator[Bench]:
    bench = benches[request.param]
    bench.let_all_arrive()
    bench.gauge.faster = 1.0
    bench.tools.sent.clear()
    yield bench
    assert bench.crashes == []
