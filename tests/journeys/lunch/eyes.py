"""The eyes of a kiosk whose time is moved by hand: what they look with is the real thing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

from devices import ports
from devices.simulated.camera import SceneCamera
from devices.simulated.scene import Actor, Scene, standing_still, walking_past
from devices.vision.codes import Presented
from terminal_app.eyes import wire
from terminal_app.eyes.client import EyesClient
from terminal_app.eyes.look import Looker
from terminal_app.eyes.process import REOPEN_S
from tests.factories.schools import shared_engine

LOOKS_S = 30.0
SEED = 20261123


class SteppedEyes(EyesClient):
    """Looks in this process, at the frame of now, whenever `step` is called; no child."""

    def __init__(self, config: wire.Config, post: Callable[[ports.Event], None]) -> None:
        super().__init__(config, post)
        self._hand_on = post
        self._name = config.name
        self._camera = SceneCamera(config.name, config.settings)
        self._looker = Looker(
            shared_engine(), config.zone, Presented(config.name, config.code_gone_s), config.formats
        )
        self._now = 0.0
        self._is_open, self._retry_at = False, 0.0

    def start(self) -> None:
        """Begin by the machine's clock, where threads call `step`."""
        self.begin(time.monotonic())

    def begin(self, now: float) -> None:
        """Open the camera."""
        self._now = now
        self._camera.open(now)
        self._is_open = True
        self._tell(ports.HealthState.READY)

    def plug(self, *, is_in: bool) -> None:
        """Pull the camera's plug, or put it in again."""
        (self._camera.plug_in if is_in else self._camera.unplug)()

    def _lose(self, lost: ports.DeviceLost, now: float) -> None:
        self._camera.close()
        self._is_open, self._retry_at = False, now + REOPEN_S
        self._tell(ports.HealthState.LOST, lost.code)

    def _tell(self, state: ports.HealthState, code: str = "") -> None:
        self._hand_on(ports.DeviceHealth(self._name, "camera", state, self._now, code))

    def step(self, now: float) -> None:
        """Look at the frame of `now`, if one is due; a lost camera is opened again, as there."""
        self._now = now
        try:
            if not self._is_open:
                if now < self._retry_at:
                    return
                self.begin(now)
            frame = self._camera.read(now)
        except ports.DeviceLost as lost:
            self._lose(lost, now)
            return
        if frame is not None:
            for event in self._looker.look(frame, now):
                self._hand_on(event)

    def arm(self, now: float) -> None:
        """Embed what is captured after `now`."""
        self._looker.armed_after = now

    def disarm(self) -> None:
        """Embed nothing."""
        self._looker.armed_after = None

    def set_gallery(self, templates: Iterable[ports.FaceTemplate]) -> None:
        """Know these people."""
        self._looker.replace_gallery(templates)

    def update_gallery(
        self, *, added: Iterable[ports.FaceTemplate], removed: Iterable[str]
    ) -> None:
        """Know more people, and forget some."""
        self._looker.gallery.remove([*removed])
        self._looker.gallery.add([*added])

    def show(self, scene: Scene) -> None:
        """The camera sees this from now on."""
        self._camera.show(scene, self._now)


def looking(picture: Path) -> Scene:
    """Whoever is in the picture stops and looks."""
    return Scene((standing_still(str(picture), _box(picture), LOOKS_S),), LOOKS_S, SEED)


def passing(picture: Path, seconds: float) -> Scene:
    """Whoever is in the picture walks past."""
    actor: Actor = walking_past(str(picture), _box(picture), seconds)
    return Scene((actor,), seconds, SEED)


def _box(picture: Path) -> tuple[int, int, int, int]:
    image = np.asarray(cv2.imread(str(picture)), np.uint8)
    box = shared_engine().detect(image)[0].box
    return int(box.x), int(box.y), int(box.width), int(box.height)
