"""The one window of a new terminal: its code, its devices, and on to the counter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from kiosk_profiles.schema import Profile
from terminal_app.counter.effects import Tone
from terminal_app.counter.first_run import FirstRunView
from terminal_app.screens.first_run_model import FirstRunActions, FirstRunModel
from terminal_app.screens.kiosk import Shown, look_of
from terminal_app.screens.speaker import Speaker
from terminal_app.screens.view_model import Inlet
from terminal_app.screens.windows import Kind, Look, QmlWindow

if TYPE_CHECKING:
    from terminal_app.new_terminal import NewTerminal

TRIED: Final = Tone.APPROVED
"""What the sound check plays: the tone that will be heard most."""


class SetupWindow(QmlWindow):
    """The window over a first run."""

    def __init__(self, profile: Profile, post: Callable[[Any], None], look: Look) -> None:
        model = FirstRunModel(
            FirstRunActions(post),
            look.language,
            is_desk=profile.purpose == "enrolment",
            scanners=frozenset(
                one.name for one in profile.devices if one.kind in ("scanner", "camera")
            ),
            has_scanner=bool(profile.devices_of("scanner")),
        )
        kind = Kind.SHARED if profile.screens.layout == "shared" else Kind.CASHIER
        super().__init__(kind, "setup/SetupWindow.qml", model, look)


class FirstRunKiosk(Shown):
    """Shows one new terminal until it is bound and tried. `close` after it stopped."""

    def __init__(
        self,
        profile: Profile,
        running: NewTerminal,
        monotonic: Callable[[], float],
        *,
        is_framed: bool = False,
    ) -> None:
        run = running.first_run
        self.window = SetupWindow(profile, run.post, look_of(profile))
        devices = running.hardware.supervised
        wanted: dict[QmlWindow, str] = {self.window: profile.screens.cashier}
        super().__init__(running, wanted, devices, is_framed=is_framed)
        self._speaker = Speaker(profile.sounds, run.post, monotonic)
        self._tones = 0
        self.window.show_view(run.view())
        self._inlet = Inlet(self._show)
        run.listen(self._inlet.put)

    def _show(self, view: FirstRunView) -> None:
        self.window.show_view(view)
        if view.tone_number > self._tones:
            self._speaker.play(TRIED)
        self._tones = view.tone_number
