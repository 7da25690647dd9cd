"""`PairCamera`: a colour and a near-infrared sensor looking the same way, as one camera.

Many identification cameras are two capture devices on one cable. Both halves are opened by their
paths, read one after the other, and lost together: a counter that was given the second sensor never
goes on with the first alone.
"""

from collections.abc import Callable, Mapping
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.drivers.camera.driver import DeviceCamera, FileCamera, FolderCamera
from devices.ports import Camera, DeviceLost, DeviceSettings, Frame
from devices.settings import check_fields, choice, number

HALVES: Final[Mapping[str, Callable[[str, DeviceSettings], Camera]]] = {
    "device": DeviceCamera,
    "file": FileCamera,
    "folder": FolderCamera,
}
APART_S: Final = 0.1
"""Pictures further apart do not show one moment; two sensors at 30 a second stay below."""
OWN_FIELDS: Final = ("of", "infrared", "apart_s")
SHARED: Final = (
    "path", "width", "height", "fps", "rotation", "mains_hz", "locks_exposure", "warm_up_s",
    "interval_s", "is_looped",
)  # fmt: skip


class PairCamera:
    """Two cameras in step; keeps the contract of `devices.ports.Camera`, with `infrared` frames."""

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, (*OWN_FIELDS, *SHARED))
        half = HALVES[choice(settings, "of", sorted(HALVES), "device")]
        self.name = name
        self._apart_s = number(settings, "apart_s", APART_S, 0, 1)
        shared = {field: settings[field] for field in SHARED if field in settings}
        self._colour = half(name, shared)
        self._infrared = half(name, {**shared, "path": settings["infrared"]})
        self._kept: dict[bool, Frame] = {}

    def open(self, now: float) -> None:
        """Open both halves, or raise `DeviceLost` and hold neither."""
        self._kept = {}
        self._colour.open(now)
        try:
            self._infrared.open(now)
        except DeviceLost:
            self._colour.close()
            raise

    def read(self, now: float) -> Frame | None:
        """Return the next pair of one moment; None while there is none."""
        for is_infrared, half in ((False, self._colour), (True, self._infrared)):
            frame = half.read(now)
            if frame is not None:
                self._kept[is_infrared] = frame
        if len(self._kept) < 2:
            return None
        colour, infrared = self._kept[False], self._kept[True]
        if abs(colour.captured_at - infrared.captured_at) > self._apart_s:
            return None
        self._kept = {}
        return Frame(colour.image, colour.captured_at, self.name, _grey(infrared.image))

    def close(self) -> None:
        """Let go of both halves."""
        self._colour.close()
        self._infrared.close()


def _grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Three equal channels: a sensor without colours may be handed over with a tint."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
