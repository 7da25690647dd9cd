"""Every recorded screen becomes a picture in both languages and both shapes, and Qt has no word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from terminal_app.counter.machine import Phase
from terminal_app.counter.view import CounterView
from terminal_app.screens.derived import derived
from terminal_app.screens.pictures import LANGUAGES, OPENED, SHAPES, Album, Complained, render
from tests.factories.views import a_view, every_view

SIZES = {"cashier": (1280, 800), "diner": (1280, 800), "portrait": (1080, 1920)}


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> CounterView:
    return a_view(tmp_path_factory.mktemp("counter"))


@pytest.mark.usefixtures("qapp")
def test_a_state_has_a_picture_in_every_language_and_shape(
    view: CounterView, tmp_path: Path
) -> None:
    paid = replace(view, phase=Phase.APPROVED, shown_amount=1200, masked_name="张*明")
    assert list(render({"approved": paid}, tmp_path)) == ["approved"]
    names = {f"approved-{language}-{shape}.png" for language in LANGUAGES for shape in SHAPES}
    assert {path.name for path in tmp_path.iterdir()} == names
    for shape, size in SIZES.items():
        zh, en = (QImage(str(tmp_path / f"approved-{one}-{shape}.png")) for one in LANGUAGES)
        assert (zh.width(), zh.height()) == size
        assert zh != en


@pytest.mark.usefixtures("qapp")
def test_every_state_of_a_day_and_all_that_opens_over_it_draws_without_a_complaint(
    tmp_path: Path,
) -> None:
    views = every_view(tmp_path / "day")
    drawn = list(render(views, tmp_path / "drawn", ("portrait",)))
    assert drawn[: len(views)] == list(views)
    made = [name for name, _ in derived(views)]
    assert made
    assert set(drawn[len(views) :]) == {*made, *OPENED}
    pictures = {(tmp_path / "drawn" / f"{one}-zh-portrait.png").read_bytes() for one in drawn}
    assert len(pictures) > 0.8 * len(drawn)


@pytest.mark.usefixtures("qapp")
def test_a_screen_that_makes_qt_complain_is_no_picture(view: CounterView) -> None:
    album = Album(("diner",))
    try:
        broken = replace(OPENED["by_number"], run="nobodyKnowsThis()")
        with pytest.raises(Complained, match="nobodyKnowsThis"):
            album.draw(view, "zh", "diner", broken)
    finally:
        album.close()
