"""Every page of the enrolment desk fits its glass, in both languages, prints and shapes; no key is
smaller than a finger in a glove; and the person's side shows nobody else.
"""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage

from domain.messages import Language
from terminal_app.screens.station import StationWindow
from terminal_app.screens.station_actions import signature_png
from terminal_app.screens.windows import Kind, Look
from tests.qt.screens.cashier_glass import KEYS, SPILLED
from tests.qt.screens.page_glass import PageGlass
from tests.qt.screens.station_views import people, views

SMALL_PANEL_DOTS_PER_MM = 5.9
WIDE, SMALL, TALL = (1280, 800), (1024, 600), (1080, 1920)
OUTSIDE = """
return found.filter(item => item.trigger !== undefined).filter(item => {
    for (let up = item.parent; up; up = up.parent) if (up.contentY !== undefined) return false
    const from = item.mapToItem(null, 0, 0), to = item.mapToItem(null, item.width, item.height)
    return from.y < -1 || to.y > glass.height + 1 || to.x > glass.width + 1
}).map(item => item.objectName || item.text)
"""


def glass_of(kind: Kind, size: tuple[int, int] = WIDE, look: Look | None = None) -> PageGlass:
    used = look or Look()
    return PageGlass(lambda: StationWindow(kind, lambda _: None, used), size=size)


@pytest.mark.parametrize(
    ("kind", "is_alone", "size", "language", "is_large"),
    [
        (Kind.CASHIER, False, WIDE, "zh", False),
        (Kind.CASHIER, True, WIDE, "en", True),
        (Kind.CASHIER, True, SMALL, "zh", False),
        (Kind.CASHIER, False, SMALL, "en", True),
        (Kind.DINER, False, WIDE, "en", True),
        (Kind.DINER, False, SMALL, "zh", True),
        (Kind.SHARED, False, TALL, "zh", True),
        (Kind.SHARED, False, TALL, "en", False),
    ],
)
def test_every_page_fits_its_glass(
    qapp: object,
    kind: Kind,
    is_alone: bool,
    size: tuple[int, int],
    language: Language,
    is_large: bool,
) -> None:
    glass = glass_of(kind, size, Look(language, is_large, is_large))
    if kind is Kind.CASHIER:
        glass.page.window.setProperty("isAlone", is_alone)
    wrong: dict[str, list[str]] = {}
    for name, view in views(language).items():
        glass.page.show_view(view)
        glass.settle()
        if found := [*glass.find(SPILLED), *glass.find(OUTSIDE)]:
            wrong[name] = found
    glass.close()
    assert wrong == {}


@pytest.mark.parametrize("kind", [Kind.CASHIER, Kind.DINER])
def test_no_key_is_smaller_than_a_finger_in_a_glove(qapp: object, kind: Kind) -> None:
    glass = PageGlass(
        lambda: StationWindow(kind, lambda _: None, Look()), dots_per_mm=SMALL_PANEL_DOTS_PER_MM
    )
    small: dict[str, float] = {}
    for name, view in views().items():
        glass.page.show_view(view)
        glass.settle()
        for key, side in glass.find(KEYS):
            if side < 15 * SMALL_PANEL_DOTS_PER_MM - 1:
                small[f"{name}: {key}"] = side
    glass.close()
    assert small == {}


def test_the_persons_side_names_nobody_else(qapp: object) -> None:
    glass = glass_of(Kind.DINER)
    others = [one.name for one in people() if one.name != "李雷"] + ["李*", "20260010"]
    for name, view in views().items():
        if view.person is None or view.person.name == "李雷":
            glass.page.show_view(view)
            glass.settle()
            assert [one for one in others if one in glass.words()] == [], name
    glass.close()


def test_the_person_reads_their_language_and_the_clerk_keeps_theirs(qapp: object) -> None:
    clerk, person = glass_of(Kind.CASHIER), glass_of(Kind.DINER)
    for glass in (clerk, person):
        glass.page.show_view(views("en")["text"])
        glass.settle()
    assert "请本人阅读同意书" in clerk.words()
    assert "Consent to pay by face" in person.words()
    assert "I have read it and agree" in person.words()
    for glass in (clerk, person):
        glass.close()


def test_a_tap_is_no_signature_and_strokes_are_a_small_picture(qapp: object) -> None:
    assert signature_png([]) == signature_png([[10, 10]]) == signature_png([[5, 5, 20, 9]]) == b""
    png = signature_png([[0, 0, 300, 120, 600, 10], [900, 0, 1200, 300]])
    image = QImage.fromData(png)
    assert image.width() == 640
    assert {image.pixelColor(x, y).name() for x in range(640) for y in range(9, 99, 10)} > {
        "#ffffff", "#000000",
    }  # fmt: skip
    assert len(png) < 40_000
