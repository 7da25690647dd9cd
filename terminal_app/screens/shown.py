"""Every single value the screens show, by the name QML knows it: `view.phase`, `view.amountText`.

One table, so that a value is added in one line. Functions of a `CounterView` and a language; a name
that ends in `Text` is written for people, `…S` are whole seconds, -1 stands for none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QRectF

from domain.messages import Language, text
from domain.money import format_amount
from terminal_app.counter.parts import Hint
from terminal_app.counter.view import CounterView
from terminal_app.screens.rows import newest_undoable

Read = Callable[[CounterView, Language], Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One property: its Qt type, how it is read, and what it is before the first view."""

    kind: Any
    read: Read
    empty: Any


def _text(read: Read) -> Shown:
    return Shown(str, read, "")


def _flag(read: Callable[[CounterView], bool]) -> Shown:
    return Shown(bool, lambda view, _: bool(read(view)), empty=False)


def _count(read: Callable[[CounterView], int | None]) -> Shown:
    return Shown(int, lambda view, _: _or_none(read(view)), -1)


def _plain(read: Callable[[CounterView], str]) -> Shown:
    return Shown(str, lambda view, _: read(view), "")


def _money(read: Callable[[CounterView], int | None]) -> Shown:
    return Shown(str, lambda view, _: _written(read(view)), "")


def _or_none(number: int | None) -> int:
    return -1 if number is None else number


def _written(amount: int | None) -> str:
    return "" if amount is None else format_amount(amount)


def _said(code: str, language: Language) -> str:
    return text(code, {}, language) if code else ""


def _hint(view: CounterView, hint: Hint, language: Language) -> str:
    if not hint.code:
        return ""
    known = {"left": view.factor_tries_left, "digits": 6, "seconds": view.pin_locked_s}
    return text(hint.code, {**known, **hint.data}, language)


def _meal(zh: str, en: str, language: Language) -> str:
    return zh if language == "zh" else en or zh


def _guest_amount(view: CounterView) -> int | None:
    """What cash pays at a standing price: the price for everybody else."""
    rows = {row.category: row.amount for row in view.posted}
    return rows.get("", max(rows.values(), default=None))


def _outline(view: CounterView, _language: Language) -> QRectF:
    face = view.outline
    return QRectF() if face is None else QRectF(face.left, face.top, face.width, face.height)


def _still_share(view: CounterView, _language: Language) -> float:
    return 0.0 if view.outline is None else view.outline.still_share


