"""The bench's window: every button asks for something that the demo can do, in both languages."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject

from domain.messages import Language
from fanpiao.demo.window.actions import ACTIONS
from terminal_app.screens.bench.model import BenchModel, shown
from terminal_app.screens.bench.view import BenchView, Happening, Holder, MoneyLine, WebcamView
from terminal_app.screens.bench.words import WORDS
from terminal_app.screens.windows import Kind, Look, QmlWindow

READY = BenchView(
    stage="ready",
    is_power_on=True,
    is_up=True,
    holder=Holder("sample-01", "F0001", "staff", "391341", 18_500, has_face=True),
    money=MoneyLine(3000, 1500, "waiting", 1),
    guide=1,
    note="noteCard",
    happened=(Happening(1, "11:20:01", "saidApproved", "good", 1500),),
    webcam=WebcamView("consent", "", "Title", ("one", "two"), "agree"),
)


def a_window(act: Callable[[str, str], None], language: Language = "zh") -> QmlWindow:
    model = BenchModel(act, language)
    window = QmlWindow(Kind.CASHIER, "bench/BenchWindow.qml", model, Look(language=language))
    model.show(READY)
    return window


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_button_asks_for_something_that_can_be_done(qapp: object, language: Language) -> None:
    asked: list[str] = []
    window = a_window(lambda name, _value: asked.append(name), language)
    for item in window.window.findChildren(QObject):
        if item.objectName().startswith("bench_") and item.objectName() != "bench_language":
            item.metaObject().invokeMethod(item, "pressed")
    window.close()
    assert set(asked) <= set(ACTIONS)
    assert set(ACTIONS) - set(asked) == {"webcamOff"}, "it shows once a face is enrolled"


def test_a_real_difference_is_red_and_one_that_waits_is_not() -> None:
    kinds = {
        standing: shown(replace(READY, money=MoneyLine(standing=standing)), "en")["money"]["kind"]
        for standing in ("agree", "waiting", "open", "differ")
    }
    assert kinds == {"agree": "good", "waiting": "warn", "open": "warn", "differ": "bad"}


def test_every_word_has_the_same_blank_in_both_languages() -> None:
    for name, one in WORDS.items():
        assert one["zh"], name
        assert ("%1" in one["zh"]) == ("%1" in one["en"]), name
