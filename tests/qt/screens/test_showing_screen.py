"""A code on the diner's glass can be scanned off the picture; what is not known is not shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from devices.ports import Undriven
from domain.messages import Language
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from terminal_app.counter.view import CounterView
from terminal_app.counter.ways import Showing
from terminal_app.screens.pictures import Album
from terminal_app.screens.windows import Kind
from tests.factories.views import a_view
from tests.qt.screens.cashier_glass import CashierGlass

TEXT = "http://192.168.1.10:8000/pay/0199aabbccdd7eeff00112233445566770123456789abcdef"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> CounterView:
    view = a_view(tmp_path_factory.mktemp("counter"), Phase.AWAITING, shown_amount=1250)
    return replace(view, showing=Showing(TEXT, 1250, is_code=True, may_renew=True))


@pytest.fixture
def album(qapp: object) -> Iterator[Album]:
    made = Album(("diner", "portrait"))
    yield made
    made.close()


def scanned(album: Album, view: CounterView, shape: str, language: Language, to: Path) -> str:
    """What a phone reads off the picture, at a third of its dots."""
    path = to / "glass.png"
    assert album.draw(view, language, shape).save(str(path))
    with Image.open(path) as picture:
        grey = picture.convert("L")
        far = grey.resize((grey.width // 3, grey.height // 3), Image.Resampling.BOX)
    found = zxingcpp.read_barcodes(far)
    return found[0].text if found else ""


@pytest.mark.parametrize("shape", ["diner", "portrait"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_phone_reads_the_code_off_the_glass(
    album: Album, shown: CounterView, shape: str, language: Language, tmp_path: Path
) -> None:
    assert scanned(album, shown, shape, language, tmp_path) == TEXT


@pytest.mark.parametrize(
    "changes",
    [{"is_cut": True}, {"text": ""}],
    ids=["cut off", "not there yet"],
)
def test_what_could_not_be_heard_paid_is_not_shown(
    album: Album, shown: CounterView, changes: dict[str, object], tmp_path: Path
) -> None:
    dark = replace(shown, showing=replace(shown.showing, **changes))  # type: ignore[arg-type]
    assert scanned(album, dark, "diner", "zh", tmp_path) == ""


def test_after_a_power_cut_it_is_on_the_glass_again(
    album: Album, shown: CounterView, tmp_path: Path
) -> None:
    again = replace(shown, phase=Phase.RECOVER, shown_amount=None)
    assert scanned(album, again, "diner", "zh", tmp_path) == TEXT


def test_where_nobody_is_behind_it_the_payer_asks_for_the_code_and_stops_it(
    shown: CounterView, qapp: object
) -> None:
    glass = CashierGlass(kind=Kind.DINER)
    try:
        due = replace(
            shown, phase=Phase.ARMED, is_attended=False,
            showing=Showing(is_offered=True, may_show=True),
        )  # fmt: skip
        glass.show(due)
        glass.tap("diner.showCode")
        glass.show(replace(shown, is_attended=False))
        glass.tap("diner.stop")
        assert glass.posted == [presses.PayeeCodeAsked(), on.StopPressed()]
        glass.show(replace(due, is_attended=True))
        assert not glass.has("diner.showCode")
        glass.show(shown)
        assert not glass.has("diner.stop")
    finally:
        glass.close()


def test_hardware_that_no_driver_takes_is_listed_with_the_devices(
    shown: CounterView, qapp: object
) -> None:
    glass = CashierGlass()
    try:
        left = Undriven("serial", "/dev/ttyUSB3", "CP2102 UART")
        glass.show(replace(shown, phase=Phase.IDLE, unclaimed=(left,)))
        glass.tap("more", "devicesEntry")
        assert "CP2102 UART · /dev/ttyUSB3" in glass.words()
    finally:
        glass.close()
