"""The eyes' real child process: events, restart after a kill, privacy of what is not armed."""

from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pytest
import qrcode

from devices import ports
from devices.simulated.scene import Scene, standing_still
from devices.vision.faces.engine import OnnxFaceEngine
from fanpiao.fetch_data import MODEL, PEOPLE
from terminal_app.eyes import wire
from terminal_app.eyes.client import EyesClient

DEADLINE_S = 30.0
"""Generous: a loaded machine imports slowly; nothing waits that long when all is well."""
EventT = TypeVar("EventT")


class Watched:
    """A client whose events are taken one by one."""

    def __init__(self, config: wire.Config) -> None:
        self.events: queue.Queue[ports.Event] = queue.Queue()
        self.client = EyesClient(config, self.events.put)

    def wait_for(self, kind: type[EventT]) -> EventT:
        """Return the next event of `kind`, dropping others."""
        until = time.monotonic() + DEADLINE_S
        while (left := until - time.monotonic()) > 0:
            self.client.step(time.monotonic())
            try:
                event = self.events.get(timeout=min(left, 0.2))
            except queue.Empty:
                continue
            if isinstance(event, kind):
                return event
        raise AssertionError(f"no {kind.__name__} within {DEADLINE_S} s")


@pytest.fixture
def watched() -> Iterator[Watched]:
    settings = {"fps": 10}
    config = wire.Config(name="camera", driver="simulated", settings=settings, model=str(MODEL))
    watched = Watched(config)
    yield watched
    watched.client.stop()


def enrolled() -> tuple[list[ports.FaceTemplate], Scene]:
    path = next(PEOPLE.glob("sample-01/1.*"))
    image = np.asarray(cv2.imread(str(path)), np.uint8)
    engine = OnnxFaceEngine(MODEL)
    face = engine.detect(image)[0]
    (vector,) = engine.embed(image, [face])
    box = (face.box.x, face.box.y, face.box.width, face.box.height)
    scene = Scene((standing_still(str(path), box, 20.0),), 20.0, seed=2)
    return [ports.FaceTemplate("someone", vector.tobytes())], scene


def test_a_face_is_matched_only_while_armed_and_again_after_a_crash(watched: Watched) -> None:
    templates, scene = enrolled()
    watched.client.set_gallery(templates)
    watched.client.start()
    watched.wait_for(ports.FrameSeen)
    watched.client.show(scene)
    assert watched.wait_for(ports.FaceObserved).match is None

    watched.client.arm(time.monotonic())
    match = None
    while match is None:
        match = watched.wait_for(ports.FaceObserved).match
    assert match.person == "someone"
    assert match.distance < 0.45

    pid = watched.client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert watched.wait_for(ports.DeviceHealth).state is ports.HealthState.LOST
    assert watched.wait_for(ports.DeviceHealth).state is ports.HealthState.READY
    assert watched.client.restart_count == 1
    watched.client.show(scene)
    match = None
    while match is None:
        match = watched.wait_for(ports.FaceObserved).match
    assert match.person == "someone"


def test_a_camera_unplugged_is_lost_and_found_again(watched: Watched) -> None:
    watched.client.start()
    assert watched.wait_for(ports.DeviceHealth).state is ports.HealthState.READY
    watched.client.plug(is_in=False)
    lost = watched.wait_for(ports.DeviceHealth)
    assert (lost.state, lost.error_code) == (ports.HealthState.LOST, "devices.lost")
    watched.client.plug(is_in=True)
    while watched.wait_for(ports.DeviceHealth).state is not ports.HealthState.READY:
        pass


def test_a_code_in_a_folder_of_pictures_is_one_event_and_a_broken_picture_none(
    tmp_path: Path,
) -> None:
    code = np.array(qrcode.make("134567890123456789").get_image().convert("L"), dtype=np.uint8)
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), code)
    (tmp_path / "3.png").write_bytes(b"not a picture")
    settings = {"path": str(tmp_path), "interval_s": 0.05, "is_looped": True}
    watched = Watched(
        wire.Config(name="camera", driver="folder", settings=settings, model=str(MODEL))
    )
    watched.client.start()
    try:
        scanned = watched.wait_for(ports.CodeScanned)
        assert scanned.text == "134567890123456789"
        assert not scanned.deliberate
        frames = [watched.wait_for(ports.FrameSeen) for _ in range(8)]
        assert len(frames) == 8
        left = list(watched.events.queue)
        assert not any(isinstance(event, ports.CodeScanned) for event in left)
    finally:
        watched.client.stop()
    assert watched.client.pid is None


def test_a_child_that_hangs_is_ended_and_started_again(watched: Watched) -> None:
    watched.client.start()
    watched.wait_for(ports.FrameSeen)
    hanging = watched.client.pid
    assert hanging is not None

    os.kill(hanging, signal.SIGSTOP)
    while watched.wait_for(ports.DeviceHealth).state is not ports.HealthState.LOST:
        pass
    while watched.wait_for(ports.DeviceHealth).state is not ports.HealthState.READY:
        pass

    assert watched.client.pid != hanging
    watched.wait_for(ports.FrameSeen)


def test_a_template_that_is_no_vector_is_refused_and_the_eyes_go_on(watched: Watched) -> None:
    templates, scene = enrolled()
    watched.client.start()
    watched.client.set_gallery(templates)
    for vector in (b"short", np.full(128, np.nan, "<f4").tobytes()):
        with pytest.raises(ValueError, match="a template"):
            watched.client.update_gallery(
                added=[ports.FaceTemplate("other", vector)], removed=["someone"]
            )

    watched.wait_for(ports.FrameSeen)
    watched.client.show(scene)
    watched.client.arm(time.monotonic())

    match = None
    while match is None:
        match = watched.wait_for(ports.FaceObserved).match
    assert match.person == "someone"


def test_without_a_face_model_codes_are_read_and_it_is_said_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = np.array(qrcode.make("134567890123456789").get_image().convert("L"), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "1.png"), code)
    settings = {"path": str(tmp_path), "interval_s": 0.05, "is_looped": True}
    nowhere = str(tmp_path / "none.onnx")
    watched = Watched(wire.Config(name="camera", driver="folder", settings=settings, model=nowhere))
    watched.client.start()
    try:
        health = watched.wait_for(ports.DeviceHealth)
        said = (health.device, health.state, health.error_code)
        assert said == ("face", ports.HealthState.LOST, "faces.model_missing")
        assert watched.wait_for(ports.CodeScanned).text == "134567890123456789"
        assert watched.client.restart_count == 0
    finally:
        watched.client.stop()
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "script/setup" in lines[0]


def test_a_child_that_cannot_live_is_waited_for_longer_and_longer(tmp_path: Path) -> None:
    watched = Watched(
        wire.Config(name="camera", driver="no such driver", settings={}, model=str(MODEL))
    )
    watched.client.start()
    starts: list[float] = []
    now = 0.0
    try:
        while len(starts) < 4:
            child = watched.client._child
            assert child is not None
            child.wait(DEADLINE_S)
            before = watched.client.restart_count
            while watched.client.restart_count == before:
                now += 0.5
                watched.client.step(now)
            starts.append(now)
    finally:
        watched.client.stop()
    pauses = [late - early for early, late in pairwise(starts)]
    assert pauses == [4.0, 8.0, 16.0]


def test_the_end_asked_for_at_the_keyboard_is_not_the_eyes_business(watched: Watched) -> None:
    watched.client.start()
    watched.wait_for(ports.FrameSeen)
    pid = watched.client.pid
    assert pid is not None
    assert os.getpgid(pid) != os.getpgid(0)
