"""What the diner's side says, decided once per view: which page, which sentence, which keys.

Rules
- A refusal never tells a balance, a limit or why an account is closed: others can read it.
- What only the cashier can act on is not said here.
- Every page has a picture, a word and a colour, so that none of them is needed alone.

The values join those of `shown.SHOWN` under the names below; QML reads `view.dinerPage`.
"""

from collections.abc import Mapping
from typing import Final

from domain.messages import Language, is_known, text
from domain.money import format_amount
from terminal_app.counter.machine import Phase
from terminal_app.counter.payers import Factor
from terminal_app.counter.view import CounterView
from terminal_app.screens.diner_top_up import page_of
from terminal_app.screens.rows import price_rows
from terminal_app.screens.showing import is_scanned
from terminal_app.screens.shown import Shown
from terminal_app.screens.words import word

PAGES: Final[Mapping[Phase, str]] = {
    Phase.STARTING: "closed",
    Phase.RECOVER: "closed",
    Phase.LOCKED: "closed",
    Phase.NO_PERIOD: "closed",
    Phase.BLOCKED: "closed",
    Phase.IDLE: "welcome",
    Phase.ARMED: "due",
    Phase.CANDIDATE: "due",
    Phase.CONFIRM: "confirm",
    Phase.SECOND_FACTOR: "factor",
    Phase.AUTHORISING: "working",
    Phase.AWAITING: "phone",
    Phase.APPROVED: "paid",
    Phase.CLEARING: "paid",  # or "leave", see `page`
    Phase.CANCELLING: "back",
    Phase.REVERSED: "back",
    Phase.DECLINED: "declined",
    Phase.TOP_UP: "closed",
}
"""The page of every phase but a top-up's, which has one for each of its steps."""

_CLOSED: Final[Mapping[Phase, tuple[str, str]]] = {
    Phase.STARTING: ("dinerStarting", "diners.one_moment"),
    Phase.RECOVER: ("dinerStarting", "diners.one_moment"),
    Phase.LOCKED: ("dinerLocked", "diners.other_window"),
    Phase.BLOCKED: ("dinerBlocked", "diners.other_window"),
}
_FACTORS: Final = {
    Factor.PIN: "dinerPin",
    Factor.LAST_DIGITS: "dinerLastDigits",
    Factor.CARD: "dinerCardProves",
    Factor.NONE: "dinerCardProves",
}
_PHRASES: Final = {
    # Why a payment was not made, without telling the whole line
    "wallets.insufficient": "diners.see_phone",
    "channels.insufficient_funds": "diners.see_phone",
    "people.frozen": "diners.ask_staff",
    "people.left": "diners.ask_staff",
    "cards.lost": "diners.ask_staff",
    "cards.returned": "diners.ask_staff",
    "codes.expired": "diners.show_again",
    "codes.replayed": "diners.show_again",
    "channels.code_used": "diners.show_again",
    "faces.near_twin": "diners.be_sure",
    "faces.ambiguous": "diners.be_sure",
    "factors.unattended": "diners.be_sure",
    "limits.second_factor": "diners.be_sure",
    "counters.already_paid": "diners.cashier_confirms",
}
_PUBLIC: Final = (
    "cards.unknown", "cards.two_at_once", "cards.not_read", "channels.password_needed",
    "channels.unavailable", "codes.", "counters.", "diners.", "factors.", "faces.",
    "payments.awaiting", "people.unknown", "people.ambiguous", "pins.",
    "tenders.not_accepted", "tenders.not_offline",
)  # fmt: skip
"""Beginnings of codes whose own sentence everybody in line may read; any other says no reason."""


def page(view: CounterView) -> str:
    """The page of a view. What clears after a refusal or an undo was not paid."""
    if is_scanned(view):
        return "scan"
    if view.phase is Phase.TOP_UP:
        return page_of(view.top_up).page
    if view.phase is Phase.CLEARING and not view.is_paid:
        return "leave"
    return PAGES[view.phase]


def headline(view: CounterView, language: Language) -> str:
    """The few words that are read from two metres."""
    return word(_headline(view), language)


