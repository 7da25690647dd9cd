"""The diner's window: every page draws without a word from Qt, fits its glass, and does what its
keys say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtQml import QQmlExpression, qmlContext
from PySide6.QtTest import QTest

from domain.messages import Language
from sync.messages import CredentialKind
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.events import Who
from terminal_app.counter.machine import Phase
from terminal_app.counter.parts import Outline
from terminal_app.counter.payers import Factor
from terminal_app.counter.top_up import Beneficiary, TopUp, TopUpStep
from terminal_app.counter.view import CounterView
from terminal_app.screens.actions import Actions
from terminal_app.screens.diner_top_up import PAGES
from terminal_app.screens.windows import Kind, Look, ScreenWindow, application
from tests.factories.views import OUTLINE, a_view, hinted

PAYMENT = UUID(int=77)
DOTS_PER_MM = 5.9
"""A 10.1-inch panel of 1280×800: where 15 mm is 88 dots."""
FIND = """
(function () {
    const glass = { width: width, height: height }, found = []
    function walk(item) {
        if (!item.visible || item.opacity === 0) return
        found.push(item)
        for (let i = 0; i < item.children.length; i++) walk(item.children[i])
    }
    walk(contentItem)
    %s
})()
"""
PLACE = """
for (const item of found)
    if (item.objectName === "%s") {
        const p = item.mapToItem(null, item.width / 2, item.height / 2)
        return [p.x, p.y, item.width, item.height]
    }
return []
"""
WORDS = "return found.map(item => item.text || '').filter(text => text !== '')"
SPILLED = """
return found.filter(item => item.text && item.contentWidth !== undefined).filter(item => {
    const from = item.mapToItem(null, 0, 0), to = item.mapToItem(null, item.width, item.height)
    return from.x < -1 || from.y < -1 || to.x > glass.width + 1 || to.y > glass.height + 1
        || item.contentWidth > item.width + 2
}).map(item => item.text)
"""
OVERLAPPING = """
const texts = found.filter(item => item.text && item.contentWidth !== undefined).map(item => {
    const top = item.mapToItem(null, 0, 0), end = item.mapToItem(null, item.width, item.height)
    const middle = item.verticalAlignment === Text.AlignVCenter
    const spare = ((end.y - top.y) - item.contentHeight) * (middle ? 0.5 : 0)
    const slack = item.font.pixelSize * 0.22  // ascent and descent that no letter uses
    return { text: item.text, x: top.x, right: end.x, y: top.y + spare + slack,
             bottom: end.y - spare - slack }
})
const bad = []
for (let i = 0; i < texts.length; i++)
    for (let k = i + 1; k < texts.length; k++) {
        const a = texts[i], b = texts[k]
        if (a.x < b.right && b.x < a.right && a.y < b.bottom && b.y < a.bottom)
            bad.push(a.text + " | " + b.text)
    }
