"""The windows of the enrolment desk: the clerk's, the person's, or one upright for both.

Where the person has no screen of their own, or it is unplugged, the clerk's window shows their
pages when it is their turn: the glass is turned around.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from kiosk_profiles.schema import Profile
from terminal_app.screens.kiosk import Shown, look_of
from terminal_app.screens.station_actions import StationActions
from terminal_app.screens.station_model import StationModel
from terminal_app.screens.view_model import Inlet
from terminal_app.screens.windows import Kind, Look, QmlWindow

if TYPE_CHECKING:
    from terminal_app.enrolment.desk import EnrolmentDesk

FILES: Final = {
    Kind.CASHIER: "station/ClerkWindow.qml",
    Kind.DINER: "station/PersonWindow.qml",
    Kind.SHARED: "station/StationWindow.qml",
}
_LAYOUTS: Final = {
    "two": (Kind.CASHIER, Kind.DINER),
    "cashier": (Kind.CASHIER,),
    "shared": (Kind.SHARED,),
}


class StationWindow(QmlWindow):
    """One window of the desk."""

    def __init__(self, kind: Kind, post: Callable[[Any], None], look: Look) -> None:
        model = StationModel(
            StationActions(post), look.language, is_following=kind is not Kind.CASHIER
        )
        super().__init__(kind, FILES[kind], model, look)


class StationKiosk(Shown):
    """Shows one desk until it stops. `close` after it stopped."""

    def __init__(self, profile: Profile, running: EnrolmentDesk, *, is_framed: bool = False):
        screens, look = profile.screens, look_of(profile)
        self.windows: dict[QmlWindow, str] = {
            StationWindow(kind, running.post, look): screens.diner
            if kind is Kind.DINER
            else screens.cashier
            for kind in _LAYOUTS[screens.layout]
        }
        super().__init__(running, self.windows, running.hardware.supervised, is_framed=is_framed)
        by_kind = {one.kind: one.window for one in self.windows}
        self._clerk, self._person = by_kind.get(Kind.CASHIER), by_kind.get(Kind.DINER)
        if self._person is not None:
            self._person.visibleChanged.connect(self._share)
        self._share()
        self._inlets = [Inlet(window.show_view) for window in self.windows]
        for inlet in self._inlets:
            inlet.put(running.view())
            running.listen(inlet.put)

    def close(self) -> None:
        """Close every window; the person's no longer tells the clerk's that it went."""
        if self._person is not None:
            self._person.visibleChanged.disconnect(self._share)
        super().close()

    def _share(self) -> None:
        if self._clerk is not None:
            is_alone = self._person is None or not self._person.isVisible()
            self._clerk.setProperty("isAlone", is_alone)
