"""The child: one thread captures into a queue of one, one listens to the parent, one looks.

It ends when the parent does (its standard input closes), and never writes anything but events to
its standard output.

It says that it is alive `wire.ALIVE_S` apart. A thread of it that breaks ends it, and so does a
camera that hangs in the driver: the parent starts it again, which opens the camera anew.
Without a face model it reads codes only, and says so once.
"""

import argparse
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from devices import ports
from devices.events import FACE
from devices.registry import make_camera
from devices.simulated.camera import SceneCamera
from devices.vision.codes import Presented
from devices.vision.faces.engine import Face, FaceEngine, Image, OnnxFaceEngine, Vector
from devices.vision.faces.weights import ModelUnreadable
from terminal_app.eyes import wire
from terminal_app.eyes.look import Looker

REOPEN_S: Final = 1.0
"""How long a lost camera is left alone before it is opened again."""
HANGING_S: Final = 5.0
"""A read or an opening that takes longer hangs in the driver; only a new process mends that."""
IDLE_S: Final = 0.004
MODEL_MISSING: Final = "faces.model_missing"
BEHIND_THE_GLASS: Final = 5
"""By so much these frames stand behind the kiosk's own, where both want a core."""
BROKEN: Final = 1
"""The exit status of a child that has to be started again."""


class Eyes:
    """The child's state; `run` returns when the parent is gone."""

    def __init__(self, config: wire.Config, commands: BinaryIO, events: BinaryIO) -> None:
        self._config = config
        self._commands = commands
        self._events = events
        self._camera = make_camera(
            ports.DeviceEntry(config.name, "camera", config.driver, config.settings)
        )
        engine, self._why_blind = _engine(Path(config.model))
        self._looker = Looker(
            engine,
            config.zone,
            Presented(config.name, config.code_gone_s),
            config.formats,
        )
        self._lock = threading.Lock()
        self._newest: ports.Frame | None = None
        self._orders: queue.SimpleQueue[wire.Command] = queue.SimpleQueue()
        self._is_new = threading.Event()
        self._is_over = threading.Event()
        self._is_broken = False
        self._asked_camera_at: float | None = None
        self._alive_at = float("-inf")

    def run(self) -> int:
        """Look until the parent closes the pipe; return the exit status."""
        if self._why_blind:
            self._send(
                ports.DeviceHealth(
                    FACE, FACE, ports.HealthState.LOST, time.monotonic(), self._why_blind
                )
            )
        for work in (self._listen, self._capture):
            threading.Thread(target=self._guarded, args=(work,), daemon=True).start()
        while not self._is_over.is_set():
            is_new = self._is_new.wait(timeout=0.1)
            self._keep_alive(time.monotonic())
            while not self._orders.empty():
                self._obey(self._orders.get())
            if is_new:
                self._look()
        return BROKEN if self._is_broken else 0

    def _guarded(self, work: Callable[[], None]) -> None:
        """A thread that ends by a mistake must not leave a process behind that is half blind."""
        try:
            work()
        except BaseException:
            self._is_broken = True
            raise
        finally:
            self._is_over.set()

    def _keep_alive(self, now: float) -> None:
        asked_at = self._asked_camera_at
        if asked_at is not None and now - asked_at > HANGING_S:
            self._tell(ports.HealthState.LOST, "cameras.no_frames")
            self._is_broken = True
            self._is_over.set()
        elif now - self._alive_at >= wire.ALIVE_S:
            self._alive_at = now
            self._write(wire.ALIVE)

    def _look(self) -> None:
        with self._lock:
            frame, self._newest = self._newest, None
            self._is_new.clear()
        now = time.monotonic()
        if frame is None or now - frame.captured_at > self._config.frame_age_max_s:
            return
        for event in self._looker.look(frame, now):
            self._send(event)

    def _capture(self) -> None:
        while not self._is_over.is_set():
            try:
                self._asked_camera_at = time.monotonic()
                self._camera.open(time.monotonic())
                self._tell(ports.HealthState.READY)
                self._read_frames()
            except ports.DeviceLost as lost:
                self._asked_camera_at = None
                self._camera.close()
                self._tell(ports.HealthState.LOST, lost.code)
                self._is_over.wait(REOPEN_S)

    def _read_frames(self) -> None:
        while not self._is_over.is_set():
            self._asked_camera_at = time.monotonic()
            frame = self._camera.read(time.monotonic())
            if frame is None:
                self._is_over.wait(IDLE_S)
                continue
            with self._lock:
                self._newest = frame
                self._is_new.set()

    def _listen(self) -> None:
        while (body := wire.read_body(self._commands)) is not None:
            try:
                command = wire.decode_command(body)
            except msgspec.MsgspecError:
                continue
            # Obeyed between two frames: the gallery belongs to the thread that looks
            self._orders.put(command)

    def _obey(self, command: wire.Command) -> None:
        looker, now = self._looker, time.monotonic()
        match command:
            case wire.Arm(after):
                looker.armed_after = after
            case wire.Disarm():
                looker.armed_after = None
            case wire.SetGallery(templates):
                looker.replace_gallery(_known(templates))
            case wire.UpdateGallery(added, removed):
                looker.gallery.remove([*removed])
                looker.gallery.add(_known(added))
            case wire.Show(scene) if isinstance(self._camera, SceneCamera):
                self._camera.show(scene, now)
            case wire.Plug(is_in) if isinstance(self._camera, SceneCamera):
                (self._camera.plug_in if is_in else self._camera.unplug)()

    def _tell(self, state: ports.HealthState, code: str = "") -> None:
        name = self._config.name
        self._send(ports.DeviceHealth(name, "camera", state, time.monotonic(), code))

    def _send(self, event: ports.Event) -> None:
        self._write(wire.encode_event(event))

    def _write(self, message: bytes) -> None:
        with self._lock:
            try:
                self._events.write(message)
                self._events.flush()
            except OSError:
                self._is_over.set()


class _NoFaces:
    """In the place of an engine whose model is not there: codes are still read."""

    def detect(self, _image: Image) -> list[Face]:
        """Nobody."""
        return []

    def embed(self, _image: Image, _faces: list[Face]) -> list[Vector]:
        """Nothing."""
        return []


def _engine(model: Path) -> tuple[FaceEngine, str]:
    """The engine, or one that finds nobody with the code of what is missing."""
    try:
        return OnnxFaceEngine(model), ""
    except ModelUnreadable as missing:
        print(f"{MODEL_MISSING}: {missing}", file=sys.stderr, flush=True)
        return _NoFaces(), MODEL_MISSING


def _known(templates: list[wire.Template]) -> list[ports.FaceTemplate]:
    return [ports.FaceTemplate(one.person, one.vector) for one in templates]


def main() -> int:
    """Read the configuration from the first message, then look."""
    parser = argparse.ArgumentParser(description="The camera process of a counter; see client.py.")
    parser.parse_args()
    commands, events = sys.stdin.buffer, sys.stdout.buffer
    body = wire.read_body(commands)
    if body is None:
        return 2
    os.nice(BEHIND_THE_GLASS)
    return Eyes(msgspec.msgpack.decode(body, type=wire.Config), commands, events).run()
