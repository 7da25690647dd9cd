"""What keyboards type while a window of the kiosk is in front: scanners, foot switch, people.

To install it, once, in the GUI thread, after the application and the devices were made::

    switch_input_method_off(os.environ)                     # before QGuiApplication
    keys = WindowKeys(terminal.hardware.supervised, parent=app)
    app.installEventFilter(keys)

It looks at every key before any window or item does, whatever has the focus. Codes go to the
profile's `window_scanner`, the foot switch to its `window_trigger`; what a person typed reaches its
window at most `gap_s` later and in its order, without a visible delay. Keys that type no character
(arrows, F keys) pass at once, so that shortcuts for them work; do not make shortcuts of letters,
digits or Enter: handle those keys in the windows. Without such devices the filter does nothing.

A keypad that the counter grabbed (`hid_keypad`) types into no window by itself: `KeypadKeys`
presses its keys in the window of its side, for a terminal that hands it every `Keyed`.
"""

import time
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWindow

from devices.ports import Key, Keyed, Side
from devices.transport.burst import GAP_S, Burst, Code, Replay
from devices.transport.window import TypedCodes, TypedKey

LATE_S: Final = 0.02
"""A timer so much behind its time says that the program was busy: keys may still be waiting."""
_COMMANDS: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_TYPES: Final = frozenset({QEvent.Type.KeyPress, QEvent.Type.KeyRelease})

_QT_KEYS: Final = {
    Key.PLUS: (Qt.Key.Key_Plus, "+"),
    Key.TIMES: (Qt.Key.Key_Asterisk, "*"),
    Key.MINUS: (Qt.Key.Key_Minus, "-"),
    Key.SLASH: (Qt.Key.Key_Slash, "/"),
    Key.POINT: (Qt.Key.Key_Period, "."),
    Key.ENTER: (Qt.Key.Key_Enter, "\r"),
    Key.BACKSPACE: (Qt.Key.Key_Backspace, "\b"),
    Key.CLEAR: (Qt.Key.Key_Escape, "\x1b"),
}


@dataclass(frozen=True, slots=True)
class _Held:
    """A key press taken from its window, to be given back or not."""

    window: QWindow
    event: QKeyEvent


class WindowKeys(QObject):
    """An event filter for the whole application. Belongs to the GUI thread."""

    def __init__(
        self,
        devices: Iterable[object],
        monotonic: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        listed = tuple(devices)
        self._monotonic = monotonic
        self._scanner = next((one for one in listed if isinstance(one, TypedCodes)), None)
        self._triggers = {_key_named(one.key): one for one in listed if isinstance(one, TypedKey)}
        gap_s = self._scanner.gap_s if self._scanner else GAP_S
        length_min = self._scanner.length_min if self._scanner else 6
        self._burst: Burst[_Held] = Burst(gap_s, length_min)
        self._taken: set[int] = set()
        self._is_replaying = False
        self._due_at = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)
        for fed in self._fed():
            fed.feed.attach()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what belongs to a device; True when the event goes no further."""
        if self._is_replaying or not (self._scanner or self._triggers):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            # Or a shortcut would have the key before it is known whose it is
            if isinstance(event, QKeyEvent) and self._is_wanted(event):
                event.accept()
                return True
            return False
        if event.type() not in _TYPES or not isinstance(event, QKeyEvent):
            return False
        # An event comes again for the item in the window: once is enough
        if not isinstance(watched, QWindow):
            return False
        if event.type() == QEvent.Type.KeyRelease:
            return self._released(event)
        return self._pressed(watched, event)

    def stop(self) -> None:
        """Give back what is held and tell the devices that no window feeds them any more."""
        self._timer.stop()
        self._decide(self._burst.settle())
        for fed in self._fed():
            fed.feed.detach()

    # --- one key --------------------------------------------------------------------------

    def _pressed(self, window: QWindow, event: QKeyEvent) -> bool:
        trigger = self._triggers.get(event.key())
        if trigger is not None:
            if not event.isAutoRepeat():
                trigger.feed.put(None)
            self._taken.add(event.key())
            return True
        if not self._is_wanted(event):
            # A key that types nothing: what was typed before it comes first
            if event.key() not in _MODIFIERS:
                self._decide(self._burst.settle())
            return False
        self._taken.add(event.key())
        held = _Held(window, _copied(event))
        self._decide(
            self._burst.feed(
                self._typed_at(event), event.text(), held, is_repeat=event.isAutoRepeat()
            )
        )
        self._wait()
        return True

    def _released(self, event: QKeyEvent) -> bool:
        if event.key() not in self._taken:
            return False
        if not event.isAutoRepeat():
            self._taken.discard(event.key())
        return True

    def _is_wanted(self, event: QKeyEvent) -> bool:
        """Whether it could be a scanner's: a character, or a control character within a code."""
        if event.key() in self._triggers:
            return True
        if self._scanner is None or not event.text():
            return False
        is_command = bool(event.modifiers() & _COMMANDS)
        if is_command or not event.text().isprintable():
            is_suffix = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
            return (is_suffix and not is_command) or self._burst.is_holding
        return True

    def _typed_at(self, event: QKeyEvent) -> float:
        """When the key went down, by the window system's clock where it has one."""
        return event.timestamp() / 1000 if event.timestamp() else self._monotonic()

    # --- deciding -------------------------------------------------------------------------

    def _wait(self) -> None:
        if self._burst.is_holding:
            self._due_at = self._monotonic() + self._burst.gap_s
            self._timer.start(int(self._burst.gap_s * 1000) + 1)

    def _look(self) -> None:
        if self._monotonic() - self._due_at > LATE_S:
            self._wait()
            return
        self._decide(self._burst.settle())

    def _decide(self, decided: Iterator[Code | Replay[_Held]]) -> None:
        for one in list(decided):
            if isinstance(one, Code):
                if self._scanner is not None:
                    self._scanner.feed.put(one)
            else:
                self._replay(one)

    def _replay(self, typed: Replay[_Held]) -> None:
        self._is_replaying = True
        try:
            for held in typed.keys:
                QCoreApplication.sendEvent(held.window, held.event)
                QCoreApplication.sendEvent(held.window, _copied(held.event, is_release=True))
        finally:
            self._is_replaying = False

    def _fed(self) -> list[Any]:
        return [*([self._scanner] if self._scanner else []), *self._triggers.values()]


