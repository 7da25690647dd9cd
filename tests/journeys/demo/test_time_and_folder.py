"""The demo's own machinery: its clock, its lines, its folder."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import Refused
from fanpiao.demo.canteen import ZONE, opening_time
from fanpiao.demo.clock import SharedClock
from fanpiao.demo.folder import MARK, fresh_folder
from fanpiao.demo.processes import DemoFailed
from fanpiao.demo.summary import percentiles
from fanpiao.demo.timeline import Timeline


def clock_at(path: Path) -> SharedClock:
    return SharedClock.create(path / "clock", datetime.now(UTC) + timedelta(hours=1))


def test_every_process_of_a_run_sees_the_same_skip(tmp_path: Path) -> None:
    clock = clock_at(tmp_path)
    other = SharedClock(tmp_path / "clock")
    before, wall = other.monotonic(), other.now()
    clock.skip(3600)
    assert other.monotonic() - before >= 3600
    assert other.now() - wall >= timedelta(hours=1)
    clock.skip(-5)
    assert other.monotonic() - before >= 3600


def test_time_is_skipped_only_when_every_line_waits(tmp_path: Path) -> None:
    timeline = Timeline(clock_at(tmp_path))
    is_in, may_wait, passed = threading.Event(), threading.Event(), []

    def busy() -> None:
        with timeline.line():
            is_in.set()
            may_wait.wait(10)
            timeline.wait(50)
            passed.append("busy")

    def patient() -> None:
        with timeline.line():
            timeline.wait(20)
            passed.append("patient")

    threads = [threading.Thread(target=line, daemon=True) for line in (busy, patient)]
    threads[0].start()
    assert is_in.wait(10)
    threads[1].start()
    threads[1].join(0.3)
    assert not passed, "time was moved while somebody stood at a counter"
    may_wait.set()
    for thread in threads:
        thread.join(10)
    assert passed == ["patient", "busy"]
    assert 40 <= timeline.skipped_s <= 51


def test_nobody_waits_any_longer_when_the_run_is_ended(tmp_path: Path) -> None:
    timeline = Timeline(clock_at(tmp_path))
    timeline.end()
    with pytest.raises(DemoFailed):
        timeline.wait(5)


def test_a_second_demo_and_a_folder_of_somebody_else_are_refused(tmp_path: Path) -> None:
    folder, lock = tmp_path / "demo", tmp_path / "lock"
    with fresh_folder(folder, lock):
        (folder / "kept").touch()
        with pytest.raises(Refused, match=r"demos\.running"), fresh_folder(folder, lock):
            pass
        assert (folder / "kept").exists()
    with fresh_folder(folder, lock):
        assert not (folder / "kept").exists()
    (folder / MARK).unlink()
    (folder / "theirs").touch()
    with pytest.raises(Refused, match=r"demos\.not_ours"), fresh_folder(folder, lock):
        pass
    assert (folder / "theirs").exists()


def test_the_day_opens_at_the_next_breakfast() -> None:
    late = datetime(2026, 3, 1, 20, 0, tzinfo=ZONE)
    early = datetime(2026, 3, 1, 3, 0, tzinfo=ZONE)
    assert opening_time(late).astimezone(ZONE) == datetime(2026, 3, 2, 6, 40, tzinfo=ZONE)
    assert opening_time(early).astimezone(ZONE) == datetime(2026, 3, 1, 6, 40, tzinfo=ZONE)


def test_percentiles_are_values_that_were_measured() -> None:
    assert percentiles([float(one) for one in range(1, 101)]) == {
        "p50": 50.0, "p95": 95.0, "p99": 99.0
    }  # fmt: skip
    assert percentiles([]) == {"p50": None, "p95": None, "p99": None}