return bad
"""


class Glass:
    """A diner's window with what was pressed on it. Its items are looked at in QML: Python must
    not hold on to them.
    """

    def __init__(self, size: tuple[int, int] = (1280, 800), look: Look | None = None) -> None:
        application()
        self.posted: list[Any] = []
        self.screen = ScreenWindow(Kind.DINER, Actions(self.posted.append), look or Look())
        self.screen.window.setProperty("isStill", True)
        self.screen.resize(size)
        self.screen.window.show()

    def show(self, view: CounterView) -> None:
        self.screen.show_view(view)
        self.settle()

    def settle(self) -> None:
        """Two rounds of events and frames are enough for every page to come to rest."""
        for _ in range(2):
            QCoreApplication.processEvents()
            self.screen.window.grabWindow()

    def find(self, code: str) -> list[Any]:
        window = self.screen.window
        context = qmlContext(window)
        assert context is not None
        expression = QQmlExpression(context, window, FIND % code)
        value, _ = expression.evaluate()
        assert not expression.hasError(), expression.error().toString()
        found = value.toVariant()
        assert isinstance(found, list)
        return found

    def tap(self, name: str) -> None:
        place = self.find(PLACE % name)
        assert place, f"there is no {name}"
        QTest.mouseClick(
            self.screen.window,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            QPoint(int(place[0]), int(place[1])),
        )
        self.settle()

    def type(self, *keys: Qt.Key) -> None:
        for key in keys:
            QTest.keyClick(self.screen.window, key)
        self.settle()

    def has(self, name: str) -> bool:
        return bool(self.find(PLACE % name))

    def words(self) -> str:
        return " ".join(self.find(WORDS))


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> CounterView:
    """Serving lunch for ¥12.00, everything well."""
    view = a_view(tmp_path_factory.mktemp("counter"))
    return replace(view, shown_amount=1200, masked_name="张*明", payment_id=PAYMENT)


@pytest.fixture
def glass(qapp: object) -> Iterator[Glass]:
    made = Glass()
    yield made
    made.screen.close()


def views(armed: CounterView) -> dict[str, CounterView]:
    """Every page of the diner's side, each with the most it ever shows."""
    board = replace(armed, shown_amount=None)
    who = Beneficiary(UUID(int=1), "card:1", CredentialKind.CARD, "欧阳*华")
    made = {phase.value: replace(armed, phase=phase) for phase in Phase}
    made |= {
        "board": board,
        "board_with_face": hinted(replace(board, outline=OUTLINE), "counters.not_recognised"),
        "face": replace(armed, outline=OUTLINE),
        "advice": replace(armed, outline=Outline(0, 0, 0.2, 0.3, 0, "faces.too_bright")),
        "dear": replace(armed, shown_amount=1_234_567),
        "confirm": replace(
            armed, phase=Phase.CONFIRM, is_second_price=True, paid_label="11:42", seconds_left=8
        ),
        "spinning": replace(armed, phase=Phase.AUTHORISING, is_spinning=True),
        "undo": replace(armed, phase=Phase.APPROVED, diner_undo_left_s=5),
        "change": replace(
            armed, phase=Phase.APPROVED, tender="cash", masked_name="", given_amount=10_000,
            change_amount=8_800, diner_undo_left_s=5,
        ),
        "left": replace(armed, phase=Phase.CLEARING, is_paid=False),
        "declined": replace(armed, phase=Phase.DECLINED, code="wallets.insufficient"),
    }  # fmt: skip
    made |= {
        f"factor_{factor.value}": hinted(
            replace(armed, phase=Phase.SECOND_FACTOR, factor=factor, seconds_left=15),
            "factors.wrong",
        )
        for factor in (Factor.PIN, Factor.LAST_DIGITS, Factor.CARD)
    }
    made |= {
        f"top_up_{step.value}": replace(
            armed, phase=Phase.TOP_UP, top_up=TopUp(step, who=who, amount=20_000)
        )
        for step in TopUpStep
    }
    return made


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("size", [(1280, 800), (1024, 600)])
def test_every_page_fits_its_glass_in_both_prints(
    qapp: object,
    armed: CounterView,
    language: Language,
    is_large: bool,
    size: tuple[int, int],
) -> None:
    glass = Glass(size, Look(language, is_large, is_large))
    wrong: dict[str, list[str]] = {}
    for name, view in views(armed).items():
        glass.show(view)
        found = glass.find(SPILLED) + glass.find(OVERLAPPING)
        if found:
            wrong[name] = found
    glass.screen.close()
    assert wrong == {}


def test_the_diner_confirms_and_disowns(glass: Glass, armed: CounterView) -> None:
    asked = replace(armed, phase=Phase.CONFIRM, may_diner_confirm=True)
    glass.show(asked)
    glass.tap("diner.confirm")
    glass.tap("diner.notMe")
    assert glass.posted == [on.Confirmed(Who.DINER), on.NotMe()]
    glass.show(replace(asked, may_diner_confirm=False))
    assert not glass.has("diner.confirm")
    assert "请收银员确认" in glass.words()


def test_the_diner_takes_back_within_five_seconds_and_not_later(
    glass: Glass, armed: CounterView
) -> None:
    paid = replace(armed, phase=Phase.APPROVED, diner_undo_left_s=4)
    glass.show(paid)
    assert "取消  4" in glass.words()
    glass.tap("diner.undo")
    assert glass.posted == [presses.UndoPressed(PAYMENT, Who.DINER, "")]
    glass.show(replace(paid, diner_undo_left_s=0))
    assert not glass.has("diner.undo")


def test_the_second_factor_is_typed_here_and_only_dots_are_seen(
    glass: Glass, armed: CounterView
) -> None:
    glass.show(replace(armed, phase=Phase.SECOND_FACTOR, factor=Factor.PIN))
    before = glass.words()
    for key in ("7", "8", "9", "back", "0"):
        glass.tap(f"diner.key.{key}")
    assert glass.words() == before
    glass.tap("diner.key.done")
    assert glass.posted == [presses.FactorEntered("780")]
    glass.tap("diner.key.done")
    assert len(glass.posted) == 1


