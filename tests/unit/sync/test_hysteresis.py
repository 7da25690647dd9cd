"""The table of online-first and offline-first: what was seen, and what follows."""

import pytest

from sync.hysteresis import PROBE_EVERY_S, SLOW_MS, Hysteresis

FAST, SLOW, NONE = SLOW_MS - 1, SLOW_MS, None


def after(answers: list[float | None]) -> Hysteresis:
    state = Hysteresis()
    for took_ms in answers:
        state = state.unanswered() if took_ms is None else state.answered(took_ms)
    return state


@pytest.mark.parametrize(
    ("answers", "is_online_first"),
    [
        ([], True),
        ([SLOW, SLOW], True),
        ([SLOW, NONE], True),
        ([SLOW, NONE, SLOW], False),
        ([NONE, NONE, NONE], False),
        ([NONE, FAST, NONE, FAST, NONE], False),
        ([NONE, NONE, *[FAST] * 7, NONE], False),
        ([NONE, NONE, *[FAST] * 8, NONE], True),
        ([NONE, *[FAST] * 9, NONE, NONE], True),
        ([NONE, NONE, NONE, *[FAST] * 20], False),
    ],
)
def test_three_slow_of_the_last_ten_turn_it_offline_first(
    answers: list[float | None], is_online_first: bool
) -> None:
    assert after(answers).is_online_first is is_online_first


@pytest.mark.parametrize(
    ("probes", "is_online_first"),
    [
        ([(0, True), (10, True), (20, True), (30, True)], False),
        ([(0, True), (10, True), (20, True), (29, True), (29.9, True)], False),
        ([(0, True), (7.5, True), (15, True), (22.5, True), (30, True)], True),
        ([(0, True), (1, True), (2, True), (3, True), (4, True), (30, True)], True),
        ([(0, True), (8, True), (16, False), (24, True), (32, True), (40, True)], False),
        (
            [(0, False), *[(10 + number * PROBE_EVERY_S, True) for number in range(5)]],
            True,
        ),
    ],
)
def test_five_good_probes_over_thirty_seconds_turn_it_back(
    probes: list[tuple[float, bool]], is_online_first: bool
) -> None:
    state = after([NONE, NONE, NONE])
    for now_s, is_good in probes:
        state = state.probed(now_s, is_good=is_good)
    assert state.is_online_first is is_online_first


def test_probes_say_nothing_while_online_first() -> None:
    state = after([NONE, NONE])
    assert state.probed(0, is_good=False) == state
    assert state.probed(0, is_good=True) == state


def test_after_turning_back_the_old_slowness_is_forgotten() -> None:
    state = after([NONE, NONE, NONE])
    for number in range(5):
        state = state.probed(number * PROBE_EVERY_S, is_good=True)
    assert state.unanswered().unanswered().is_online_first
