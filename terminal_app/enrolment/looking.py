"""The desk's camera: looks only while somebody poses, and keeps no frame.

A vector is made of the foremost face alone, and only between `start` and `stop`, which a consent
on file allows. Nothing is written anywhere; a photograph is made only for who agreed to that.
"""

import threading
from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from devices.ports import Camera, DeviceLost, Frame
from devices.vision.faces.covering import advice_for_enrolment
from devices.vision.faces.engine import Face, FaceEngine, Image
from devices.vision.faces.quality import quality_of
from devices.vision.faces.tracks import Standing, Tracker, second_ratio
from terminal_app.enrolment.capture import Look

AGE_MAX_S: Final = 0.25
PHOTO_MARGIN: Final = 0.6
"""How much around the face a kept photograph shows, as a share of its height: no room."""
PHOTO_SIDE: Final = 480
FACE_MIN: Final = 0.22
"""Of the frame's height: a desk is as near as a counter (COUNTER §3 P1)."""
REOPEN_S: Final = 1.0

Post = Callable[[Look | None], None]


class Watcher:
    """Steps the camera; `start` and `stop` come from the desk's thread, `step` from its own."""

    def __init__(self, camera: Camera, engine: FaceEngine, post: Post) -> None:
        self._camera, self._engine, self._post = camera, engine, post
        self._wanted = threading.Event()
        self._tracker = Tracker()
        self._keeps_photo = False
        self._is_open = False
        self._reopen_at = float("-inf")
        self.lost = ""
        """Why there is no camera now; "" when there is one, or none is needed."""

    def start(self, *, keeps_photo: bool) -> None:
        """Begin to look; nothing is remembered of who stood there before."""
        self._tracker, self._keeps_photo = Tracker(), keeps_photo
        self._wanted.set()

    def stop(self) -> None:
        """Look no more."""
        self._wanted.clear()

    def step(self, now: float) -> bool:
        """Look at the newest frame, if one is wanted and there; return whether there was one."""
        if not self._wanted.is_set():
            self.close()
            return False
        try:
            frame = self._frame(now)
        except DeviceLost as lost:
            self.close()
            self.lost, self._reopen_at = lost.code, now + REOPEN_S
            return False
        if frame is None or now - frame.captured_at > AGE_MAX_S:
            return False
        look = self._look(frame)
        if self._wanted.is_set():
            self._post(look)
        return True

    def close(self) -> None:
        """Let go of the camera: its light goes out when nobody poses."""
        if self._is_open:
            self._camera.close()
        self._is_open, self.lost = False, ""

    def _frame(self, now: float) -> Frame | None:
        if not self._is_open:
            if now < self._reopen_at:
                return None
            self._camera.open(now)
            self._is_open, self.lost = True, ""
        return self._camera.read(now)

    def _look(self, frame: Frame) -> Look | None:
        faces = self._engine.detect(frame.image)
        height, width = frame.image.shape[:2]
        standing, _ = self._tracker.step(faces, (width, height), frame.captured_at)
        if not standing:
            return None
        first, box = standing[0], standing[0].face.box
        quality = quality_of(frame.image, first.face)
        return Look(
            track_id=first.track_id,
            pose=first.pose,
            score=quality.score,
            advice=self._advice(frame.image, first, quality.advice),
            second_ratio=second_ratio(standing),
            captured_at=frame.captured_at,
            left=box.x / width,
            top=box.y / height,
            width=box.width / width,
            height=box.height / height,
            vector=self._engine.embed(frame.image, [first.face])[0].astype("<f4").tobytes(),
            photograph=_photograph(frame.image, first.face) if self._keeps_photo else b"",
        )

    def _advice(self, image: Image, first: Standing, advice: str) -> str:
        if first.size_ratio < FACE_MIN:
            return "faces.too_far"
        return advice or advice_for_enrolment(image, first.face)


def _photograph(image: Image, face: Face) -> bytes:
    box, margin = face.box, round(face.box.height * PHOTO_MARGIN)
    top, left = max(box.y - margin, 0), max(box.x - margin, 0)
    crop = image[top : box.y + box.height + margin, left : box.x + box.width + margin]
    scale = min(1.0, PHOTO_SIDE / max(crop.shape[:2]))
    size = (max(round(crop.shape[1] * scale), 1), max(round(crop.shape[0] * scale), 1))
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", np.asarray(small), [cv2.IMWRITE_JPEG_QUALITY, 90])[1])
