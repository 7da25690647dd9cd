"""The breaker spares payers a dead channel, and lets one of them find out that it lives again."""

from datetime import UTC, datetime, timedelta

import pytest

from server.channels.breaker import FAILURES, HALF_LIFE, REST, Breaker

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def failed(times: int = FAILURES) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker.record(is_known=False, now=NOON)
    return breaker


def test_it_opens_after_so_many_unknown_answers_in_a_row_and_not_before() -> None:
    assert failed(FAILURES - 1).admits(NOON)
    assert not failed().admits(NOON)


def test_a_known_answer_starts_the_count_afresh() -> None:
    breaker = failed(FAILURES - 1)
    breaker.record(is_known=True, now=NOON)
    breaker.record(is_known=False, now=NOON)
    assert breaker.admits(NOON)


def test_after_a_rest_one_payment_probes_and_the_others_wait_for_it() -> None:
    breaker, later = failed(), NOON + REST
    assert breaker.admits(later)
    assert not breaker.admits(later)
    breaker.record(is_known=True, now=later)
    assert breaker.admits(later)


def test_a_probe_that_fails_opens_it_for_another_rest() -> None:
    breaker, later = failed(), NOON + REST
    assert breaker.admits(later)
    breaker.record(is_known=False, now=later)
    assert not breaker.admits(later + REST - timedelta(seconds=1))
    assert breaker.admits(later + REST)


def test_asking_whether_it_is_closed_takes_no_probe() -> None:
    breaker, later = failed(), NOON + REST
    assert not breaker.is_closed(NOON)
    assert breaker.is_closed(later)
    assert breaker.admits(later)


def test_the_share_of_clear_answers_forgets_slowly() -> None:
    breaker = failed(5)
    assert breaker.known_share == pytest.approx(0.5)
    breaker.record(is_known=True, now=NOON + 100 * HALF_LIFE)
    assert breaker.known_share == pytest.approx(1.0)


def test_what_the_documentation_does_not_know_is_counted_for_people() -> None:
    breaker = Breaker()
    breaker.record(is_known=False, now=NOON, is_alert=True)
    breaker.record(is_known=False, now=NOON)
    assert breaker.alerts == 1
