"""What every scanner keeps: the real drivers on lines that are played, and the twin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devices.ports import CodeGone, CodeScanned, DeviceLost, masked
from tests.contract.devices.scanner_benches import (
    HidBench,
    PtyBench,
    ScannerBench,
    TwinBench,
    WindowBench,
)

CODE = "621234567890123456"
RENEWED = "621234567890999999"
BENCHES: dict[str, type[Any]] = {
    "serial_scanner": PtyBench,
    "hid_scanner": HidBench,
    "window_scanner": WindowBench,
    "simulated": TwinBench,
}


@pytest.fixture(params=sorted(BENCHES))
def make_bench(request: pytest.FixtureRequest, tmp_path: Path):
    made: list[ScannerBench] = []

    def make(trigger: str = "presentation") -> ScannerBench:
        bench = BENCHES[request.param](tmp_path, trigger)
        made.append(bench)
        bench.scanner.open(0.0)
        return bench

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make_bench) -> Iterator[ScannerBench]:
    return make_bench()


def test_a_presented_code_is_one_event_with_its_time(bench):
    bench.show(CODE)
    (event,) = bench.steps(1.5)
    assert isinstance(event, CodeScanned)
    assert (event.text, event.raw, event.source) == (CODE, CODE.encode(), "glass")
    assert event.seen_at == 1.5


def test_the_event_never_shows_its_code(bench):
    bench.show(CODE)
    (event,) = bench.steps(1.0)
    assert CODE not in repr(event)
    assert masked(CODE) in repr(event)


def test_a_phone_left_lying_repeats_its_code_without_an_event(bench):
    bench.show(CODE)
    bench.steps(1.0)
    for at in (1.5, 2.0, 2.5, 3.0, 3.5):
        bench.show(CODE)
        assert bench.steps(at) == []


def test_a_code_that_renews_itself_on_the_glass_is_no_event(bench):
    bench.show(CODE)
    bench.steps(1.0)
    bench.show(RENEWED)
    assert bench.steps(2.0) == []


def test_the_glass_is_empty_once_after_two_seconds_without_a_code(bench):
    bench.show(CODE)
    bench.steps(1.0)
    assert bench.steps(2.9) == []
    assert bench.steps(3.0) == [CodeGone("glass", 3.0)]
    assert bench.steps(9.0) == []


def test_the_same_code_counts_again_when_the_glass_was_empty(bench):
    bench.show(CODE)
    bench.steps(1.0)
    bench.steps(3.5)
    bench.show(CODE)
    (event,) = bench.steps(4.0)
    assert isinstance(event, CodeScanned)


def test_a_hand_trigger_gives_another_code_at_once_and_the_same_code_not(make_bench):
    bench = make_bench("hand")
    bench.show(CODE)
    bench.show(CODE)
    bench.show(RENEWED)
    events = bench.steps(1.0)
    assert [event.text for event in events] == [CODE, RENEWED]
    assert all(event.deliberate for event in events)


def test_unplugged_in_use_it_is_lost_and_reads_again_after_plugging_in(bench):
    bench.show(CODE)
    bench.steps(1.0)
    bench.unplug()
    with pytest.raises(DeviceLost):
        bench.steps(1.1)
    bench.scanner.close()
    with pytest.raises(DeviceLost, match="devices.(absent|no_window)"):
        bench.scanner.open(1.2)
    bench.scanner.close()
    bench.plug_in()
    bench.scanner.open(10.0)
    assert bench.steps(10.1) == []
    # What lay on the glass when it was unplugged is gone two seconds after it came back
    assert bench.steps(12.0) == [CodeGone("glass", 12.0)]
    bench.show(RENEWED)
    (event,) = bench.steps(12.5)
    assert event.text == RENEWED


def test_a_code_shown_while_it_was_closed_is_discarded(bench):
    bench.scanner.close()
    bench.show(CODE)
    bench.scanner.open(5.0)
    assert bench.steps(5.1) == []


def test_closing_twice_is_no_mistake(bench):
    bench.scanner.close()
    bench.scanner.close()
    bench.scanner.open(5.0)
    bench.show(CODE)
    (event,) = bench.steps(5.1)
    assert event.text == CODE
