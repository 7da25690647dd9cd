"""The bench's view as properties for QML: one map of values and one of words, in a language."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from PySide6.QtCore import Property, QObject, Qt, Signal, Slot

from domain.messages import Language
from domain.money import format_amount
from terminal_app.screens.bench.view import GUIDE_STEPS, BenchView, Happening, MoneyLine
from terminal_app.screens.bench.words import WORDS, blank, word

Act = Callable[[str, str], None]
_MAP: Any = "QVariantMap"  # Qt knows it by this name only
_STANDING_KINDS: Final = {"agree": "good", "waiting": "warn", "open": "warn", "differ": "bad"}


class BenchModel(QObject):
    """`bench` in QML. `put` may be called on any thread; all else belongs to the GUI thread."""

    changed = Signal()
    languageChanged = Signal()
    closeAsked = Signal()
    _came = Signal(object)

    def __init__(self, act: Act, language: Language = "zh", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._act = act
        self._language: Language = language
        self._view = BenchView()
        self._state = shown(self._view, language)
        self._came.connect(self._take, Qt.ConnectionType.QueuedConnection)

    state = Property(_MAP, lambda self: self._state, notify=changed)
    words = Property(_MAP, lambda self: words_in(self._language), notify=languageChanged)
    language = Property(str, lambda self: self._language, notify=languageChanged)

    def put(self, view: BenchView) -> None:
        """Hand a view over, from any thread."""
        self._came.emit(view)

    @Slot(object)
    def _take(self, view: BenchView) -> None:
        self.show(view)

    def show(self, view: BenchView) -> None:
        """Show a view; on the GUI thread."""
        self._view = view
        self._state = shown(view, self._language)
        self.changed.emit()

    @Slot(str)
    @Slot(str, str)
    def act(self, name: str, value: str = "") -> None:
        """A button was pressed."""
        self._act(name, value)

    @Slot()
    def switchLanguage(self) -> None:
        """The other language."""
        self._language = "zh" if self._language == "en" else "en"
        self._state = shown(self._view, self._language)
        self.languageChanged.emit()
        self.changed.emit()


def words_in(language: Language) -> dict[str, str]:
    """Every word of the bench in one language."""
    return {name: one[language] for name, one in WORDS.items()}


def shown(view: BenchView, language: Language) -> dict[str, Any]:
    """Everything of a view in a language: amounts written out, codes as sentences."""
    return {
        **asdict(view),
        "guideSteps": GUIDE_STEPS,
        "noteText": word(view.note, language) if view.note else "",
        "doingText": word(view.doing, language),
        "guideText": word(f"guide{view.guide}", language) if view.guide else "",
        "balanceText": format_amount(view.holder.balance_amount),
        "categoryText": word(view.holder.category, language) if view.holder.category else "",
        "money": _money(view.money, language, is_off=not view.is_power_on),
        "happened": [_line(one, language) for one in view.happened],
        # A tuple is no list to QML
        "webcam": {**asdict(view.webcam), "points": list(view.webcam.points)},
        "webcamHint": word(view.webcam.hint, language) if view.webcam.hint else "",
    }


def _money(line: MoneyLine, language: Language, *, is_off: bool) -> dict[str, Any]:
    count = line.differing_count if line.standing == "differ" else line.waiting_count
    said = word(line.standing, language, str(count))
    return {
        "counter": format_amount(line.counter_amount),
        "books": format_amount(line.books_amount),
        "standing": line.standing,
        "kind": _STANDING_KINDS[line.standing],
        "text": f"{said} · {word('offNow', language)}" if is_off else said,
    }


def _line(one: Happening, language: Language) -> dict[str, Any]:
    said = word(one.word, language, blank(one.amount))
    return {"clock": one.clock, "kind": one.kind, "text": said}
