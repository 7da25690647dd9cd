"""Long lists in chunks sized by time: no counter waits for one, and every item is done once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from server.people import bulk_change
from server.people.bulk_change import (
    CHUNK_TIME_S,
    LARGEST_CHUNK,
    Chunk,
    Trial,
    confirm_change,
    keep_trial,
    next_size,
    register_change,
    work_off,
)
from server.people.models import BulkChange
from tests.factories.server_rows import NOW, Randomness, Rows

LONGEST_S = 0.05
"""MONEY §4."""


class Works:
    """A kind of change whose items take a stated time each, by a clock of its own."""

    def __init__(self, item_s: float) -> None:
        self.now_s, self.item_s = 0.0, item_s
        self.done: list[int] = []
        self.sizes: list[int] = []

    def apply(self, chunk: Chunk) -> Mapping[str, int]:
        self.done += [item["row"] for item in chunk.items]
        self.sizes.append(len(chunk.items))
        self.now_s += self.item_s * len(chunk.items)
        return {"done": len(chunk.items)}


@pytest.mark.parametrize("item_s", [0.00002, 0.0005, 0.002, 0.005])
def test_each_item_is_done_once_and_no_chunk_holds_its_locks_too_long(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch, item_s: float
) -> None:
    monkeypatch.setattr(bulk_change, "_applies", {})
    rows, works = Rows(), Works(item_s)
    register_change("people", works.apply)
    items = [{"row": row} for row in range(2_000)]
    trial = Trial("people", "list", items, {"done": len(items)})
    change = keep_trial(rows.organisation.id, trial, now=NOW, random=Randomness(2), by="a")
    confirm_change(change, now=NOW, random=Randomness(3), by="a")
    while not work_off(
        rows.organisation.id, change.id, now=NOW, random=Randomness(4), chunks=400,
        meter=lambda: works.now_s,
    ):  # fmt: skip
        pass
    assert works.done == list(range(2_000))
    assert BulkChange.objects.get().outcome == {"done": 2_000}
    assert max(works.sizes) * item_s <= LONGEST_S + 1e-9


def test_a_chunk_grows_slowly_and_shrinks_at_once() -> None:
    assert next_size(20, CHUNK_TIME_S / 100) == 40
    assert next_size(400, 0.0) == LARGEST_CHUNK
    assert next_size(100, 10 * CHUNK_TIME_S) == 10
    assert next_size(1, 9.0) == 1