def test_a_keypad_on_the_diners_side_types_on_the_pad_and_confirms(
    glass: Glass, armed: CounterView
) -> None:
    factor = replace(armed, phase=Phase.SECOND_FACTOR, factor=Factor.PIN)
    asked = replace(armed, phase=Phase.CONFIRM, may_diner_confirm=True)
    keys = (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_Backspace, Qt.Key.Key_3, Qt.Key.Key_Enter)
    glass.show(factor)
    glass.type(*keys)
    glass.show(asked)
    glass.type(Qt.Key.Key_Enter, Qt.Key.Key_Backspace)
    glass.show(replace(asked, may_diner_confirm=False))
    glass.type(Qt.Key.Key_Enter)
    assert glass.posted == [presses.FactorEntered("13"), on.Confirmed(Who.DINER), on.NotMe()]


def test_somebody_with_nothing_pays_by_number_and_own_pin(glass: Glass, armed: CounterView) -> None:
    glass.show(armed)
    glass.tap("diner.number")
    for key in ("1", "0", "0", "1", "done"):
        glass.tap(f"diner.key.{key}")
    assert "请输入密码" in glass.words()
    for key in ("7", "7", "8", "8", "9", "9", "done"):
        glass.tap(f"diner.key.{key}")
    assert glass.posted == [presses.NumberEntered("1001", "778899", "")]
    assert not glass.has("diner.pad")


def test_the_pad_of_one_diner_is_gone_for_the_next(glass: Glass, armed: CounterView) -> None:
    glass.show(armed)
    glass.tap("diner.number")
    glass.tap("diner.key.5")
    glass.show(replace(armed, phase=Phase.IDLE))
    glass.show(armed)
    assert not glass.has("diner.pad")


def test_the_language_changes_at_once_and_back(glass: Glass, armed: CounterView) -> None:
    glass.show(replace(armed, phase=Phase.APPROVED))
    assert "支付成功" in glass.words()
    glass.tap("diner.language")
    assert "支付成功" not in glass.words()
    assert "Paid" in glass.words()
    glass.tap("diner.language")
    assert "支付成功" in glass.words()


def test_large_print_is_larger_and_is_switched_here(glass: Glass, armed: CounterView) -> None:
    size = 'return found.filter(i => i.text === "应付").map(i => i.font.pixelSize)'
    glass.show(armed)
    before = glass.find(size)
    glass.tap("diner.large")
    assert glass.find(size)[0] > before[0]


def test_no_key_is_smaller_than_a_finger_in_a_glove(glass: Glass, armed: CounterView) -> None:
    """15 mm on a 10.1-inch panel."""
    glass.screen.window.setProperty("dotsPerMm", DOTS_PER_MM)
    keys = (
        "return found.filter(i => i.pressed !== undefined && i.trigger !== undefined)"
        ".map(i => [i.objectName, Math.min(i.width, i.height)])"
    )
    small = {}
    for name, view in views(armed).items():
        glass.show(view)
        for key, side in glass.find(keys):
            if side < 15 * DOTS_PER_MM - 1:
                small[f"{name}: {key}"] = side
    assert small == {}


def test_which_fund_paid_and_what_is_left_is_never_on_the_glass(
    glass: Glass, armed: CounterView
) -> None:
    for view in views(armed).values():
        glass.show(view)
        assert not any(word in glass.words() for word in ("余额", "补贴", "钱包", "balance"))


PRICES = """
return found.filter(item => String(item.text || '').startsWith('¥')).map(item =>
    item.font.pixelSize * (item.mapToItem(null, 0, 10).y - item.mapToItem(null, 0, 0).y) / 10)
"""


@pytest.mark.parametrize("page", ["board", "board_with_face", "armed"])
def test_large_print_makes_no_price_smaller_on_a_small_glass(
    qapp: object, armed: CounterView, page: str
) -> None:
    sizes = {}
    for is_large in (False, True):
        glass = Glass((1024, 600), Look(is_large_print=is_large))
        glass.show(views(armed)[page])
        sizes[is_large] = min(glass.find(PRICES))
        glass.screen.close()
    assert sizes[True] >= sizes[False] > 0


@pytest.mark.parametrize("step", TopUpStep)
def test_every_step_of_a_top_up_is_said_in_its_own_words(
    glass: Glass, armed: CounterView, step: TopUpStep
) -> None:
    glass.show(views(armed)[f"top_up_{step.value}"])
    words: Any = glass.screen.view.words
    assert words.value(PAGES[step].headline) in glass.words()
    assert words.value("dinerStarting") not in glass.words()
