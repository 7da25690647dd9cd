"""One's own face: consent on the screen, enrolment by webcam, and everything erased on the way out.

The enrolment desk of the product does the work (`terminal_app.enrolment.desk`), on the demo's own
server; this plays its clerk. No camera is opened before the consent was given. What comes of it is
in the demo's folder only, which is deleted when the demo ends; stopping before withdraws at once.
"""

from __future__ import annotations

import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from domain.errors import Refused, Unavailable
from domain.messages import Language
from fanpiao.demo.window.people import People
from fanpiao.demo.window.profile import CameraDriver, write_desk_profile
from fanpiao.demo.window.stall import Stall
from kiosk_profiles.load import load
from sync.activation import activate_terminal
from sync.keystore import FileKeyStore
from terminal_app.enrolment import machine as m
from terminal_app.enrolment.desk import EnrolmentDesk
from terminal_app.enrolment.view import EnrolmentView
from terminal_app.screens.bench.view import WebcamView
from terminal_app.terminal import KEYS, SOFTWARE

DEVICES: Final = Path("/dev")
CLERK_PIN: Final = "975314"
AGAIN_S: Final = 2.0
"""A desk that has just started knows no clerk yet: the PIN is typed again after so long."""
PLAYED: Final = CameraDriver()


def cameras(devices: Path = DEVICES) -> list[Path]:
    """Return the video devices of this machine, in order."""
    return sorted(devices.glob("video[0-9]*"))


