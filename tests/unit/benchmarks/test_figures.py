"""Figures: ratios of medians, targets that can be missed, a table that says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.figures import Figure, at_most, quantile, rate, save, table


def test_a_rate_is_the_ratio_of_medians_not_the_median_of_ratios() -> None:
    figure = rate("pay", [100, 900, 200], "anchor", [400, 50, 400], "the disk")
    assert figure.value == 200
    assert figure.anchor_value == 400
    assert figure.ratio == 0.5


@pytest.mark.parametrize(("value", "is_met"), [(49, False), (50, True)])
def test_a_rate_below_its_share_of_the_anchor_is_missed(value: int, is_met: bool) -> None:
    figure = rate("pay", [value], "anchor", [100], "", at_least=0.5)
    assert figure.is_met is is_met
    assert ("MISSED" in table([figure])) is not is_met


@pytest.mark.parametrize(("value", "is_met"), [(10.0, True), (10.1, False)])
def test_a_latency_above_its_limit_is_missed(value: float, is_met: bool) -> None:
    assert at_most("p99", value, "ms", 10.0, "").is_met is is_met


def test_a_figure_without_a_target_is_neither_met_nor_missed() -> None:
    assert at_most("p50", 3.0, "ms", None, "").is_met is None
    assert Figure("alone", 1.0, "/s").ratio is None


def test_the_99th_percentile_of_a_hundred_is_the_last() -> None:
    assert quantile(range(100), 0.99) == 99
    assert quantile(range(100), 0.5) == 50
    assert quantile([7], 0.99) == 7


def test_results_keep_every_figure_and_what_it_was_measured_under(tmp_path: Path) -> None:
    path = tmp_path / "bench" / "results.json"
    save(path, {"cores": 2}, [rate("pay", [1], "anchor", [4], "the disk")])
    read = json.loads(path.read_text())
    assert read["run"] == {"cores": 2}
    [figure] = read["figures"]
    assert figure["ratio"] == 0.25
    assert figure["limit"] == "the disk"
