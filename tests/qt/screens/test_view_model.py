"""The counter's view as properties: words that follow the language, tones told once, threads."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QRectF, QThread

from terminal_app.counter.effects import Tone
from terminal_app.counter.parts import Hint, Outline
from terminal_app.counter.view import CounterView
from terminal_app.screens.actions import Actions
from terminal_app.screens.shown import SHOWN
from terminal_app.screens.view_model import Inlet, ViewModel
from tests.factories.views import a_view


@pytest.fixture
def view(tmp_path: Path) -> CounterView:
    return a_view(tmp_path)


@pytest.fixture
def model(qapp: object) -> ViewModel:
    return ViewModel(Actions(lambda _: None), "zh")


def test_every_property_has_the_type_it_promises_before_and_after_a_view(
    model: ViewModel, view: CounterView
) -> None:
    kinds = {name: type(shown.empty) for name, shown in SHOWN.items()}
    for _ in range(2):
        wrong = [name for name, kind in kinds.items() if type(model.property(name)) is not kind]
        assert wrong == []
        model.show(view)


def test_words_sentences_and_names_follow_the_language_at_once(
    model: ViewModel, view: CounterView
) -> None:
    model.show(replace(view, refusal=Hint("cash.too_little", {"missing_amount": 350}, 0.0)))
    assert model.property("mealText") == "午餐"
    assert "还差 ¥3.50" in model.property("refusalText")
    model.switchLanguage()
    assert model.property("mealText") == "Lunch"
    assert "¥3.50 is missing" in model.property("refusalText")
    assert model.property("words").value("cash") == "Cash"
    assert model.list("prices").rows()[-1]["category"] == "Others"


def test_only_what_changed_is_told(model: ViewModel, view: CounterView) -> None:
    model.show(view)
    told: list[str] = []
    for name in SHOWN:
        getattr(model, f"{name}Changed").connect(lambda name=name: told.append(name))
    model.show(view)
    assert told == []
    model.show(replace(view, outline=Outline(0.1, 0.2, 0.3, 0.4, 0.5, "")))
    assert sorted(told) == ["hasOutline", "outline", "stillShare"]
    assert model.property("outline") == QRectF(0.1, 0.2, 0.3, 0.4)


def test_a_tone_is_told_once(model: ViewModel, view: CounterView) -> None:
    heard: list[str] = []
    model.toned.connect(heard.append)
    rung = replace(view, tone=Tone.APPROVED, tone_number=view.tone_number + 1)
    model.show(view)
    heard.clear()
    model.show(rung)
    model.show(replace(rung, typed_amount=5))
    assert heard == ["approved"]


def test_views_of_another_thread_are_shown_on_this_one_and_the_newest_wins(
    qapp: object, view: CounterView
) -> None:
    seen: list[tuple[int, QThread]] = []
    inlet = Inlet(lambda shown: seen.append((shown.typed_amount, QThread.currentThread())))

    def tell() -> None:
        for amount in range(50):
            inlet.put(replace(view, typed_amount=amount))

    thread = threading.Thread(target=tell)
    thread.start()
    thread.join()
    assert seen == []
    QCoreApplication.processEvents()
    assert [amount for amount, _ in seen] == [49]
    assert seen[0][1] is QThread.currentThread()


def test_no_pin_is_ever_a_property(model: ViewModel) -> None:
    named = [name for name in SHOWN if "pin" in name.lower()]
    assert named == ["mustChangePin", "pinLockedS", "isSpinning"]