class Webcam:
    """The way from the button to paying with one's own face."""

    def __init__(self, stall: Stall, people: People, devices: Path = DEVICES) -> None:
        self._stall, self._people, self._devices = stall, people, devices
        self._desk: EnrolmentDesk | None = None
        self._goal = ""
        self._has_agreed = False
        self._last: tuple[m.Phase | None, float] = (None, 0.0)
        self.view = WebcamView()
        self.has_restarted = False
        """The counter was started again with another camera: somebody has to sign in."""

    def ask(self, language: Language) -> str:
        """Fetch the consent's words, or say that there is no camera."""
        found = cameras(self._devices)
        if not found:
            self.view = WebcamView(stage="failed", hint="webcamNone")
            return "webcamNone"
        self._goal, self._has_agreed = "enrol", False
        self.view = WebcamView(stage="opening")
        try:
            self._open(found[0], language)
        except (Refused, Unavailable) as failure:
            self._fail(failure.code)
        return ""

    def agree(self) -> str:
        """The consent was given on the screen: from now on the camera may be opened."""
        self._has_agreed = self.view.stage == "consent"
        return ""

    def refuse(self) -> str:
        """Close the page; what was begun is withdrawn."""
        self.view = WebcamView()
        if self._has_agreed:
            return self.end()
        self._goal = ""
        self.close()
        return ""

    def end(self) -> str:
        """Withdraw: the template goes from the server, and by its tombstone from the counter."""
        self._goal = "withdraw"
        self._see_played()
        return ""

    def step(self, now: float) -> None:
        """Do the clerk's next press at the desk."""
        if self._desk is None:
            return
        seen = self._desk.view()
        if self._goal == "enrol":
            self._show(seen)
        if not seen.is_busy and self._is_time(seen.phase, now):
            self._press(self._desk, seen)

    @property
    def is_over(self) -> bool:
        """Whether nobody is enrolled or being enrolled, and nothing is being withdrawn."""
        return self._desk is None and self.view.stage in ("", "failed")

    def close(self) -> None:
        """End the desk."""
        desk, self._desk = self._desk, None
        if desk is not None:
            desk.stop()

    # --- inside ---------------------------------------------------------------------------

    def _open(self, camera: Path, language: Language) -> None:
        if self._desk is None:
            folder = self._stall.folder / "desk"
            folder.mkdir(exist_ok=True)
            write_desk_profile(folder / "profile.toml", camera=str(camera))
            if not (folder / KEYS).exists():
                self._activate(folder)
            profile = load(str(folder / "profile.toml"))
            url = self._stall.url
            self._desk = EnrolmentDesk(profile, folder, server_url=url, clock=self._stall.clock)
            self._desk.start()
        self._camera = camera
        self._desk.post(m.LanguageChosen(language))

    def _activate(self, folder: Path) -> None:
        activate_terminal(
            FileKeyStore(folder / KEYS),
            self._stall.url,
            self._stall.desk_code,
            serial="demo-desk",
            software=SOFTWARE,
            random=os.urandom,
        )

    def _is_time(self, phase: m.Phase, now: float) -> bool:
        """Whether the desk went on since the last press, or long enough passed."""
        was, at = self._last
        if phase is was and now - at < AGAIN_S:
            return False
        self._last = (phase, now)
        return True

    def _press(self, desk: EnrolmentDesk, seen: EnrolmentView) -> None:
        if self._goal == "enrol":
            self._enrol(desk, seen)
        elif self._goal == "withdraw":
            self._withdraw(desk, seen)

    def _enrol(self, desk: EnrolmentDesk, seen: EnrolmentView) -> None:
        match seen.phase:
            case m.Phase.LOCKED:
                desk.post(m.PinTyped(CLERK_PIN))
            case m.Phase.PICK:
                desk.post(m.NumberTyped(self._people.guest.number))
            case m.Phase.PERSON:
                desk.post(m.EnrolPressed())
            case m.Phase.TEXT if self._has_agreed:
                desk.post(m.ConfirmPressed())
            case m.Phase.GIVER:
                desk.post(m.GiverSaid(m.Giver(name=self._people.guest.name)))
            case m.Phase.TWIN:
                desk.post(m.TwinSaid("no"))
            case m.Phase.SIGN:
                desk.post(m.Signed(_evidence()))
            case m.Phase.HALTED:
                self._fail(seen.problem.code)
            case m.Phase.DONE:
                self._enrolled()

    def _withdraw(self, desk: EnrolmentDesk, seen: EnrolmentView) -> None:
        match seen.phase:
            case m.Phase.LOCKED:
                desk.post(m.PinTyped(CLERK_PIN))
            case m.Phase.PICK:
                desk.post(m.NumberTyped(self._people.guest.number))
            case m.Phase.PERSON if seen.person is not None and seen.person.standing == "none":
                self._leave()
            case m.Phase.PERSON:
                desk.post(m.WithdrawPressed())
            case m.Phase.WITHDRAW:
                desk.post(m.ConfirmPressed())
            case m.Phase.WITHDRAWN:
                self._leave()
            case _:
                desk.post(m.LockPressed())

    def _show(self, seen: EnrolmentView) -> None:
        """Tell the bench how far it is."""
        if seen.problem.code and seen.phase is not m.Phase.LOCKED:
            self._fail(seen.problem.code)
        elif seen.phase is m.Phase.TEXT and seen.text is not None and not self._has_agreed:
            text = seen.text
            self.view = WebcamView("consent", "", text.title, text.points, text.agree)
        elif seen.phase is m.Phase.POSING and seen.posing is not None:
            posing = seen.posing
            stage = "sending" if posing.step is None else "posing"
            hint = seen.device or posing.hint
            self.view = WebcamView(stage, hint, done=posing.done, steps=len(posing.steps))
        elif self._has_agreed and self.view.stage == "consent":
            self.view = replace(self.view, stage="opening")

    def _enrolled(self) -> None:
        self._goal = ""
        self.view = WebcamView(stage="on", hint="webcamOn")
        settings = {"path": str(self._camera), "width": 1280, "height": 720}
        self._see(CameraDriver("device", settings))

    def _see_played(self) -> None:
        if not self._stall.camera.is_played:
            self._see(PLAYED)

    def _see(self, camera: CameraDriver) -> None:
        """Let the counter look through another camera: it starts again."""
        self.close()
        self._stall.write(camera)
        self._stall.restart()
        self.has_restarted = True
        if self._goal == "withdraw":
            self._open(self._camera, self._stall.language)

    def _fail(self, code: str) -> None:
        """Say why, and take back what was begun."""
        self.view = WebcamView(stage="failed", hint=code)
        self._goal = "withdraw" if self._has_agreed else ""
        if not self._has_agreed:
            self.close()

    def _leave(self) -> None:
        """Nothing of it is left; the page closes, unless it still says why it failed."""
        self._goal, self._has_agreed = "", False
        self.close()
        if self.view.stage != "failed":
            self.view = WebcamView()


def _evidence() -> bytes:
    """The consent's evidence: a picture that says how it was given, since nobody signed."""
    image = Image.new("L", (420, 60), 255)
    ImageDraw.Draw(image).text((10, 24), "Agreed by a button on the demo's screen.", fill=0)
    held = BytesIO()
    image.save(held, "PNG")
    return held.getvalue()
