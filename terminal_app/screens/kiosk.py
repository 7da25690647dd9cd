"""A running terminal with its windows: what is composed here is the GUI thread and nothing else.

The counter's thread hands views over by `Inlet`; fingers and keys go back by `Actions`. Nothing on
the GUI thread waits for a disk or a network.
"""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QWindow

from devices.ports import Device, Keyed, Side
from domain.errors import Refused
from kiosk_profiles.schema import Profile
from terminal_app.counter.run import Counter
from terminal_app.screens.actions import Actions
from terminal_app.screens.glyphs import check_glyphs
from terminal_app.screens.speaker import Speaker
from terminal_app.screens.view_model import Inlet
from terminal_app.screens.wedge import KeypadKeys, WindowKeys, switch_input_method_off
from terminal_app.screens.windows import Binding, Kind, Look, QmlWindow, ScreenWindow, application
from terminal_app.watchdog import Watchdog

LOOK_MS: Final = 100
"""How often it is looked whether the terminal has stopped; also what lets Python see a signal."""
_LAYOUTS: Final = {
    "two": (Kind.CASHIER, Kind.DINER),
    "cashier": (Kind.CASHIER,),
    "shared": (Kind.SHARED,),
}


class Stoppable(Protocol):
    """What windows of any kind need of what runs behind them."""

    on_keyed: Callable[[Keyed], None] | None
    watchdog: Watchdog

    def wait(self, timeout_s: float | None = None) -> bool:
        """Say whether it has stopped."""

    def interrupt(self) -> None:
        """Ask it to stop."""


class Running(Stoppable, Protocol):
    """What a counter's windows need of a terminal."""

    counter: Counter


def has_display() -> bool:
    """Whether windows can be opened: a display, or a platform named on purpose."""
    names = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform != "linux" or any(os.environ.get(name) for name in names)


def prepare(*, has_input_method: bool = False) -> QGuiApplication:
    """Make the application, and refuse to go on without a display or the letters of the screens.

    `has_input_method` where names are typed and no scanner types into a window.
    """
    if not has_display():
        raise Refused("screens.none")
    if not has_input_method:
        switch_input_method_off(os.environ)
    # Painted by the processor: the same everywhere, and no driver to fail (docs/decisions/0011)
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    app = application()
    check_glyphs()
    return app


def look_of(profile: Profile) -> Look:
    """How this profile's windows look at first."""
    screens = profile.screens
    return Look(profile.language, screens.large_print, screens.high_contrast)


class Shown:
    """Windows over something that runs: on their screens, with their keys, until it stops."""

    def __init__(
        self,
        running: Stoppable,
        windows: Mapping[QmlWindow, str],
        devices: tuple[Device, ...],
        *,
        is_framed: bool = False,
        share: float = 1.0,
    ) -> None:
        self._running = running
        self._bound = windows
        self._binding = Binding(windows, is_full=not is_framed, share=share)
        self._keypads = KeypadKeys(self._window_of)
        running.on_keyed = self._keypads.put
        self._keys = WindowKeys(devices)
        self._app = application()
        self._app.installEventFilter(self._keys)

    def run(self) -> int:
        """Show the windows until what runs stops; return the application's word."""
        self._binding.bind()
        for window in self._bound:
            window.view.closeAsked.connect(self._running.interrupt)
        timer = QTimer(self._app)
        timer.setInterval(LOOK_MS)
        timer.timeout.connect(self._look)
        timer.start()
        code = self._app.exec()
        timer.stop()
        return code

    def close(self) -> None:
        """Close every window, and stop listening to keys."""
        self._app.removeEventFilter(self._keys)
        self._keys.stop()
        for window in self._bound:
            window.close()

    def _window_of(self, side: Side) -> QWindow | None:
        """The window that a keypad of this side types into; a shared screen is both sides'."""
        by_kind = {window.kind: window.window for window in self._bound}
        wanted = Kind.DINER if side is Side.DINER else Kind.CASHIER
        return by_kind.get(wanted, by_kind.get(Kind.SHARED))

    def _look(self) -> None:
        self._running.watchdog.turned()
        if self._running.wait(0):
            self._app.exit(0)


class Kiosk(Shown):
    """The windows of one terminal. `open` before the terminal starts, `close` after it stopped.

    `is_framed` keeps every window in a frame, and the diner's beside the cashier's where there is
    one screen only: for trying out. `share` is how much of its width they then take.
    """

    def __init__(
        self,
        profile: Profile,
        running: Running,
        devices: tuple[Device, ...],
        monotonic: Callable[[], float],
        *,
        is_framed: bool = False,
        share: float = 1.0,
    ) -> None:
        screens, post = profile.screens, running.counter.post
        look = look_of(profile)
        wanted = {Kind.CASHIER: screens.cashier, Kind.SHARED: screens.cashier}
        self.windows: dict[QmlWindow, str] = {
            ScreenWindow(kind, Actions(post), look): wanted.get(kind, screens.diner)
            for kind in _LAYOUTS[screens.layout]
        }
        super().__init__(running, self.windows, devices, is_framed=is_framed, share=share)
        self._speaker = Speaker(profile.sounds, post, monotonic)
        self._inlets = [Inlet(window.show_view) for window in self.windows]
        self._inlets.append(Inlet(self._speaker.hear))
        for inlet in self._inlets:
            running.counter.listen(inlet.put)
