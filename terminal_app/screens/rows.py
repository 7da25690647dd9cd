"""The lists of the screens as rows of plain values: strip, cart, devices, prices, questions.

Pure functions of a `CounterView` and a language; amounts are both fen and written out.
"""

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from domain.messages import Language, text
from domain.money import format_amount
from sync.messages import ItemRow
from terminal_app.counter.machine import Phase
from terminal_app.counter.parts import StageView
from terminal_app.counter.view import CounterView, StripLine
from terminal_app.screens.words import word

Row = dict[str, Any]

STRIP = (
    "key", "label", "amount", "amountText", "name", "credential", "way", "state", "stateText",
    "isOnline", "isPulsing", "undoLeftS", "needs", "mayUndo", "wasParked",
    "why",
)  # fmt: skip
CART = ("key", "name", "quantity", "unitText", "amountText")
DEVICES = ("key", "kind", "kindText", "title", "state", "stateText", "detail")
PRICES = ("key", "category", "amountText", "secondText")
QUESTIONS = ("key", "amountText", "way", "atText", "isAsked", "isWaiting")
STAGES = ("key", "name", "state", "detail")
SETTLED = ("key", "amountText", "isCharged")
TALLIES = ("key", "way", "count", "amountText")
ITEMS = ("key", "name", "amountText")
TOP_UPS = ("key", "label", "name", "amountText", "state", "stateText", "detail")
MEALS = ("key", "name")


def strip_rows(view: CounterView, language: Language) -> list[Row]:
    """The last sales, newest first."""
    return [_strip_row(line, language) for line in view.strip]


def _strip_row(line: StripLine, language: Language) -> Row:
    row = line.row
    return {
        "key": str(row.payment_id),
        "label": row.label,
        "amount": row.amount,
        "amountText": format_amount(row.amount),
        "name": row.masked_name,
        "credential": _NO_CREDENTIAL.get(row.credential, row.credential),
        "way": way(row.credential, language),
        "state": row.state.value,
        "stateText": word(row.state.value, language),
        "isOnline": row.is_online,
        "isPulsing": row.is_pulsing,
        "undoLeftS": line.undo_left_s,
        "needs": line.needs.value,
        "mayUndo": line.may_undo,
        "wasParked": row.was_parked,
        "why": text(row.code, {}, language) if row.code else "",
    }


_NO_CREDENTIAL = {"none": "cash"}
"""Who pays cash shows nothing."""


def way(credential: str, language: Language) -> str:
    """How somebody paid, in a word; a tally nobody named is shown as it is."""
    try:
        return word(_NO_CREDENTIAL.get(credential, credential), language)
    except KeyError:
        return credential


def cart_rows(view: CounterView, language: Language) -> list[Row]:
    """The lines rung up."""
    keyed = word("keyedLine", language)
    return [
        {
            "key": place,
            "name": _line_name(view, line.item, line.name, language) or keyed,
            "quantity": line.quantity,
            "unitText": format_amount(line.unit_amount),
            "amountText": format_amount(line.amount),
        }
        for place, line in enumerate(view.cart)
    ]


def _line_name(view: CounterView, item: str, name: str, language: Language) -> str:
    found = next((row for row in view.items if row.item == item), None)
    return _named(found, language) if found else name


def item_rows(view: CounterView, language: Language) -> list[Row]:
    """The menu."""
    return [
        {"key": i.item, "name": _named(i, language), "amountText": format_amount(i.amount)}
        for i in view.items
    ]


def _named(item: ItemRow, language: Language) -> str:
    return item.name_zh if language == "zh" else item.name_en or item.name_zh


def device_rows(view: CounterView, language: Language) -> list[Row]:
    """Every device with its health; what is wrong with it in a sentence.

    Its own name is said only where two of a kind have to be told apart.
    """
    kinds = Counter(health.kind for health in view.devices)
    return [
        {
            "key": health.device,
            "kind": health.kind,
            "kindText": way(health.kind, language),
            "title": way(health.kind, language)
            + (f" · {health.device}" if kinds[health.kind] > 1 else ""),
            "state": health.state.value,
            "stateText": word(_STATE.get(health.state.value, "deviceOther"), language),
            "detail": text(health.error_code, {"name": health.device}, language)
            if health.error_code
            else "",
        }
        for health in view.devices
    ]


