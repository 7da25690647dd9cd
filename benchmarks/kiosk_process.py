"""`fanpiao terminal` with its windows, and a probe beside the windows that says what it measures.

python -m benchmarks.kiosk_process --profile FILE --state DIR --framed

Standard input: one JSON object per line, as in `terminal_app.headless`, and
    {"scene": "<base64 of a msgpack Scene>"}   what the camera sees from now on
    {"type": "6"}                              a key pressed in the cashier's window
    {"report": "ticks"}                        how late the 10 ms ticks were; begins anew
Standard output, one JSON object per line; `at` in the machine's monotonic seconds
    {"frame": "first", "at": s}      the first frame was painted
    {"frame": "locked", "at": s}     the first frame that shows the locked counter
    {"view": {…}, "at": s}           every change of the screens
    {"typed_ms": ms}                 from a key to the frame that shows its effect
    {"ticks_ms": […], "frames": n, "faces": n}   how late each tick was; what the eyes looked at
"""

import base64
import io
import json
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtTest import QTest

from devices import ports
from devices.simulated.scene import Scene
from fanpiao.demo.counter import told_of
from terminal_app.counter.view import CounterView
from terminal_app.headless import Play
from terminal_app.screens import kiosk
from terminal_app.screens.windows import Kind, ScreenWindow

TICK_MS = 10
KEYS = {
    **{str(digit): Qt.Key(Qt.Key.Key_0 + digit) for digit in range(10)},
    "enter": Qt.Key.Key_Return,
    "clear": Qt.Key.Key_Escape,
}
_turn = threading.Lock()


def say(**what: Any) -> None:
    """Write one line; on any thread."""
    with _turn:
        print(json.dumps(what, ensure_ascii=False), flush=True)


class Ticks:
    """A timer of the GUI thread that notes how late it comes."""

    def __init__(self, parent: QObject, looked: Callable[[], dict[str, int]]) -> None:
        self._looked = looked
        self._late_ms: list[float] = []
        self._due_at = float("inf")
        timer = QTimer(parent)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(TICK_MS)
        timer.timeout.connect(self._tick)
        timer.start()

    def report(self) -> None:
        """Say what was noted, and begin anew."""
        noted, self._late_ms = self._late_ms, []
        say(ticks_ms=noted, **self._looked())

    def _tick(self) -> None:
        now = time.monotonic()
        if self._due_at < now:
            self._late_ms.append((now - self._due_at) * 1e3)
        elif self._due_at != float("inf"):
            self._late_ms.append(0.0)
        self._due_at = now + TICK_MS / 1e3


class Looks:
    """Counts what the eyes say, on its way to the counter."""

    def __init__(self, eyes: Any) -> None:
        self._said: Counter[type] = Counter()
        if eyes is not None:
            self._hand_on, eyes._post = eyes._post, self._take

    def count(self) -> dict[str, int]:
        """Return what was said since the last time."""
        said, self._said = self._said, Counter()
        return {"frames": said[ports.FrameSeen], "faces": said[ports.FaceObserved]}

    def _take(self, event: ports.Event) -> None:
        self._said[type(event)] += 1
        self._hand_on(event)


class Frames:
    """Watches the cashier's frames: the first, the locked counter's, and those after a key."""

    def __init__(self, window: ScreenWindow) -> None:
        self._window = window.window
        self._view = window.view
        self._is_first = True
        self._is_locked = False
        self._shown = ""
        self._is_changed = False
        self._typed: deque[float] = deque()
        window.view.changed.connect(self._changed)
        window.window.frameSwapped.connect(self._swapped)

    def press(self, name: str) -> None:
        """Press a key in the window; the frame with another amount or state is waited for."""
        self._shown = self._showing()
        self._is_changed = False
        self._typed.append(time.monotonic())
        QTest.keyClick(self._window, KEYS[name])

    def _showing(self) -> str:
        return str([self._view.property(name) for name in ("phase", "typedText", "amountText")])

    def _changed(self) -> None:
        self._is_changed = self._is_changed or self._showing() != self._shown

    def _swapped(self) -> None:
        now = time.monotonic()
        if self._is_first:
            self._is_first = False
            say(frame="first", at=now)
        if not self._is_locked and self._view.property("phase") == "locked":
            self._is_locked = True
            say(frame="locked", at=now)
        if self._typed and self._is_changed:
            say(typed_ms=(now - self._typed.popleft()) * 1e3)


class Orders(QObject):
    """Reads the lines on a thread of its own; what is Qt's is done on the GUI thread."""

    pressed = Signal(str)
    asked = Signal()

    def __init__(self, running: Any) -> None:
        super().__init__()
        self._running = running
        self._play = Play(running)
        threading.Thread(target=self._read, name="orders", daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            order = json.loads(line)
            if "scene" in order:
                scene = msgspec.msgpack.decode(base64.b64decode(order["scene"]), type=Scene)
                self._running.eyes.show(scene)
            elif "type" in order:
                self.pressed.emit(order["type"])
            elif "report" in order:
                self.asked.emit()
            else:
                self._play.run(io.StringIO(line))
        self._running.interrupt()


class ProbedKiosk(kiosk.Kiosk):
    """The kiosk as it is, watched."""

    def __init__(self, profile: Any, running: Any, *others: Any, **named: Any) -> None:
        super().__init__(profile, running, *others, **named)
        cashier = next(one for one in self.windows if one.kind is not Kind.DINER)
        assert isinstance(cashier, ScreenWindow)
        self._looks = Looks(running.eyes)
        self._frames, self._ticks = Frames(cashier), Ticks(self._app, self._looks.count)
        self._last: dict[str, Any] = {}
        running.counter.listen(self._shown)
        self._orders = Orders(running)
        self._orders.pressed.connect(self._frames.press)
        self._orders.asked.connect(self._ticks.report)

    def _shown(self, view: CounterView) -> None:
        told = told_of(view)
        if told != self._last:
            self._last = told
            say(view=told, at=time.monotonic())


def main() -> None:
    """Run the command as anybody would; only the windows' class is the watched one."""
    kiosk.Kiosk = ProbedKiosk  # type: ignore[misc]
    from fanpiao.cli import main as fanpiao

    sys.argv[1:1] = ["terminal"]
    fanpiao()


if __name__ == "__main__":
    main()
