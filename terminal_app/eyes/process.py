"""The child: one thread captures into a queue of one, one listens to the parent, one looks.

It ends when the parent does (its standard input closes), and never writes anything but events to
its standard output.
"""

import argparse
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

import msgspec

from devices import ports
from devices.registry import make_camera
from devices.simulated.camera import SceneCamera
from devices.vision.codes import Presented
from devices.vision.faces.engine import OnnxFaceEngine
from terminal_app.eyes import wire
from terminal_app.eyes.look import Looker

REOPEN_S = 1.0
"""How long a lost camera is left alone before it is opened again."""
IDLE_S = 0.004


class Eyes:
    """The child's state; `run` returns when the parent is gone."""

    def __init__(self, config: wire.Config, commands: BinaryIO, events: BinaryIO) -> None:
        self._config = config
        self._commands = commands
        self._events = events
        self._camera = make_camera(
            ports.DeviceEntry(config.name, "camera", config.driver, config.settings)
        )
        self._looker = Looker(
            OnnxFaceEngine(Path(config.model)),
            config.zone,
            Presented(config.name, config.code_gone_s),
            config.formats,
        )
        self._lock = threading.Lock()
        self._newest: ports.Frame | None = None
        self._is_new = threading.Event()
        self._is_over = threading.Event()

    def run(self) -> None:
        """Look until the parent closes the pipe."""
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._capture, daemon=True).start()
        while not self._is_over.is_set():
            if self._is_new.wait(timeout=0.1):
                self._look()

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
                self._camera.open(time.monotonic())
                self._tell(ports.HealthState.READY)
                self._read_frames()
            except ports.DeviceLost as lost:
                self._camera.close()
                self._tell(ports.HealthState.LOST, lost.code)
                self._is_over.wait(REOPEN_S)

    def _read_frames(self) -> None:
        while not self._is_over.is_set():
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
                self._obey(wire.decode_command(body))
            except msgspec.MsgspecError:
                continue
        self._is_over.set()

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
        with self._lock:
            try:
                self._events.write(wire.encode_event(event))
                self._events.flush()
            except OSError:
                self._is_over.set()


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
    Eyes(msgspec.msgpack.decode(body, type=wire.Config), commands, events).run()
    return 0