_STATE = {"ready": "deviceReady", "lost": "deviceLost"}


def price_rows(view: CounterView, language: Language) -> list[Row]:
    """The posted prices, the lowest first; the one for everybody else comes last.

    It is left out where guests stand on the board already at the same price.
    """
    guests = {row.amount for row in view.posted if row.category == "guest"}
    rows = sorted(view.posted, key=lambda row: (not row.category, row.amount, row.category))
    rows = [row for row in rows if row.category or row.amount not in guests]
    return [
        {
            "key": row.category,
            "category": category(row.category, language),
            "amountText": format_amount(row.amount),
            "secondText": format_amount(row.second_amount) if row.second_amount else "",
        }
        for row in rows
    ]


def category(name: str, language: Language) -> str:
    """A category's name; one the organisation made itself is shown as it is."""
    return way(f"category_{name}" if name else "category_", language).removeprefix("category_")


def question_rows(view: CounterView, language: Language) -> list[Row]:
    """After a power cut: what the operator is asked. Times are given as the wall shows them."""
    zone = ZoneInfo(view.zone)
    return [
        {
            "key": str(question.payment_id),
            "amountText": format_amount(question.amount),
            "way": way(question.credential, language),
            "atText": question.at.astimezone(zone).strftime("%H:%M"),
            "isAsked": question.is_asked,
            "isWaiting": question.is_waiting,
        }
        for question in view.questions
    ]


def settled_rows(view: CounterView, _language: Language) -> list[Row]:
    """断电 ¥12.00 未扣 / 已扣, until the first sale after it."""
    if view.phase not in (Phase.RECOVER, Phase.LOCKED, Phase.IDLE, Phase.NO_PERIOD):
        return []
    return [
        {
            "key": str(one.payment_id),
            "amountText": format_amount(one.amount),
            "isCharged": one.is_charged,
        }
        for one in view.settled
    ]


def tally_rows(view: CounterView, language: Language) -> list[Row]:
    """What a closed shift sold, by the way people paid."""
    if view.closed is None:
        return []
    tallies = sorted(view.closed.count.tallies.items())
    return [
        {
            "key": name,
            "way": way(name, language),
            "count": count,
            "amountText": format_amount(amount),
        }
        for name, (count, amount) in tallies
    ]


def newest_undoable(view: CounterView, language: Language) -> Row:
    """The newest sale that stands, for the one key that undoes it; empty when there is none."""
    return next((row for row in strip_rows(view, language) if row["mayUndo"]), {})


def meal_rows(view: CounterView, language: Language) -> list[Row]:
    """Every meal of the day, for a supervisor who serves one beyond its hours."""
    return [
        {"key": code, "name": zh if language == "zh" else en or zh}
        for code, zh, en in view.day.periods
    ]


def stage_rows(view: CounterView, language: Language) -> list[Row]:
    """How far the start has come, stage by stage."""
    return [
        {
            "key": stage.name.value,
            "name": word(f"stage_{stage.name.value}", language),
            "state": stage.state.value,
            "detail": _stage_detail(stage, language),
        }
        for stage in view.stages
    ]


def _stage_detail(stage: StageView, language: Language) -> str:
    if not stage.code:
        return ""
    return text(stage.code, {"name": word(f"stage_{stage.name.value}", language)}, language)


def top_up_rows(view: CounterView, language: Language) -> list[Row]:
    """Today's cash for wallets, newest first."""
    return [
        {
            "key": str(one.top_up_id),
            "label": one.label,
            "name": one.masked_name,
            "amountText": format_amount(one.amount),
            "state": one.state.value,
            "stateText": word(f"topUp_{one.state.value}", language),
            "detail": text(one.code, {}, language) if one.code else "",
        }
        for one in view.top_ups
    ]
