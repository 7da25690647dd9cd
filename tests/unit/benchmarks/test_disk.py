"""What a durable write costs is measured where it is asked for."""

from __future__ import annotations

from pathlib import Path

from benchmarks.disk import sync_us


def test_a_durable_write_takes_some_time_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert sync_us(tmp_path) > 0
    assert list(tmp_path.iterdir()) == []