def _headline(view: CounterView) -> str:
    phase = view.phase
    if is_scanned(view):
        return _scan_headline(view)
    if phase in _CLOSED:
        return _CLOSED[phase][0]
    if _counts_change(view):
        return "dinerChange"
    if phase is Phase.TOP_UP:
        return page_of(view.top_up).headline
    if phase is Phase.SECOND_FACTOR:
        return _FACTORS[view.factor]
    if phase is Phase.AUTHORISING:
        return "dinerWorking" if view.is_spinning else "dinerSeen"
    if phase is Phase.CONFIRM:
        return "dinerAgain" if view.is_second_price else "dinerSure"
    if phase is Phase.CANCELLING:
        return "dinerCancelling"
    if phase is Phase.CLEARING and not view.is_paid:
        return "dinerReturned" if view.is_undo else "dinerNotCharged"
    if phase is Phase.REVERSED:
        return "dinerReturned" if _is_returned(view) else "dinerCancelled"
    return _HEADLINES[phase]


def _scan_headline(view: CounterView) -> str:
    if view.showing.is_cut:
        return "dinerScanCut"
    return "dinerScan" if view.showing.text else "dinerScanSoon"


def _is_returned(view: CounterView) -> bool:
    """Whether money was taken and went back: by an undo, or since it came too late."""
    return view.is_undo or view.showing.was_taken


_HEADLINES: Final[Mapping[Phase, str]] = {
    Phase.NO_PERIOD: "dinerBetween",
    Phase.IDLE: "dinerWelcome",
    Phase.ARMED: "dinerDue",
    Phase.CANDIDATE: "dinerDue",
    Phase.AWAITING: "dinerPhone",
    Phase.APPROVED: "dinerPaid",
    Phase.CLEARING: "dinerTakeMeal",
    Phase.DECLINED: "dinerDeclined",
}


def sentence(view: CounterView, language: Language) -> str:
    """The one sentence below it: a fresh hint first, then what the page has to say."""
    hint = _fit(view.hint.code)
    if is_hint(view):
        data = {"left": view.factor_tries_left, "at": view.paid_label, **view.hint.data}
        return text(hint, data, language)
    return _page_sentence(view, language)


def _page_sentence(view: CounterView, language: Language) -> str:
    phase, given, change = view.phase, view.given_amount, view.change_amount
    data = {"at": view.paid_label, "given_amount": given, "change_amount": change}
    code = ""
    if is_scanned(view):
        code = _SCANS[_scan_headline(view)]
    elif _counts_change(view):
        code = "diners.cash_given"
    elif phase is Phase.ARMED and view.change_amount:
        code = "diners.cash_back"
    elif phase in _CLOSED:
        code = _CLOSED[phase][1]
    elif phase is Phase.TOP_UP:
        code = page_of(view.top_up).sentence
    elif phase is Phase.IDLE:
        code = "diners.welcome" if view.is_standing else "diners.counting"
    elif phase in (Phase.ARMED, Phase.CANDIDATE):
        code = view.outline.advice if view.outline else ""
    elif phase is Phase.CONFIRM:
        code = _confirm_sentence(view)
    elif phase is Phase.SECOND_FACTOR:
        code = "diners.be_sure"
    elif page(view) == "leave":
        code = "counters.take_away" if view.credential != "face" else ""
    elif phase is Phase.REVERSED:
        code = "diners.returned" if _is_returned(view) else ""
    elif phase is Phase.DECLINED:
        code = _fit(view.code)
    return text(code, data, language) if code else ""


_SCANS: Final = {
    "dinerScan": "diners.scan",
    "dinerScanSoon": "diners.one_moment",
    "dinerScanCut": "diners.scan_cut",
}


def _counts_change(view: CounterView) -> bool:
    """Whether the change of the diner before is still being counted, and nobody is next."""
    return view.phase is Phase.IDLE and view.change_amount > 0


def _confirm_sentence(view: CounterView) -> str:
    if view.paid_label:
        return "diners.paid_before"
    return "" if view.may_diner_confirm else "diners.cashier_confirms"


