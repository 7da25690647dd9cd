"""The enrolment desk's view as properties for QML: names, words and rows, no rules.

Like `view_model` of the counter: one model per window, so that clerk and person may read different
languages. A window of the person's side follows the language they choose for the text.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from PySide6.QtCore import Property, QObject, QRectF, Signal, Slot

from domain.messages import Language, text
from terminal_app.enrolment.machine import Problem
from terminal_app.enrolment.view import EnrolmentView
from terminal_app.screens.line_model import LineModel
from terminal_app.screens.station_actions import StationActions
from terminal_app.screens.words import word
from terminal_app.screens.words.spoken import speak, spoken

Read = Callable[[EnrolmentView, Language], Any]
Row = dict[str, Any]
STANDING_KINDS: Final[Mapping[str, str]] = {
    "none": "plain",
    "refused": "warn",
    "consented": "calm",
    "enrolled": "good",
    "withdrawn": "warn",
    "again": "warn",
}
_STRINGS: Any = "QStringList"
_MAP: Any = "QVariantMap"  # Qt knows them by these names only


def _said(problem: Problem, language: Language) -> str:
    return text(problem.code, problem.data, language) if problem.code else ""


def _standing(standing: str, come_again: str, language: Language) -> Row:
    name = "again" if come_again and standing == "enrolled" else standing
    return {
        "standing": name,
        "standingText": word(f"standing_{name}", language),
        "standingKind": STANDING_KINDS[name],
    }


def _person(view: EnrolmentView, language: Language) -> Row:
    person = view.person
    if person is None:
        return {}
    come_again = text(f"standings.{person.come_again}", {}, language) if person.come_again else ""
    return {
        "name": person.name,
        "number": person.number,
        "group": person.group,
        "comeAgainText": come_again,
        "hasConsent": person.consent_id is not None,
        **_standing(person.standing, person.come_again, language),
    }


def _shown_text(view: EnrolmentView, _language: Language) -> Row:
    shown = view.text
    if shown is None:
        return {}
    return {
        "title": shown.title,
        "version": shown.version,
        "language": shown.language,
        "points": list(shown.points),
        "photograph": shown.photograph,
        "agree": shown.agree,
        "guardian": shown.guardian,
    }


def _giver(view: EnrolmentView, _language: Language) -> Row:
    giver = view.giver
    return {
        "isGuardian": giver.given_by == "guardian",
        "name": giver.name,
        "relation": giver.relation,
        "isUnder14": giver.is_under_14,
        "keepsPhoto": giver.keeps_photo,
        "byCode": giver.by_code,
    }


def _posing(view: EnrolmentView, language: Language) -> Row:
    posing = view.posing
    if posing is None:
        return {}
    return {
        "step": posing.step.value if posing.step else "",
        "hintText": text(posing.hint, {}, language) if posing.hint else "",
        "isAdvice": posing.hint.startswith("faces.") and posing.hint != "faces.hold_still",
        "outline": QRectF(*posing.outline) if posing.outline else QRectF(),
        "stillShare": posing.still_share,
        "hasFace": posing.outline is not None,
        "triesLeft": posing.tries_left,
        "secondsLeft": -1 if posing.seconds_left is None else posing.seconds_left,
    }


def _people(view: EnrolmentView, language: Language) -> list[Row]:
    return [
        {
            "key": str(one.person_id),
            "name": one.name,
            "number": one.number,
            "isFit": one.is_fit,
            **_standing(one.standing, one.come_again, language),
        }
        for one in view.people
    ]


def _poses(view: EnrolmentView, language: Language) -> list[Row]:
    posing = view.posing
    if posing is None:
        return []
    return [
        {
            "key": f"{place}{step.value}",
            "step": step.value,
            "name": word(f"pose_{step.value}", language),
            "isDone": place < posing.done,
            "isNow": place == posing.done,
        }
        for place, step in enumerate(posing.steps)
    ]


def _alike(view: EnrolmentView, _language: Language) -> list[Row]:
    return [
        {
            "key": one.number,
            "name": one.masked_name,
            "number": one.number,
            "isDeclared": one.is_declared,
        }
        for one in view.alike
    ]


def _counters(view: EnrolmentView, language: Language) -> list[Row]:
    if view.withdrawal is None:
        return []
    return [
        {
            "key": one.name,
            "name": one.name,
            "how": one.how,
            "howText": word(f"counter_{one.how}", language),
        }
        for one in view.withdrawal.counters
    ]


VALUES: Final[Mapping[str, tuple[Any, Read, Any]]] = {
    "phase": (str, lambda v, _: v.phase.value, "locked"),
    "storeName": (str, lambda v, _: v.store_name, ""),
    "terminalName": (str, lambda v, _: v.terminal_name, ""),
    "operatorName": (str, lambda v, _: v.operator_name, ""),
    "pinLockedS": (int, lambda v, _: v.pin_locked_s, 0),
    "groups": (_STRINGS, lambda v, _: list(v.groups), []),
    "group": (str, lambda v, _: v.group or "", ""),
    "hasGroup": (bool, lambda v, _: v.group is not None, False),
    "peopleCount": (int, lambda v, _: len(v.people), 0),
    "enrolledCount": (int, lambda v, _: v.enrolled_count, 0),
    "person": (_MAP, _person, {}),
    "mayEnrol": (bool, lambda v, _: v.may_enrol, False),
    "mayRefuse": (bool, lambda v, _: v.may_refuse, False),
    "mayWithdraw": (bool, lambda v, _: v.may_withdraw, False),
    "text": (_MAP, _shown_text, {}),
    "giver": (_MAP, _giver, {}),
    "twin": (str, lambda v, _: v.twin, ""),
    "twinNumber": (str, lambda v, _: v.twin_number, ""),
    "posing": (_MAP, _posing, {}),
    "isSaving": (bool, lambda v, _: v.posing is not None and v.posing.step is None, False),
    "alikeCount": (int, lambda v, _: len(v.alike), 0),
    "isGone": (bool, lambda v, _: v.withdrawal is not None and v.withdrawal.is_gone, False),
    "isBusy": (bool, lambda v, _: v.is_busy, False),
    "problemText": (str, lambda v, lang: _said(v.problem, lang), ""),
    "deviceText": (str, lambda v, lang: _said(Problem(v.device), lang), ""),
}
MakeRows = Callable[[EnrolmentView, Language], list[Row]]
LISTS: Final[Mapping[str, tuple[tuple[str, ...], MakeRows]]] = {
    "people": (
        ("key", "name", "number", "isFit", "standing", "standingText", "standingKind"), _people,
    ),
    "poses": (("key", "step", "name", "isDone", "isNow"), _poses),
    "alike": (("key", "name", "number", "isDeclared"), _alike),
    "counters": (("key", "name", "how", "howText"), _counters),
}  # fmt: skip


def _value(name: str) -> Callable[[Any], Any]:
    return lambda self: self._values[name]


def _list(name: str) -> Callable[[Any], LineModel]:
    return lambda self: self._lists[name]


class StationModel(QObject):
    """One window's properties: an entry of `VALUES` or `LISTS` each, words and language."""

    changed = Signal()
    languageChanged = Signal()
    closeAsked = Signal()

    # Qt wants properties and their signal in one class: a notify signal of a base class crashes QML
    for _name, (_kind, _, _) in VALUES.items():
        locals()[_name] = Property(_kind, _value(_name), notify=changed)
    for _name in LISTS:
        locals()[_name] = Property(QObject, _list(_name), constant=True)
    act = Property(QObject, lambda self: self._act, constant=True)
    words = Property(QObject, lambda self: self._words, constant=True)
    language = Property(str, lambda self: self._language, notify=languageChanged)

    def __init__(
        self, act: StationActions, language: Language = "zh", *, is_following: bool = False
    ) -> None:
        super().__init__()
        self._act, self._is_following = act, is_following
        act.setParent(self)
        self._language: Language = language
        self._words = spoken(language, self)
        self._view: EnrolmentView | None = None
        self._values: dict[str, Any] = {name: empty for name, (_, _, empty) in VALUES.items()}
        self._lists = {name: LineModel(roles, "key", self) for name, (roles, _) in LISTS.items()}

    def show(self, view: EnrolmentView) -> None:
        """Show a view; on the GUI thread."""
        before, self._view = self._view, view
        is_new = before is None or before.language != view.language
        if self._is_following and is_new and view.language != self._language:
            self._speak(view.language)
        self._refresh()

    def _refresh(self) -> None:
        if self._view is None:
            return
        view, language = self._view, self._language
        self._values = {name: read(view, language) for name, (_, read, _) in VALUES.items()}
        for name, (_, make) in LISTS.items():
            self._lists[name].put(make(view, language))
        self.changed.emit()

    def _speak(self, language: Language) -> None:
        self._language = language
        speak(self._words, language)
        self.languageChanged.emit()

    @Slot()
    def switchLanguage(self) -> None:
        """The other language."""
        self._speak("zh" if self._language == "en" else "en")
        self._refresh()
