"""What the diner's side says, for every phase and language, and what it never says aloud."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import pytest

from domain.messages import Language, text
from domain.texts import TEXTS
from sync.messages import CredentialKind
from terminal_app.counter.machine import Phase
from terminal_app.counter.meals import Posted
from terminal_app.counter.parts import Outline
from terminal_app.counter.payers import Factor
from terminal_app.counter.top_up import Beneficiary, TopUp, TopUpStep
from terminal_app.counter.view import CounterView
from terminal_app.screens.diner import (
    DINER,
    amount_text,
    headline,
    is_hint,
    page,
    role,
    sentence,
)
from tests.factories.views import a_view, hinted

PRIVATE = re.compile(
    r"余额|不足|欠款|透支|冻结|挂失|离开本单位|限额|balance|funds|frozen|lost|debt|limit"
)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> CounterView:
    return a_view(tmp_path_factory.mktemp("counter"))


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_a_page_a_colour_and_words_in_both_languages(
    view: CounterView, phase: Phase
) -> None:
    shown = replace(view, phase=phase)
    assert page(shown)
    assert role(shown) in {"calm", "ask", "good", "warn", "back", "closed"}
    assert headline(shown, "zh") != headline(shown, "en")
    assert re.search(r"[\u4e00-\u9fff]", headline(shown, "zh"))
    assert not re.search(r"[\u4e00-\u9fff]", headline(shown, "en") + sentence(shown, "en"))


@pytest.mark.parametrize("phase", [Phase.DECLINED, Phase.ARMED])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_refusal_tells_the_line_what_somebody_owns_or_owes(
    view: CounterView, language: Language, phase: Phase
) -> None:
    base = replace(view, phase=phase)
    told = {code: sentence(hinted(replace(base, code=code), code), language) for code in TEXTS}
    assert {code: said for code, said in told.items() if PRIVATE.search(said)} == {}


@pytest.mark.parametrize("step", TopUpStep)
def test_every_step_of_a_top_up_shows_whose_it_is_and_how_much(
    view: CounterView, step: TopUpStep
) -> None:
    who = Beneficiary(UUID(int=1), "card:1", CredentialKind.CARD, "张*明")
    shown = replace(view, phase=Phase.TOP_UP, top_up=TopUp(step, who=who, amount=10_000))
    assert amount_text(shown, "zh") == "¥100.00"
    assert DINER["dinerName"].read(shown, "zh") == "张*明"
    assert DINER["dinerMayConfirm"].read(shown, "zh") == (step is TopUpStep.CONFIRM)
    assert headline(shown, "zh") != headline(shown, "en")
    assert sentence(shown, "zh") == "" or sentence(shown, "en") != ""


def test_a_short_wallet_is_told_on_the_phone_and_nowhere_else(view: CounterView) -> None:
    shown = replace(view, phase=Phase.DECLINED, code="wallets.insufficient")
    assert sentence(shown, "zh") == text("diners.see_phone", {}, "zh")
    assert "手机" in sentence(shown, "zh")


def test_a_code_without_a_sentence_still_says_what_to_do(view: CounterView) -> None:
    shown = replace(view, phase=Phase.DECLINED, code="nobody.knows")
    assert sentence(shown, "en") == text("diners.other_way", {}, "en")


@pytest.mark.parametrize("phase", [Phase.APPROVED, Phase.CLEARING, Phase.REVERSED, Phase.LOCKED])
def test_nothing_was_charged_never_stands_under_an_outcome(view: CounterView, phase: Phase) -> None:
    shown = hinted(replace(view, phase=phase, is_undo=True), "counters.not_me")
    assert not is_hint(shown)
    assert sentence(shown, "zh") != text("counters.not_me", {}, "zh")


@pytest.mark.parametrize(("is_undo", "word"), [(True, "Returned"), (False, "Nothing was charged")])
def test_a_card_that_still_lies_there_after_no_sale_is_never_under_a_tick(
    view: CounterView, is_undo: bool, word: str
) -> None:
    left = replace(view, phase=Phase.CLEARING, is_paid=False, is_undo=is_undo)
    assert page(left) == "leave"
    assert role(left) != "good"
    assert headline(left, "en") == word
    assert page(replace(left, is_paid=True)) == "paid"


@pytest.mark.parametrize("code", ["counters.amount_above", "undo.too_late", "cash.too_little"])
def test_what_only_the_cashier_can_act_on_is_not_said_to_the_diner(
    view: CounterView, code: str
) -> None:
    assert not is_hint(hinted(view, code))


def test_a_fresh_hint_comes_before_the_advice_of_the_eyes(view: CounterView) -> None:
    looking = replace(view, outline=Outline(0.3, 0.3, 0.3, 0.3, 0.0, "faces.turned_away"))
    assert sentence(looking, "zh") == text("faces.turned_away", {}, "zh")
    assert sentence(hinted(looking, "faces.several"), "zh") == text("faces.several", {}, "zh")


def test_different_prices_are_a_board_and_one_price_is_an_amount(view: CounterView) -> None:
    first, second = Posted("student", 1200, None, 1), Posted("staff", 1500, None, 1)
    standing = replace(view, shown_amount=None)
    assert amount_text(replace(standing, posted=(first, second)), "zh") == ""
    assert amount_text(replace(standing, posted=(first,)), "zh") == "¥12.00"
    assert amount_text(replace(view, shown_amount=1800, posted=(first, second)), "en") == "¥18.00"
    assert amount_text(replace(view, phase=Phase.IDLE, shown_amount=0, posted=()), "en") == ""


def test_change_is_read_on_the_diners_side_after_the_tick(view: CounterView) -> None:
    counting = replace(
        view, phase=Phase.IDLE, given_amount=2000, change_amount=1300, shown_amount=0, posted=()
    )
    assert (page(counting), role(counting)) == ("welcome", "calm")
    assert headline(counting, "en") == "Change"
    assert amount_text(counting, "zh") == "¥13.00"
    assert sentence(counting, "zh") == "收现金 ¥20.00。"
    next_one = replace(counting, phase=Phase.ARMED, shown_amount=900)
    assert amount_text(next_one, "zh") == "¥9.00"
    assert "¥13.00" in sentence(next_one, "en")


def test_paying_again_says_when_it_was_paid_and_that_the_cashier_decides(
    view: CounterView,
) -> None:
    shown = replace(
        view, phase=Phase.CONFIRM, is_second_price=True, paid_label="11:42", may_diner_confirm=False
    )
    assert "11:42" in sentence(shown, "zh")
    assert "cashier" in sentence(shown, "en")
    assert DINER["dinerMayConfirm"].read(shown, "zh") is False


@pytest.mark.parametrize("factor", Factor)
def test_every_second_factor_is_asked_for_by_name(view: CounterView, factor: Factor) -> None:
    shown = replace(view, phase=Phase.SECOND_FACTOR, factor=factor)
    assert headline(shown, "zh").startswith("请")


def test_the_diner_undoes_only_while_the_seconds_run_and_there_is_a_payment(
    view: CounterView,
) -> None:
    may = DINER["dinerMayUndo"].read
    assert not may(replace(view, diner_undo_left_s=5, payment_id=None), "zh")
    assert not may(replace(view, diner_undo_left_s=0), "zh")