def _fit(code: str) -> str:
    """The sentence for a code that may be read by everybody in line."""
    if code in _PHRASES:
        return _PHRASES[code]
    return code if is_known(code) and code.startswith(_PUBLIC) else "diners.other_way"


def role(view: CounterView) -> str:
    """The meaning that colours the page: calm, ask, good, warn, back or closed."""
    if view.phase is Phase.TOP_UP:
        return page_of(view.top_up).role
    if view.phase in (Phase.CONFIRM, Phase.SECOND_FACTOR, Phase.AWAITING) or is_scanned(view):
        return "ask"
    roles = {"paid": "good", "declined": "warn", "back": "back", "closed": "closed"}
    return roles.get(page(view), "calm")


def amount_text(view: CounterView, _language: Language) -> str:
    """What is due, or what it was; "" while prices are posted per category."""
    if view.phase is Phase.TOP_UP:
        return format_amount(view.top_up.amount) if view.top_up and view.top_up.amount else ""
    if _counts_change(view):
        return format_amount(view.change_amount)
    if view.showing.amount:
        return format_amount(view.showing.amount)
    if view.shown_amount or (view.shown_amount is not None and view.phase is not Phase.IDLE):
        return format_amount(view.shown_amount)
    amounts = {posted.amount for posted in view.posted}
    is_one = len(amounts) == 1 and page(view) in ("due", "welcome")
    return format_amount(amounts.pop()) if is_one else ""


def is_hint(view: CounterView) -> bool:
    """Whether the sentence is an answer to what was just tried."""
    return view.hint.code.startswith(_HINTS.get(view.phase, ()))


_ANSWERS: Final = (
    "counters.not_me", "counters.not_recognised", "counters.code_left", "counters.card_left",
    "counters.timed_out",
    "counters.amount_changed", "cards.", "codes.", "faces.", "factors.", "people.", "pins.",
    "tenders.", "limits.by_number", "consents.", "channels.",
)  # fmt: skip
_HINTS: Final[Mapping[Phase, tuple[str, ...]]] = {
    Phase.ARMED: _ANSWERS,
    Phase.CANDIDATE: ("faces.",),
    Phase.SECOND_FACTOR: ("factors.wrong",),
    Phase.CLEARING: ("counters.take_away", "counters.code_left", "counters.card_left"),
}
"""Beginnings of the hints a phase has to show: a sentence outlives the phase it was said in, and
"nothing was charged" must never stand under a tick.
"""


def _may_confirm(view: CounterView) -> bool:
    is_top_up = view.phase is Phase.TOP_UP and page(view) == "confirm"
    return view.may_diner_confirm or is_top_up


def _name(view: CounterView) -> str:
    who = view.top_up.who if view.phase is Phase.TOP_UP and view.top_up else None
    return who.masked_name if who else view.masked_name


def _may_undo(view: CounterView) -> bool:
    return view.diner_undo_left_s > 0 and view.payment_id is not None


def _takes_number(view: CounterView) -> bool:
    return view.phase is Phase.ARMED and "number" in view.tenders


DINER: Final[dict[str, Shown]] = {
    "dinerPage": Shown(str, lambda v, _: page(v), "closed"),
    "dinerRole": Shown(str, lambda v, _: role(v), "closed"),
    "dinerHeadline": Shown(str, headline, ""),
    "dinerSentence": Shown(str, sentence, ""),
    "dinerAmountText": Shown(str, amount_text, ""),
    "dinerName": Shown(str, lambda v, _: _name(v), ""),
    "dinerIsHint": Shown(bool, lambda v, _: is_hint(v), empty=False),
    "dinerMayConfirm": Shown(bool, lambda v, _: _may_confirm(v), empty=False),
    "dinerMayUndo": Shown(bool, lambda v, _: _may_undo(v), empty=False),
    "dinerTakesNumber": Shown(bool, lambda v, _: _takes_number(v), empty=False),
    "dinerPriceCount": Shown(int, lambda v, lang: len(price_rows(v, lang)), 0),
    "dinerTakesFace": Shown(bool, lambda v, _: "face" in v.tenders, empty=False),
}
"""The diner's values, by the name QML knows them."""
