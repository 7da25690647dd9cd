"""A camera that shows scenes made from photographs (`devices.simulated.scene`)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices.ports import DeviceLost, Frame
from devices.simulated.scene import Scene, empty_zone
from devices.simulated.tracks import draw


class SceneCamera:
    """Shows whatever scene it was last given, from that moment on; else nobody is there.

    With the setting `infrared` it has a second sensor for that.
    """

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name = name
        self._has_infrared = bool(settings.get("infrared", False))
        self._interval_s = 1.0 / float(settings.get("fps", 12))
        self._scene: Scene = empty_zone(0.0)
        self._started_at = 0.0
        self._next_at = 0.0
        self._is_open = False
        self._is_unplugged = False

    def show(self, scene: Scene, now: float) -> None:
        """Start `scene` now; after its end nobody is there."""
        self._scene, self._started_at = scene, now

    def unplug(self) -> None:
        """Be gone until `plug_in`."""
        self._is_unplugged = True

    def plug_in(self) -> None:
        """Be there again."""
        self._is_unplugged = False

    def open(self, now: float) -> None:
        """Open, or raise `DeviceLost` while unplugged."""
        if self._is_unplugged:
            raise DeviceLost("devices.absent", self.name)
        self._is_open, self._next_at = True, now

    def read(self, now: float) -> Frame | None:
        """Return the frame of now, at most `fps` a second."""
        assert self._is_open, "read before open"
        if self._is_unplugged:
            raise DeviceLost("devices.lost", self.name)
        if now < self._next_at:
            return None
        self._next_at = max(self._next_at + self._interval_s, now)
        at_s = now - self._started_at
        scene = self._scene if at_s <= self._scene.length_s else empty_zone(0.0, self._scene.seed)
        image = draw(scene, max(at_s, 0.0))
        return Frame(image, now, self.name, self._infrared_of(scene, max(at_s, 0.0)))

    def _infrared_of(self, scene: Scene, at_s: float) -> NDArray[np.uint8] | None:
        """The same view without colours, and without what is only on a screen."""
        if not self._has_infrared:
            return None
        actors = tuple(actor for actor in scene.actors if not actor.is_on_screen)
        grey = draw(Scene(actors, scene.length_s, scene.seed), at_s).mean(axis=2)
        return np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)

    def close(self) -> None:
        """Close."""
        self._is_open = False
