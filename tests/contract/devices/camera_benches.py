"""Every implementation of `Camera`, with the hand that pulls its cable."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from devices.ports import DeviceEntry
from devices.registry import make_camera

FRAMES = 60
SIZE = (160, 120)


def picture(number: int) -> np.ndarray:
    """A grey picture of its own brightness."""
    return np.full((SIZE[1], SIZE[0], 3), 40 + number % 160, np.uint8)


class VideoBench:
    """The driver on a recorded video."""

    def __init__(self, folder: Path) -> None:
        self._recorded, self._plugged = folder / "recorded.avi", folder / "camera.avi"
        writer = cv2.VideoWriter(str(self._recorded), cv2.VideoWriter.fourcc(*"MJPG"), 25, SIZE)
        for number in range(FRAMES):
            writer.write(picture(number))
        writer.release()
        self.plug_in()
        self.camera: Any = _made("file", path=str(self._plugged))

    def unplug_and_read_on(self) -> None:
        # A file that is open can be read to its end, as a device that is pulled out cannot
        self._plugged.unlink()
        while self.camera.read(0.0) is not None:
            pass

    def plug_in(self) -> None:
        shutil.copy(self._recorded, self._plugged)


class FolderBench:
    """The driver on a folder of pictures."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._away = folder / "pictures", folder / "away"
        self._folder.mkdir()
        for number in range(5):
            cv2.imwrite(str(self._folder / f"{number:02}.png"), picture(number))
        self.camera: Any = _made("folder", path=str(self._folder), is_looped=False)

    def unplug_and_read_on(self) -> None:
        self._folder.rename(self._away)
        for at in range(20, 30):
            self.camera.read(float(at))

    def plug_in(self) -> None:
        self._away.rename(self._folder)


class SceneBench:
    """The twin."""

    def __init__(self, _folder: Path) -> None:
        self.camera: Any = _made("simulated")

    def unplug_and_read_on(self) -> None:
        self.camera.unplug()
        self.camera.read(50.0)

    def plug_in(self) -> None:
        self.camera.plug_in()


def _made(driver: str, **settings: object) -> Any:
    return make_camera(DeviceEntry("eye", "camera", driver, settings))
