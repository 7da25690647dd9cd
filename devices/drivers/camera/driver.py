"""Cameras through OpenCV: `DeviceCamera`, `FileCamera`, `FolderCamera`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.ports import DeviceLost, Frame

Image = NDArray[np.uint8]
PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})
ROTATIONS: Final = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


class DeviceCamera:
    """A capture device or a video file; MJPG before the size, one frame of buffer."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name = name
        self._path = str(settings["path"])
        self._size = (int(settings.get("width", 1280)), int(settings.get("height", 720)))
        self._fps = float(settings.get("fps", 30))
        self._rotation = int(settings.get("rotation", 0))
        self._capture: cv2.VideoCapture | None = None

    def open(self, now: float) -> None:
        """Open the source, or raise `DeviceLost`."""
        if not Path(self._path).exists():
            raise DeviceLost("devices.absent", self._path)
        is_device = self._path.startswith("/dev/")
        capture = cv2.VideoCapture(self._path, cv2.CAP_V4L2 if is_device else cv2.CAP_FFMPEG)
        if not capture.isOpened():
            raise DeviceLost("devices.absent", self._path)
        if is_device:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
            capture.set(cv2.CAP_PROP_FPS, self._fps)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture

    def read(self, now: float) -> Frame | None:
        """Return the next frame; `DeviceLost` when there is none any more."""
        assert self._capture is not None, "read before open"
        is_read, image = self._capture.read()
        if not is_read:
            raise DeviceLost("devices.lost", self._path)
        return Frame(_turned(np.asarray(image, np.uint8), self._rotation), now, self.name)

    def close(self) -> None:
        """Let go of the source."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


class FolderCamera:
    """The pictures of a folder, in the order of their names, one every `interval_s`."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name = name
        self._folder = Path(settings["path"])
        self._interval_s = float(settings.get("interval_s", 0.1))
        self._is_looped = bool(settings.get("is_looped", True))
        self._pictures: Iterator[Path] = iter(())
        self._next_at = 0.0
        self.broken_count = 0

    def open(self, now: float) -> None:
        """List the folder, or raise `DeviceLost` when it is missing or holds no picture."""
        if not self._files():
            raise DeviceLost("devices.absent", str(self._folder))
        self._pictures = iter(self._files())
        self._next_at = now

    def read(self, now: float) -> Frame | None:
        """Return the next picture when it is due; `DeviceLost` after the last one."""
        if now < self._next_at:
            return None
        self._next_at = now + self._interval_s
        path = next(self._pictures, None)
        if path is None:
            if not self._is_looped:
                raise DeviceLost("devices.lost", str(self._folder))
            self._pictures = iter(self._files())
            return None
        image = cv2.imread(str(path))
        if image is None:
            self.broken_count += 1
            return None
        return Frame(np.asarray(image, np.uint8), now, self.name)

    def close(self) -> None:
        """Nothing to let go of."""

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(p for p in self._folder.iterdir() if p.suffix.lower() in PICTURES)


def _turned(image: Image, rotation: int) -> Image:
    if rotation == 0:
        return image
    return np.asarray(cv2.rotate(image, ROTATIONS[rotation]), np.uint8)