_MODIFIERS: Final = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_CapsLock}
)


class KeypadKeys(QObject):
    """Presses, in the window of its side, what a grabbed keypad says. Belongs to the GUI thread.

    `put` may be called on any thread, by the bus of the keypad. `window_of` gives the window of a
    side, None where there is none: then the key is nobody's.
    """

    _arrived = Signal(object)

    def __init__(
        self, window_of: Callable[[Side], QWindow | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._window_of = window_of
        self._arrived.connect(self._press, Qt.ConnectionType.QueuedConnection)

    def put(self, keyed: Keyed) -> None:
        """Take one key; returns at once."""
        self._arrived.emit(keyed)

    def _press(self, keyed: Keyed) -> None:
        window = self._window_of(keyed.side)
        if window is not None:
            press_key(keyed, window)


def press_key(keyed: Keyed, window: QWindow) -> None:
    """Press and let go, in `window`, the key of a keypad that was grabbed."""
    digit = keyed.key.value if keyed.key.value.isdigit() else ""
    code, typed = (Qt.Key(ord(digit)), digit) if digit else _QT_KEYS[keyed.key]
    modifiers = Qt.KeyboardModifier.KeypadModifier
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QCoreApplication.sendEvent(window, QKeyEvent(kind, code, modifiers, typed))


def switch_input_method_off(environment: MutableMapping[str, str]) -> None:
    """Keep an input method from eating or joining what a scanner types; before QGuiApplication."""
    environment["QT_IM_MODULE"] = "none"
    environment.pop("QT_IM_MODULES", None)
    environment["XMODIFIERS"] = "@im=none"


def _copied(event: QKeyEvent, *, is_release: bool = False) -> QKeyEvent:
    kind = QEvent.Type.KeyRelease if is_release else event.type()
    copied = QKeyEvent(
        kind,
        event.key(),
        event.modifiers(),
        event.nativeScanCode(),
        event.nativeVirtualKey(),
        event.nativeModifiers(),
        event.text(),
        event.isAutoRepeat() and not is_release,
        event.count(),
    )
    copied.setTimestamp(event.timestamp())
    return copied


def _key_named(name: str) -> int:
    if f"Key_{name}" not in Qt.Key.__members__:
        raise ValueError(f"key = {name!r}; allowed: Qt's name of one key, as F13 or Pause")
    return Qt.Key[f"Key_{name}"].value
