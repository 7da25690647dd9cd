"""FRR and FAR over thresholds: counted pair by pair, with intervals as published."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.vision.faces import rates
from devices.vision.faces.rates import Rate, confusions


def at(*places: float) -> list[np.ndarray]:
    """Vectors on a line, so that distances can be read off."""
    return [np.eye(1, 128, dtype=np.float32)[0] * np.float32(place) for place in places]


def test_pairs_of_one_person_may_be_refused_and_of_two_may_be_accepted() -> None:
    people = {"a": at(0.0, 0.25, 0.5), "b": at(0.625)}
    low, middle, high = confusions(people, [0.5, 0.125, 0.25])
    assert [one.threshold for one in (low, middle, high)] == [0.125, 0.25, 0.5]
    assert [(one.frr.errors, one.far.errors) for one in (low, middle, high)] == [
        (3, 1), (1, 1), (0, 2),
    ]  # fmt: skip
    assert (low.frr.tries, low.far.tries) == (3, 3)


@pytest.mark.parametrize("people", [{}, {"a": at(1, 2)}, {"a": at(1), "b": at(2)}])
def test_without_both_kinds_of_tries_nothing_is_said(people: dict[str, list[np.ndarray]]) -> None:
    with pytest.raises(ValueError, match="nobody to compare"):
        list(confusions(people, [0.45]))


@pytest.mark.parametrize(
    ("errors", "tries", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)  # fmt: skip
def test_intervals_are_those_published(errors: int, tries: int, low: float, high: float) -> None:
    assert Rate(errors, tries).interval == pytest.approx((low, high), abs=5e-5)
    mirrored = Rate(tries - errors, tries).interval
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=5e-5)


@given(
    people=st.lists(
        st.lists(st.floats(0, 2, width=16), min_size=1, max_size=5), min_size=2, max_size=4
    ),
    threshold=st.floats(0, 2, width=16),
)
def test_counts_are_those_of_every_pair(people: list[list[float]], threshold: float) -> None:
    owned = [(name, place) for name, places in enumerate(people) for place in places]
    pairs = [(a == b, abs(x - y)) for (a, x), (b, y) in combinations(owned, 2)]
    if not any(is_same for is_same, _ in pairs):
        return
    (found,) = confusions({str(n): at(*places) for n, places in enumerate(people)}, [threshold])
    near = pytest.approx(threshold, abs=1e-6)
    clear = [(is_same, apart) for is_same, apart in pairs if apart != near]
    rejected = sum(is_same and apart > threshold for is_same, apart in clear)
    accepted = sum(not is_same and apart <= threshold for is_same, apart in clear)
    unclear = len(pairs) - len(clear)
    assert rejected <= found.frr.errors <= rejected + unclear
    assert accepted <= found.far.errors <= accepted + unclear


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(6)
    people = {name: list(chance.normal(0, 0.05, (7, 128))) for name in "abc"}
    whole = list(confusions(people, [0.6, 0.8]))
    monkeypatch.setattr(rates, "CHUNK", 4)
    assert list(confusions(people, [0.6, 0.8])) == whole
