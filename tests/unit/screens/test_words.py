"""Every word and icon that QML asks for is there, in both languages and with the same blanks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtQml import QQmlPropertyMap

from devices.ports import HealthState
from kiosk_profiles.schema import DeviceKind, Tender
from sync.messages import CredentialKind
from terminal_app.counter.parts import StageName
from terminal_app.counter.payers import Factor
from terminal_app.counter.strip import RowState
from terminal_app.counter.view import TopUpState
from terminal_app.screens.bench.words import WORDS as BENCH
from terminal_app.screens.rows import way
from terminal_app.screens.words import (
    WORDS,
    both,
    cashier,
    diner,
    first_run,
    station,
    words_in,
)

QML = Path(__file__).parents[3] / "terminal_app" / "qml"
ASKED = re.compile(r"\b(?:view\.words|words|\bw)\.([a-z][A-Za-z_]+)\b")
ICON = re.compile(r'\b(?:icon|sign): "([a-z]+)"')
DRAWN = re.compile(r'^\s+"([a-z]+)": "M', re.MULTILINE)


def sources() -> dict[str, str]:
    return {str(path.relative_to(QML)): path.read_text("utf-8") for path in QML.rglob("*.qml")}


def test_every_word_that_qml_asks_for_is_there() -> None:
    missing = {
        f"{path}: {name}"
        for path, source in sources().items()
        for name in ASKED.findall(source)
        if name not in (BENCH if path.startswith("bench/") else WORDS)
        and name not in {"implicitWidth", "implicitHeight", "height", "width", "top"}
    }
    assert missing == set()


def test_the_search_finds_words() -> None:
    assert ASKED.findall("text: sheet.view.words.cash + stage.w.given") == ["cash", "given"]
    assert len(sources()) > 30


def test_every_icon_that_qml_names_is_drawn() -> None:
    drawn = set(DRAWN.findall((QML / "controls" / "Icon.qml").read_text("utf-8")))
    named = {icon for source in sources().values() for icon in ICON.findall(source)}
    assert len(drawn) > 30
    assert named - drawn == set()


@pytest.mark.parametrize("name", sorted(WORDS))
def test_a_word_is_in_both_languages_with_the_same_blanks(name: str) -> None:
    zh, en = WORDS[name]["zh"], WORDS[name]["en"]
    assert zh
    assert en
    assert set(re.findall(r"%\d", zh)) == set(re.findall(r"%\d", en))
    if name != "language":  # the button that names the other one
        assert not re.search(r"[\u4e00-\u9fff]", en)


def test_no_word_stands_in_two_files() -> None:
    parts = [both.WORDS, cashier.WORDS, diner.WORDS, first_run.WORDS, station.WORDS]
    assert len(WORDS) == sum(map(len, parts))


def test_whatever_the_counter_names_has_a_word() -> None:
    named: list[str] = [state.value for state in RowState]
    named += [*Tender.__args__, *DeviceKind.__args__]  # type: ignore[attr-defined]
    named += [f"stage_{stage.value}" for stage in StageName]
    named += [f"factor_{factor.value}" for factor in Factor if factor.value]
    named += [f"topUp_{state.value}" for state in TopUpState]
    assert [name for name in named if name not in WORDS] == []
    for kind in CredentialKind:
        assert way(kind.value, "zh") != kind.value, kind
    assert {state.value for state in HealthState} >= {"ready", "lost"}


def test_no_word_has_a_name_that_qml_reads_as_something_of_every_object() -> None:
    assert [name for name in WORDS if hasattr(QQmlPropertyMap, name)] == []
    assert hasattr(QQmlPropertyMap, "count")


def test_the_words_of_a_language_are_all_of_them() -> None:
    assert words_in("zh").keys() == words_in("en").keys() == WORDS.keys()
