"""The counter's view as properties for QML: no rules, only names, words and written amounts.

One `ViewModel` serves one screen, so that diner and cashier may read different languages. `show`
takes a `CounterView` on the GUI thread; `Inlet` brings it there from the counter's. Only what
changed is told, a property at a time: an outline that moves must not have everything read anew.
Amounts of money are given written out (`…Text`) and, where a form reckons with them, in fen.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from PySide6.QtCore import Property, QObject, Qt, Signal, Slot

from domain.messages import Language
from terminal_app.counter.view import CounterView
from terminal_app.screens import rows
from terminal_app.screens.actions import Actions
from terminal_app.screens.diner import DINER
from terminal_app.screens.finding import FINDING
from terminal_app.screens.line_model import LineModel
from terminal_app.screens.showing import SHOWING
from terminal_app.screens.shown import SHOWN
from terminal_app.screens.words.spoken import speak, spoken

_VALUES: Final = {**SHOWN, **DINER, **SHOWING, **FINDING}
_LISTS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[CounterView, Language], Any]]]] = {
    "strip": (rows.STRIP, rows.strip_rows),
    "cart": (rows.CART, rows.cart_rows),
    "stages": (rows.STAGES, rows.stage_rows),
    "topUps": (rows.TOP_UPS, rows.top_up_rows),
    "meals": (rows.MEALS, rows.meal_rows),
    "menu": (rows.ITEMS, rows.item_rows),
    "devices": (rows.DEVICES, rows.device_rows),
    "prices": (rows.PRICES, rows.price_rows),
    "questions": (rows.QUESTIONS, rows.question_rows),
    "settled": (rows.SETTLED, rows.settled_rows),
    "tallies": (rows.TALLIES, rows.tally_rows),
}


class Inlet(QObject):
    """Takes views on any thread and gives the newest to the GUI thread; older ones are skipped.

    A counter that changes faster than the screen is painted must not fill the event queue.
    """

    _came = Signal()

    def __init__(self, show: Callable[[Any], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show = show
        self._turn = threading.Lock()
        self._newest: Any = None
        self._came.connect(self._give, Qt.ConnectionType.QueuedConnection)

    def put(self, view: Any) -> None:
        """Hand over a view, from any thread; returns at once."""
        with self._turn:
            is_first, self._newest = self._newest is None, view
        if is_first:
            self._came.emit()

    @Slot()
    def _give(self) -> None:
        with self._turn:
            view, self._newest = self._newest, None
        if view is not None:
            self._show(view)


def _value(name: str) -> Callable[[Any], Any]:
    return lambda self: self._values[name]


def _changed(name: str) -> str:
    return f"{name}Changed"


def _list(name: str) -> Callable[[Any], LineModel]:
    return lambda self: self._lists[name]


class ViewModel(QObject):
    """One screen's properties: an entry of `_VALUES` or a list each, besides words and language."""

    changed = Signal()
    languageChanged = Signal()
    toned = Signal(str)
    closeAsked = Signal()

    # Qt wants properties and their signal in one class: a notify signal of a base class crashes QML
    for _name, _shown in _VALUES.items():
        _told = locals()[_changed(_name)] = Signal()
        locals()[_name] = Property(_shown.kind, _value(_name), notify=_told)
    for _name in _LISTS:
        locals()[_name] = Property(QObject, _list(_name), constant=True)
    act = Property(QObject, lambda self: self._act, constant=True)
    words = Property(QObject, lambda self: self._words, constant=True)
    language = Property(str, lambda self: self._language, notify=languageChanged)

    def __init__(
        self, act: Actions, language: Language = "zh", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._act = act
        act.setParent(self)
        self._language: Language = language
        self._words = spoken(language, self)
        self._view: CounterView | None = None
        self._values: dict[str, Any] = {name: shown.empty for name, shown in _VALUES.items()}
        self._lists = {name: LineModel(roles, "key", self) for name, (roles, _) in _LISTS.items()}
        self._tones = 0

    # --- from the counter -----------------------------------------------------------------

    def show(self, view: CounterView) -> None:
        """Show a view; on the GUI thread. A tone that is new is told once."""
        self._view = view
        self._refresh()
        if view.tone is not None and view.tone_number > self._tones:
            self.toned.emit(view.tone.value)
        self._tones = view.tone_number

    def _refresh(self) -> None:
        if self._view is None:
            return
        before, self._values = (
            self._values,
            {name: shown.read(self._view, self._language) for name, shown in _VALUES.items()},
        )
        for name, (_, make) in _LISTS.items():
            self._lists[name].put(make(self._view, self._language))
        for name, value in self._values.items():
            if value != before[name]:
                getattr(self, _changed(name)).emit()
        self.changed.emit()

    def list(self, name: str) -> LineModel:
        """One of the lists, for tests."""
        return self._lists[name]

    # --- the language ---------------------------------------------------------------------

    @Slot(str)
    def setLanguage(self, language: str) -> None:
        """Speak this language from now on; anything but "en" is Chinese."""
        self._language = "en" if language == "en" else "zh"
        speak(self._words, self._language)
        self.languageChanged.emit()
        self._refresh()

    @Slot()
    def switchLanguage(self) -> None:
        """The other language."""
        self.setLanguage("zh" if self._language == "en" else "en")
