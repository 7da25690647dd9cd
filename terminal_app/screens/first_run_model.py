"""A new terminal's view as properties for QML, and what fingers do there.

One table of values and one list, like `view_model` of the counter: no rules live here.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from PySide6.QtCore import Property, QObject, Signal, Slot

from devices.ports import HealthState
from domain.messages import Language, text
from terminal_app.counter.first_run import (
    Check,
    CheckName,
    ChecksDone,
    CheckSkipped,
    CheckState,
    CodeTyped,
    FirstRunView,
    PrintTried,
    SoundHeard,
    SoundTried,
)
from terminal_app.screens.line_model import LineModel
from terminal_app.screens.words import word
from terminal_app.screens.words.spoken import speak, spoken

CHECKS: Final = ("key", "name", "icon", "state", "stateText", "detail")
_ICONS: Final[Mapping[CheckName, str]] = {
    CheckName.SCAN: "scanner",
    CheckName.TAP: "card",
    CheckName.LOOK: "face",
    CheckName.PRINT: "printer",
    CheckName.SOUND: "speaker",
}
_KINDS: Final[Mapping[CheckName, frozenset[str]]] = {
    CheckName.SCAN: frozenset({"scanner", "camera"}),
    CheckName.TAP: frozenset({"card_reader"}),
    CheckName.LOOK: frozenset({"camera", "face"}),
    CheckName.PRINT: frozenset({"printer"}),
    CheckName.SOUND: frozenset({"speaker"}),
}
_DEVICES: Final[Mapping[CheckName, str]] = {
    CheckName.SCAN: "scanner",
    CheckName.TAP: "card_reader",
    CheckName.LOOK: "camera",
    CheckName.PRINT: "printer",
    CheckName.SOUND: "speaker",
}
_DONE: Final = frozenset({CheckState.OK, CheckState.SKIPPED})
Read = Callable[[FirstRunView, Language], Any]


def _refusal(view: FirstRunView, language: Language) -> str:
    hint = view.refusal
    return text(hint.code, hint.data, language) if hint.code else ""


_VALUES: Final[Mapping[str, tuple[Any, Read, Any]]] = {
    "stage": (str, lambda v, _: v.stage.value, "code"),
    "server": (str, lambda v, _: v.server, ""),
    "refusalText": (str, _refusal, ""),
    "merchantName": (str, lambda v, _: v.merchant_name, ""),
    "storeName": (str, lambda v, _: v.store_name, ""),
    "terminalName": (str, lambda v, _: v.terminal_name, ""),
    "openCount": (int, lambda v, _: sum(one.state not in _DONE for one in v.checks), 0),
}


def check_rows(view: FirstRunView, language: Language) -> list[dict[str, Any]]:
    """One row per check. A device that is not there says so, while its check still waits."""
    return [_check_row(view, check, language) for check in view.checks]


def _check_row(view: FirstRunView, check: Check, language: Language) -> dict[str, Any]:
    known = [one for one in view.devices if one.kind in _KINDS[check.name]]
    lost = [one for one in known if one.state is HealthState.LOST]
    # Without its model the camera sees nobody; any other device stands in for one that is away
    is_blind = any(one.kind == "face" for one in lost)
    is_gone = is_blind or (bool(known) and len(lost) == len(known))
    is_away = check.state is CheckState.WAITING and is_gone
    state = "lost" if is_away else check.state.value
    code = check.code or (lost[-1].error_code if is_away else "")
    device = word(_DEVICES[check.name], language)
    return {
        "key": check.name.value,
        "name": word(f"check_{check.name.value}", language),
        "icon": _ICONS[check.name],
        "state": state,
        "stateText": word(f"check_{state}", language),
        "detail": text(code, {"name": device}, language) if code else "",
    }


class FirstRunActions(QObject):
    """`view.act` in QML. `post` is `FirstRun.post`."""

    def __init__(self, post: Callable[[Any], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._post = post

    @Slot(str, str)
    def bind(self, code: str, server: str) -> None:
        """The code by hand."""
        self._post(CodeTyped(code.strip(), server.strip()))

    @Slot()
    def tryPrint(self) -> None:
        """Print a page."""
        self._post(PrintTried())

    @Slot()
    def trySound(self) -> None:
        """Play a tone."""
        self._post(SoundTried())

    @Slot()
    def heard(self) -> None:
        """It was heard."""
        self._post(SoundHeard())

    @Slot(str)
    def skip(self, name: str) -> None:
        """Leave a device out."""
        self._post(CheckSkipped(CheckName(name)))

    @Slot()
    def done(self) -> None:
        """Go on to the counter."""
        self._post(ChecksDone())


def _value(name: str) -> Callable[[Any], Any]:
    return lambda self: self._values[name]


class FirstRunModel(QObject):
    """The screen's properties: an entry of `_VALUES` each, the checks, words and language.

    `scanners` are the names of all devices that read codes, a camera's too.
    """

    changed = Signal()
    languageChanged = Signal()
    closeAsked = Signal()

    # Qt wants properties and their signal in one class: a notify signal of a base class crashes QML
    for _name, (_kind, _, _) in _VALUES.items():
        locals()[_name] = Property(_kind, _value(_name), notify=changed)
    checks = Property(QObject, lambda self: self._checks, constant=True)
    act = Property(QObject, lambda self: self._act, constant=True)
    isDesk = Property(bool, lambda self: self._is_desk, constant=True)
    hasScanner = Property(bool, lambda self: self._has_scanner, constant=True)
    mayScan = Property(bool, lambda self: self._may_scan, notify=changed)
    words = Property(QObject, lambda self: self._words, constant=True)
    language = Property(str, lambda self: self._language, notify=languageChanged)

    def __init__(
        self,
        act: FirstRunActions,
        language: Language = "zh",
        *,
        is_desk: bool = False,
        scanners: frozenset[str] = frozenset(),
        has_scanner: bool = True,
    ) -> None:
        super().__init__()
        self._act, self._is_desk, self._has_scanner = act, is_desk, has_scanner
        self._scanners, self._may_scan = scanners, bool(scanners)
        act.setParent(self)
        self._language: Language = language
        self._words = spoken(language, self)
        self._view: FirstRunView | None = None
        self._values: dict[str, Any] = {name: empty for name, (_, _, empty) in _VALUES.items()}
        self._checks = LineModel(CHECKS, "key", self)

    def show(self, view: FirstRunView) -> None:
        """Show a view; on the GUI thread."""
        self._view = view
        self._refresh()

    def _refresh(self) -> None:
        if self._view is None:
            return
        view, language = self._view, self._language
        self._values = {name: read(view, language) for name, (_, read, _) in _VALUES.items()}
        lost = {one.device for one in view.devices if one.state is HealthState.LOST}
        self._may_scan = bool(self._scanners - lost)
        self._checks.put(check_rows(view, language))
        self.changed.emit()

    @Slot()
    def switchLanguage(self) -> None:
        """The other language."""
        self._language = "zh" if self._language == "en" else "en"
        speak(self._words, self._language)
        self.languageChanged.emit()
        self._refresh()
