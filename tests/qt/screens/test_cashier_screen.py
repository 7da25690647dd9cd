"""Every page and sheet of the cashier's side fits its glass, in both languages, prints and shapes,
and no key is smaller than a finger in a glove.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from PySide6.QtCore import QObject

from devices import ports
from domain.messages import Language
from sync.messages import CredentialKind, ItemRow, Line
from terminal_app.counter.machine import Phase
from terminal_app.counter.meals import Posted
from terminal_app.counter.parts import Hint
from terminal_app.counter.payers import Doubt, Factor
from terminal_app.counter.recover import Question, Settled
from terminal_app.counter.strip import RowState, StripRow
from terminal_app.counter.top_up import Beneficiary, TopUp, TopUpStep
from terminal_app.counter.undo import Needs
from terminal_app.counter.view import CounterView, StripLine
from terminal_app.screens.windows import Kind, Look
from tests.factories.views import a_view
from tests.qt.screens.cashier_glass import KEYS, SPILLED, CashierGlass, evaluated

SMALL_PANEL_DOTS_PER_MM = 5.9
"""A 10.1-inch panel of 1280×800: where 15 mm is 88 dots."""
SHEETS = (
    "Cash", "Number", "EndShift", "More", "Queue", "Devices", "CashMove", "HoldOpen", "Keys",
    "FindSale",
)  # fmt: skip
WIDE, SMALL, TALL = (1280, 800), (1024, 600), (1080, 1920)


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> CounterView:
    """Serving, with the most that each list ever shows."""
    view = a_view(tmp_path_factory.mktemp("counter"))
    return replace(
        view,
        posted=(
            Posted("student", 1200, 1800, 3),
            Posted("employee", 123_400, None, 3),
            Posted("", 2000, None, 3),
        ),
        strip=tuple(_sold(number, state) for number, state in enumerate(RowState)),
        masked_name="欧阳*华",
        devices=tuple(
            ports.DeviceHealth(
                device=kind, kind=kind, state=ports.HealthState.LOST, seen_at=0.0,
                error_code="devices.lost",
            )
            for kind in ("card_reader", "scanner")
        ),
        badge=replace(view.badge, waiting_count=123, waiting_amount=1_234_500),
    )  # fmt: skip


def _sold(number: int, state: RowState) -> StripLine:
    row = StripRow(
        payment_id=UUID(int=number),
        sale=number,
        label="11:42",
        amount=123_450,
        masked_name="欧阳*华",
        credential="wallet_code",
        state=state,
        approved_at=0.0,
        shift_id=None,
        is_pulsing=state is RowState.AWAITING,
        was_parked=True,
    )
    return StripLine(row, 58, Needs.NOTHING, state is RowState.APPROVED)


def views(armed: CounterView) -> dict[str, CounterView]:
    """Every page, each with the most it ever shows."""
    keyed = replace(
        armed, is_standing=False, posted=(), shown_amount=123_450, typed_amount=123_450,
        cart=tuple(
            Line(item=str(n), name="红烧牛肉面大份", quantity=2, unit_amount=1800, amount=3600)
            for n in range(8)
        ),
        items=(
            ItemRow(item="1", name_zh="红烧牛肉面", name_en="Braised beef noodles", amount=1800),
        ),
    )  # fmt: skip
    question = Question(UUID(int=9), 1200, "channel_code", datetime(2026, 3, 2, 4, tzinfo=UTC))
    made = {phase.value: replace(armed, phase=phase) for phase in Phase}
    made |= {f"keyed_{phase.value}": replace(keyed, phase=phase) for phase in Phase}
    made |= {
        "signed_in": replace(armed, phase=Phase.LOCKED, shift=None),
        "signed_out": replace(armed, phase=Phase.LOCKED, is_signed_in=False),
        "pin_locked": replace(armed, phase=Phase.LOCKED, is_signed_in=False, pin_locked_s=60),
        "settled": replace(
            armed, phase=Phase.LOCKED, is_signed_in=False,
            settled=(Settled(UUID(int=1), 1200, True), Settled(UUID(int=2), 1200, False)),
        ),
        "new_pin": replace(armed, phase=Phase.LOCKED, must_change_pin=True),
        "recover": replace(
            armed, phase=Phase.RECOVER, questions=(question, replace(question, is_asked=True)),
        ),
        "refused": replace(armed, refusal=Hint("limits.extended_already")),
        "asked_twice": replace(keyed, phase=Phase.IDLE, is_asked_twice=True),
        "confirm_again": replace(
            armed, phase=Phase.CONFIRM, shown_amount=1800, paid_label="11:42", seconds_left=8,
        ),
        "cash": replace(
            armed, phase=Phase.APPROVED, shown_amount=1200, tender="cash", given_amount=10_000,
            change_amount=8800, may_plus_one=True,
        ),
        "declined": replace(
            armed, phase=Phase.DECLINED, shown_amount=1200, code="wallets.insufficient",
            may_account=True, seconds_left=15,
        ),
        "awaiting": replace(
            armed, phase=Phase.AWAITING, shown_amount=1200, seconds_left=45, may_next=True,
            parked_count=1,
        ),
    }  # fmt: skip
    made |= {
        f"factor_{factor.value}": replace(
            armed, phase=Phase.SECOND_FACTOR, shown_amount=1200, factor=factor,
            doubt=Doubt.LOW_MARGIN, seconds_left=15, factor_tries_left=2,
        )
        for factor in (Factor.PIN, Factor.LAST_DIGITS, Factor.CARD)
    }  # fmt: skip
    made |= {
        f"blocked_{code}": replace(armed, phase=Phase.BLOCKED, code=code)
        for code in ("limits.offline_terminal", "clock.behind", "storage.full", "terminals.revoked")
    }
    who = Beneficiary(UUID(int=1), "card:1", CredentialKind.CARD, "欧阳*华")
    made |= {
        f"top_up_{step.value}": replace(
            armed, phase=Phase.TOP_UP, top_up=TopUp(step, who=who, amount=20_000)
        )
        for step in TopUpStep
    }
    return made


def _open(glass: CashierGlass, sheet: str) -> None:
    root = glass.screen.window.findChild(QObject, "cashierRoot")
    assert root is not None
    evaluated(root, f"openSheet('{sheet}')")
    glass.settle()


@pytest.mark.parametrize(
    ("kind", "size", "language", "is_large"),
    [
        (Kind.CASHIER, WIDE, "zh", False),
        (Kind.CASHIER, WIDE, "en", True),
        (Kind.CASHIER, SMALL, "zh", True),
        (Kind.CASHIER, TALL, "en", True),
        (Kind.SHARED, TALL, "en", False),
        (Kind.SHARED, TALL, "zh", True),
    ],
)
def test_every_page_and_sheet_fits_its_glass(
    qapp: object,
    armed: CounterView,
    kind: Kind,
    size: tuple[int, int],
    language: Language,
    is_large: bool,
) -> None:
    glass = CashierGlass(kind=kind, size=size, look=Look(language, is_large, is_large))
    wrong: dict[str, list[str]] = {}
    for name, view in views(armed).items():
        glass.show(view)
        if found := glass.find(SPILLED):
            wrong[name] = found
    glass.show(armed)
    for sheet in SHEETS:
        _open(glass, sheet)
        if found := glass.find(SPILLED):
            wrong[sheet] = found
    glass.close()
    assert wrong == {}


@pytest.mark.parametrize("kind", [Kind.CASHIER, Kind.SHARED])
def test_no_key_is_smaller_than_a_finger_in_a_glove(
    qapp: object, armed: CounterView, kind: Kind
) -> None:
    size = TALL if kind is Kind.SHARED else WIDE
    glass = CashierGlass(kind=kind, size=size, dots_per_mm=SMALL_PANEL_DOTS_PER_MM)
    small: dict[str, float] = {}
    for name, view in views(armed).items():
        glass.show(view)
        for key, side in glass.find(KEYS):
            if side < 15 * SMALL_PANEL_DOTS_PER_MM - 1:
                small[f"{name}: {key}"] = side
    glass.show(armed)
    for sheet in SHEETS:
        _open(glass, sheet)
        for key, side in glass.find(KEYS):
            if side < 15 * SMALL_PANEL_DOTS_PER_MM - 1:
                small[f"{sheet}: {key}"] = side
    glass.close()
    assert small == {}


def test_no_state_is_told_by_colour_alone(qapp: object, armed: CounterView) -> None:
    """Each state of a sale has a word of its own on the stage, and each row its word."""
    glass = CashierGlass()
    said: dict[str, str] = {}
    for phase in (Phase.APPROVED, Phase.DECLINED, Phase.REVERSED, Phase.CANCELLING, Phase.AWAITING):
        glass.show(replace(armed, phase=phase, shown_amount=1200))
        said[phase.value] = glass.words()
    for row in ("已付", "待确认", "撤销中", "已退回", "未付"):
        assert all(row in words for words in said.values())
    titles = {"approved": "已收款", "declined": "未付款", "reversed": "这份餐没有付款",
              "cancelling": "正在撤销", "awaiting": "请顾客在手机上确认"}  # fmt: skip
    for told, title in titles.items():
        assert [name for name, words in said.items() if title in words] == [told]
    glass.close()


def test_what_is_posted_changes_while_a_row_keeps_its_place(
    qapp: object, armed: CounterView
) -> None:
    """A button under a finger is not drawn anew because a second passed."""
    glass = CashierGlass()
    glass.show(armed)
    rows = "return found.filter(i => i.objectName === 'undo_0').map(i => { i.marked = 1 })"
    assert len(glass.find(rows.replace("i.marked = 1", "i.opacity = 0.99"))) == 1
    line = armed.strip[0]
    glass.show(replace(armed, strip=(replace(line, undo_left_s=3), *armed.strip[1:])))
    kept = "return found.filter(i => i.objectName === 'undo_0').map(i => i.opacity)"
    assert glass.find(kept) == [0.99]
    assert "撤销 3" in glass.words()
    glass.close()
