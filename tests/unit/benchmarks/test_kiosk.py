"""What the kiosk's and the rush's figures are made from; nothing is timed here."""

from __future__ import annotations

import importlib
import os
import subprocess
import tomllib
from pathlib import Path

import msgspec
import pytest

from benchmarks.kiosk import children_of, rss_mb
from benchmarks.place import Counter, profile_text
from benchmarks.run import NAMES
from benchmarks.rush import Served, figures_of
from benchmarks.rush_script import Manner, draw
from kiosk_profiles.schema import Profile


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_can_be_measured_by_its_name(name: str) -> None:
    assert callable(importlib.import_module(f"benchmarks.{name}").measure)


def test_a_process_weighs_something_and_its_child_is_its_own() -> None:
    assert 1 < rss_mb(os.getpid()) < 100_000
    with subprocess.Popen(["sleep", "60"]) as child:
        assert child.pid in children_of(os.getpid())
        child.terminate()


@pytest.mark.parametrize("counter", [Counter(), Counter("keyed", "auto", 30)])
def test_a_counters_profile_is_one_that_a_kiosk_reads(counter: Counter) -> None:
    profile = msgspec.convert(tomllib.loads(profile_text(counter, Path("/dev/pts/9"))), Profile)
    assert ("face" in profile.tenders) is bool(counter.fps)
    assert bool(profile.devices_of("camera")) is bool(counter.fps)


def test_a_rush_that_keeps_up_says_so_and_one_that_falls_behind_misses_its_target() -> None:
    script = draw(2026, 2, 2)
    prompt = [
        Served(one, one.comes_at_s, one.comes_at_s + 1, one.comes_at_s + 2, one.comes_at_s + 3)
        for one in script
    ]
    late = [
        Served(one, at, at + 1, at + 2, at + 5)
        for one, at in ((one, one.comes_at_s * 1.2) for one in script)
    ]
    kept, behind = list(figures_of(script, prompt, 0.0, 0)), list(figures_of(script, late, 0.0, 0))
    assert kept[0].is_met is True
    assert behind[0].is_met is False
    assert any("wrong charges" in one.name and one.value == 0 for one in kept)
    assert not any(one.is_met is False for one in kept)
    told = " ".join(one.name for one in kept)
    assert all(tender in told for tender in ("card", "code", "face"))
    assert all(manner in kept[0].limit for manner in Manner if manner is not Manner.PLAIN)
