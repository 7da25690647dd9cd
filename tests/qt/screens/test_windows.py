"""Windows and screens: who goes where, what a lost screen does, and an end without a complaint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QRect, QTimer
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtTest import QTest

from devices.ports import Keyed
from domain.errors import Refused
from kiosk_profiles.schema import Screens
from terminal_app.counter import presses
from terminal_app.counter.run import Counter
from terminal_app.screens import kiosk as kiosks
from terminal_app.screens.actions import Actions
from terminal_app.screens.windows import (
    Binding,
    Kind,
    Look,
    ScreenWindow,
    framed,
    place,
    screen_of,
)
from terminal_app.watchdog import Watchdog
from tests.factories.views import a_view
from tests.integration.counter.bench import Bench, profile


@dataclass(frozen=True)
class Glass:
    """A screen by what it is known by."""

    called: str
    serial: str = ""
    kind: str = ""

    def name(self) -> str:
        return self.called

    def serialNumber(self) -> str:
        return self.serial

    def model(self) -> str:
        return self.kind


FRONT, BACK = Glass("HDMI-1", "A1", "DELL"), Glass("DP-2", "B2")


def placed(kind: Kind, wanted: str, *screens: Glass) -> Any:
    primary = cast(QScreen, FRONT)
    return place(kind, wanted, cast(list[QScreen], list(screens)), primary)


@pytest.mark.parametrize("wanted", ["DP-2", "B2"])
def test_a_window_is_bound_by_name_or_by_serial(wanted: str) -> None:
    assert placed(Kind.DINER, wanted, FRONT, BACK) is BACK
    assert placed(Kind.CASHIER, wanted, FRONT, BACK) is BACK


def test_unnamed_the_cashier_has_the_first_screen_and_the_diner_any_other() -> None:
    assert placed(Kind.CASHIER, "", FRONT, BACK) is FRONT
    assert placed(Kind.DINER, "", FRONT, BACK) is BACK


def test_a_diners_screen_that_is_gone_hides_its_window_and_never_covers_the_cashier() -> None:
    assert placed(Kind.DINER, "DP-2", FRONT) is None
    assert placed(Kind.DINER, "", FRONT) is None


def test_a_cashier_is_never_without_a_screen() -> None:
    assert placed(Kind.CASHIER, "DP-2", FRONT) is FRONT
    assert placed(Kind.CASHIER, "HDMI-1", BACK) is BACK
    assert placed(Kind.SHARED, "", BACK) is BACK


def test_an_unnamed_screen_matches_no_empty_wish() -> None:
    assert screen_of(cast(list[QScreen], [Glass("", "")]), "") is None


@pytest.mark.parametrize("room", [QRect(0, 0, 1920, 1080), QRect(50, 20, 1280, 1600)])
def test_in_frames_cashier_and_diner_stand_apart(room: QRect) -> None:
    cashier, diner = framed(room, Kind.CASHIER), framed(room, Kind.DINER)
    assert not cashier.intersects(diner)
    assert room.contains(cashier)
    assert room.contains(diner)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_window_opens_paints_and_closes_without_a_word(
    qapp: object, tmp_path: Path, kind: Kind
) -> None:
    window = ScreenWindow(kind, Actions(lambda _: None), Look("en"))
    window.show_view(a_view(tmp_path))
    window.resize((1280, 800))
    window.window.show()
    QTest.qWaitForWindowExposed(window.window)
    image = window.window.grabWindow()
    colours = {image.pixelColor(x, y).name() for x in range(0, 1280, 10) for y in range(0, 800, 10)}
    window.close()
    assert len(colours) > 10


def test_the_diners_window_hides_while_its_screen_is_away(qapp: object) -> None:
    diner = ScreenWindow(Kind.DINER, Actions(lambda _: None))
    diner.open(QGuiApplication.primaryScreen(), is_full=True)
    was_visible = diner.window.isVisible()
    Binding({diner: "HDMI-9"}, is_full=True).bind()
    is_visible = diner.window.isVisible()
    diner.close()
    assert was_visible
    assert not is_visible


class Running:
    """A counter on a bench, as the windows need it."""

    def __init__(self, bench: Bench) -> None:
        self.counter: Counter = bench.counter
        self.is_over = False
        self.on_keyed: Callable[[Keyed], None] | None = None
        self.watchdog = Watchdog(lambda _message: None)

    def wait(self, timeout_s: float | None = None) -> bool:
        return self.is_over

    def interrupt(self) -> None:
        self.is_over = True


@pytest.mark.parametrize("layout", ["two", "cashier", "shared"])
def test_a_kiosk_shows_its_counter_and_ends_when_a_window_is_closed(
    qapp: object, tmp_path: Path, layout: Any
) -> None:
    used = profile("canteen", top={"screens": Screens(layout=layout)}, sounds={"enabled": False})
    bench = Bench(tmp_path, used)
    kiosk = kiosks.Kiosk(used, running := Running(bench), (), lambda: 0.0, is_framed=True)
    bench.post(presses.DigitTyped("1"))
    bench.open_shift()
    QTimer.singleShot(300, next(iter(kiosk.windows)).window.close)
    assert kiosk.run() == 0
    assert running.is_over
    phases = {window.view.property("phase") for window in kiosk.windows}
    assert phases == {"idle"}
    kiosk.close()
    bench.close()


def test_without_a_display_it_is_said_and_nothing_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Refused) as refused:
        kiosks.prepare()
    assert refused.value.code == "screens.none"
