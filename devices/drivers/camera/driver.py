"""Cameras through OpenCV: `DeviceCamera`, `FileCamera`, `FolderCamera`."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.drivers.camera.protocol import MAINS, WARM_UP_S, Exposure
from devices.ports import DeviceLost, DeviceSettings, Frame
from devices.settings import check_fields, flag, number
from devices.transport import video
from devices.vision.pictures import SUFFIXES, PictureUnreadable, read_picture

Image = NDArray[np.uint8]
ROTATIONS: Final = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


class DeviceCamera:
    """A capture device; MJPG before the size, one frame of buffer, exposure held once measured."""

    fields: tuple[str, ...] = (
        "path", "width", "height", "fps", "rotation", "mains_hz", "locks_exposure", "warm_up_s",
    )  # fmt: skip

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, self.fields)
        self.name = name
        self._path = str(settings["path"])
        self._size = (
            int(number(settings, "width", 1280, 160, 7680)),
            int(number(settings, "height", 720, 120, 4320)),
        )
        self._fps = number(settings, "fps", 30, 1, 240)
        self._rotation = _rotation(settings)
        self._capture: cv2.VideoCapture | None = None
        self._exposure = Exposure(
            video.Controls(self._path),
            _mains(settings),
            flag(settings, "locks_exposure", default=True),
            number(settings, "warm_up_s", WARM_UP_S, 0, 60),
        )

    def open(self, now: float) -> None:
        """Open the source, or raise `DeviceLost`."""
        self._open()
        self._exposure.begin(now)

    def _open(self) -> None:
        assert self._capture is None, "opened twice"
        if not Path(self._path).exists():
            raise DeviceLost("devices.absent", self._path)
        if not os.access(self._path, os.R_OK):
            raise DeviceLost("devices.no_permission", self._path)
        self._check_captures()
        capture = self._captured()
        if not capture.isOpened():
            raise DeviceLost("devices.protocol", self._path)
        self._capture = capture

    def read(self, now: float) -> Frame | None:
        """Return the next frame; `DeviceLost` when there is none any more."""
        image = self._next()
        if image is None:
            raise DeviceLost("devices.lost", self._path)
        self._exposure.step(now)
        return Frame(_turned(image, self._rotation), now, self.name)

    def close(self) -> None:
        """Let go of the source."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _next(self) -> Image | None:
        assert self._capture is not None, "read before open"
        is_read, image = self._capture.read()
        return np.asarray(image, np.uint8) if is_read else None

    def _check_captures(self) -> None:
        """Refuse a node that carries metadata: OpenCV would wait for its pictures for ever."""
        try:
            is_capture = video.captures(self._path)
        except OSError as error:
            raise DeviceLost("devices.busy", self._path) from error
        if not is_capture:
            raise DeviceLost("cameras.no_capture", self._path)

    def _captured(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(self._path, cv2.CAP_V4L2)
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        capture.set(cv2.CAP_PROP_FPS, self._fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture


class FileCamera(DeviceCamera):
    """A video file, shown at the speed it was taken with, from the start again if `is_looped`."""

    fields = ("path", "fps", "rotation", "is_looped")

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        super().__init__(name, settings)
        self._is_looped = flag(settings, "is_looped", default=False)
        self._is_own_speed = "fps" not in settings
        self._next_at = 0.0

    def open(self, now: float) -> None:
        """Open the file, or raise `DeviceLost`."""
        self._open()
        assert self._capture is not None
        taken_with = float(self._capture.get(cv2.CAP_PROP_FPS))
        if self._is_own_speed and 1 <= taken_with <= 240:
            self._fps = taken_with
        self._next_at = now

    def read(self, now: float) -> Frame | None:
        """Return the next frame when it is due; `DeviceLost` after the last one."""
        if now < self._next_at:
            return None
        self._next_at = max(self._next_at + 1 / self._fps, now)
        image = self._next()
        if image is None and self._is_looped and self._capture is not None:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            image = self._next()
        if image is None:
            raise DeviceLost("devices.lost", self._path)
        return Frame(_turned(image, self._rotation), now, self.name)

    def _check_captures(self) -> None:
        """A file has no nodes."""

    def _captured(self) -> cv2.VideoCapture:
        return cv2.VideoCapture(self._path, cv2.CAP_FFMPEG)


class FolderCamera:
    """The pictures of a folder, in the order of their names, one every `interval_s`."""

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, ("path", "interval_s", "is_looped", "rotation"))
        self.name = name
        self._folder = Path(settings["path"])
        self._interval_s = number(settings, "interval_s", 0.1, 0, 3600)
        self._is_looped = flag(settings, "is_looped", default=True)
        self._rotation = _rotation(settings)
        self._pictures: Iterator[Path] = iter(())
        self._next_at = 0.0
        self.broken_count = 0

    def open(self, now: float) -> None:
        """List the folder, or raise `DeviceLost` when it is missing or holds no picture."""
        files = self._files()
        if not files:
            raise DeviceLost("devices.absent", str(self._folder))
        self._pictures = iter(files)
        self._next_at = now

    def read(self, now: float) -> Frame | None:
        """Return the next picture when it is due; `DeviceLost` after the last one.

        A broken picture is counted and gives no frame; the next one comes in its turn.
        """
        if now < self._next_at:
            return None
        self._next_at = now + self._interval_s
        path = self._next()
        try:
            image = read_picture(path)
        except PictureUnreadable:
            self.broken_count += 1
            return None
        return Frame(_turned(image, self._rotation), now, self.name)

    def close(self) -> None:
        """Nothing to let go of."""

    def _next(self) -> Path:
        path = next(self._pictures, None)
        if path is None and self._is_looped:
            self._pictures = iter(self._files())
            path = next(self._pictures, None)
        if path is None:
            raise DeviceLost("devices.lost", str(self._folder))
        return path

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(p for p in self._folder.iterdir() if p.suffix.lower() in SUFFIXES)


def _mains(settings: DeviceSettings) -> int:
    mains_hz = int(number(settings, "mains_hz", 50, 50, 60))
    if mains_hz not in MAINS:
        raise ValueError(f"mains_hz = {mains_hz}; allowed: 50, 60")
    return mains_hz


def _rotation(settings: DeviceSettings) -> int:
    rotation = int(number(settings, "rotation", 0, 0, 270))
    if rotation != 0 and rotation not in ROTATIONS:
        raise ValueError(f"rotation = {rotation}; allowed: 0, 90, 180, 270")
    return rotation


def _turned(image: Image, rotation: int) -> Image:
    if rotation == 0:
        return image
    return np.asarray(cv2.rotate(image, ROTATIONS[rotation]), np.uint8)