SHOWN: Final[dict[str, Shown]] = {
    "phase": _plain(lambda v: v.phase.value),
    "isReady": _flag(lambda v: True),
    # who and where
    "isAttended": _flag(lambda v: v.is_attended),
    "isStanding": _flag(lambda v: v.is_standing),
    "merchantName": _plain(lambda v: v.merchant_name),
    "storeName": _plain(lambda v: v.store_name),
    "terminalName": _plain(lambda v: v.terminal_name),
    "operatorName": _plain(lambda v: v.operator_name),
    "isSignedIn": _flag(lambda v: v.is_signed_in),
    "mustChangePin": _flag(lambda v: v.must_change_pin),
    "pinLockedS": _count(lambda v: v.pin_locked_s),
    # the day
    "dateText": _plain(lambda v: v.day.label.partition(" ")[0]),
    "timeText": _plain(lambda v: v.day.label.partition(" ")[2]),
    "period": _plain(lambda v: v.day.period),
    "mealText": _text(lambda v, lang: _meal(v.day.name_zh, v.day.name_en, lang)),
    "nextMealText": _text(lambda v, lang: _meal(v.day.next_name_zh, v.day.next_name_en, lang)),
    "nextStartsText": _plain(
        lambda v: v.day.next_starts_at.strftime("%H:%M") if v.day.next_starts_at else ""
    ),
    "isClockUnsure": _flag(lambda v: v.day.is_unsynchronised),
    "isPractice": _flag(lambda v: v.is_practice),
    "mayPractise": _flag(lambda v: v.may_practise),
    "offersPractice": _flag(lambda v: v.offers_practice),
    # the shift
    "isShiftOpen": _flag(lambda v: v.shift is not None),
    "floatText": _money(lambda v: v.shift.float_amount if v.shift else None),
    "movedText": _money(lambda v: v.shift.moved_amount if v.shift else None),
    "isClosed": _flag(lambda v: v.closed is not None),
    "closedCountedText": _money(lambda v: v.closed.counted_amount if v.closed else None),
    "closedExpectedText": _money(lambda v: v.closed.count.expected_amount if v.closed else None),
    "closedDifference": Shown(int, lambda v, _: v.closed.difference_amount if v.closed else 0, 0),
    "closedDifferenceText": _money(lambda v: v.closed.difference_amount if v.closed else None),
    "closedWaitingCount": _count(lambda v: v.closed.count.waiting_count if v.closed else None),
    "closedWaitingText": _money(lambda v: v.closed.count.waiting_amount if v.closed else None),
    # the amount
    "hasAmount": _flag(lambda v: v.shown_amount is not None),
    "amount": _count(lambda v: v.shown_amount),
    "amountText": _money(lambda v: v.shown_amount),
    "typedAmount": _count(lambda v: v.typed_amount),
    "typedText": _money(lambda v: v.typed_amount),
    "priceCount": _count(lambda v: len(v.posted)),
    "guestAmount": _count(_guest_amount),
    "cartCount": _count(lambda v: len(v.cart)),
    "isAskedTwice": _flag(lambda v: v.is_asked_twice),
    # who pays
    "name": _plain(lambda v: v.masked_name),
    "credential": _plain(lambda v: v.credential),
    "tender": _plain(lambda v: v.tender),
    "givenText": _money(lambda v: v.given_amount or None),
    "changeText": _money(lambda v: v.change_amount),
    "changeAmount": _count(lambda v: v.change_amount),
    "givenAmount": _count(lambda v: v.given_amount),
    "doubt": _plain(lambda v: v.doubt.value),
    "doubtText": _text(lambda v, lang: _said(v.doubt.value, lang)),
    "factor": _plain(lambda v: v.factor.value),
    "factorTriesLeft": _count(lambda v: v.factor_tries_left),
    "paidLabel": _plain(lambda v: v.paid_label),
    "isSecondPrice": _flag(lambda v: v.is_second_price),
    "isSpinning": _flag(lambda v: v.is_spinning),
    "isOnline": _flag(lambda v: v.is_online),
    "isLatched": _flag(lambda v: v.is_latched),
    "isPaid": _flag(lambda v: v.is_paid),
    "isUndo": _flag(lambda v: v.is_undo),
    "mayNext": _flag(lambda v: v.may_next),
    "mayPlusOne": _flag(lambda v: v.may_plus_one),
    "mayAccount": _flag(lambda v: v.may_account),
    "tenders": Shown("QStringList", lambda v, _: list(v.tenders), []),
    "paymentId": _plain(lambda v: str(v.payment_id) if v.payment_id else ""),
    # cash for a wallet
    "mayTopUp": _flag(lambda v: v.may_top_up),
    "topUpStep": _plain(lambda v: v.top_up.step.value if v.top_up else ""),
    "topUpName": _plain(lambda v: v.top_up.who.masked_name if v.top_up and v.top_up.who else ""),
    "topUpText": _money(lambda v: v.top_up.amount if v.top_up else None),
    "topUpRepaidText": _money(lambda v: (v.top_up.repaid_amount or None) if v.top_up else None),
    "topUpCodeText": _text(lambda v, lang: _said(v.top_up.code if v.top_up else "", lang)),
    # sentences
    "code": _plain(lambda v: v.code),
    "codeText": _text(lambda v, lang: _said(v.code, lang)),
    "hintCode": _plain(lambda v: v.hint.code),
    "hintText": _text(lambda v, lang: _hint(v, v.hint, lang)),
    "refusalCode": _plain(lambda v: v.refusal.code),
    "refusalText": _text(lambda v, lang: _hint(v, v.refusal, lang)),
    "secondsLeft": _count(lambda v: v.seconds_left),
    "dinerUndoLeftS": _count(lambda v: v.diner_undo_left_s),
    # the face in the zone: never a picture
    "outline": Shown(QRectF, _outline, QRectF()),
    "stillShare": Shown(float, _still_share, 0.0),
    "hasOutline": _flag(lambda v: v.outline is not None),
    "outlineAdvice": _text(lambda v, lang: _said(v.outline.advice if v.outline else "", lang)),
    # the strip, the wire, the printer
    "newest": Shown("QVariantMap", newest_undoable, {}),
    "parkedCount": _count(lambda v: v.parked_count),
    "waitingCount": _count(lambda v: v.badge.waiting_count),
    "waitingText": _money(lambda v: v.badge.waiting_amount),
    "rejectedCount": _count(lambda v: v.badge.rejected_count),
    "isHeldOpen": _flag(lambda v: v.day.is_held_open),
    "isServerThere": _flag(lambda v: v.badge.is_online_first),
    "standing": _plain(lambda v: v.badge.standing),
    "leftCount": _count(lambda v: v.badge.left.sales_count),
    "leftText": _money(lambda v: v.badge.left.amount),
    "isCapNear": _flag(lambda v: v.badge.left.is_near and not v.badge.is_online_first),
    "isCapReached": _flag(lambda v: v.badge.left.is_reached),
    "mayExtend": _flag(lambda v: v.badge.may_extend),
    "lostCount": _count(lambda v: sum(one.state.value == "lost" for one in v.devices)),
    "unclaimedText": _plain(
        lambda v: "\n".join(f"{one.description} · {one.address}" for one in v.unclaimed)
    ),
    "printerState": _plain(lambda v: v.printer.state),
    "printerWaiting": _count(lambda v: v.printer.waiting),
    "printerText": _text(lambda v, lang: _said(v.printer.code, lang)),
}
