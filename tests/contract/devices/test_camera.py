"""Every camera keeps the same promises: a video file, a folder of pictures, a pair, and the twin.

There is no capture device on a machine without one; a video file takes the same way through OpenCV.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from devices.ports import Camera, DeviceEntry, DeviceLost, Frame
from devices.registry import make_camera
from devices.simulated.camera import SceneCamera

SIZE = (160, 120)


@dataclass
class Bench:
    """A camera, and the hand that takes its source away and brings it back."""

    camera: Camera
    unplug: Callable[[], None]
    plug_in: Callable[[], None]


def _picture(number: int) -> np.ndarray:
    return np.full((SIZE[1], SIZE[0], 3), 40 + 20 * number, np.uint8)


def _moved_away(camera: Camera, path: Path) -> Bench:
    """The source is there or not when the camera is opened; what is open is lost by its end."""
    away = path.with_name("away")
    return Bench(camera, lambda: os.rename(path, away), lambda: os.rename(away, path))


def make_file(folder: Path) -> Bench:
    path = folder / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, SIZE)
    for number in range(4):
        writer.write(_picture(number))
    writer.release()
    return _moved_away(make_camera(_entry("file", path=str(path))), path)


def make_folder(folder: Path) -> Bench:
    path = folder / "pictures"
    path.mkdir()
    for number in range(4):
        cv2.imwrite(str(path / f"{number}.png"), _picture(number))
    settings = {"path": str(path), "interval_s": 0.1, "is_looped": False}
    return _moved_away(make_camera(_entry("folder", **settings)), path)


def make_pair(folder: Path) -> Bench:
    colour, infrared = folder / "pictures", folder / "infrared"
    for path in (colour, infrared):
        path.mkdir()
        for number in range(4):
            cv2.imwrite(str(path / f"{number}.png"), _picture(number))
    settings = {"of": "folder", "path": str(colour), "infrared": str(infrared)}
    more = {"interval_s": 0.1, "is_looped": False}
    return _moved_away(make_camera(_entry("pair", **settings, **more)), infrared)


def make_twin(folder: Path) -> Bench:
    camera = SceneCamera("camera", {"fps": 10})
    return Bench(camera, camera.unplug, camera.plug_in)


def _entry(driver: str, **settings: object) -> DeviceEntry:
    return DeviceEntry("camera", "camera", driver, settings)


def _look_for(camera: Camera, *, turns: int) -> None:
    for turn in range(1, turns):
        camera.read(turn * 0.2)


@pytest.fixture(
    params=[make_file, make_folder, make_pair, make_twin], ids=["file", "folder", "pair", "twin"]
)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    made: Bench = request.param(tmp_path)
    return made


def test_a_frame_is_a_colour_picture_with_the_time_it_was_taken(bench: Bench) -> None:
    bench.camera.open(5.0)

    frame = bench.camera.read(5.0)

    assert frame is not None
    assert (frame.image.dtype, frame.image.ndim, frame.image.shape[2]) == (np.uint8, 3, 3)
    assert (frame.captured_at, frame.source) == (5.0, "camera")
    bench.camera.close()


def test_there_is_no_new_frame_before_it_is_due(bench: Bench) -> None:
    bench.camera.open(0.0)

    taken = [bench.camera.read(at_ms / 1000) for at_ms in (0, 10, 50, 101, 120, 202)]

    assert [frame is not None for frame in taken] == [True, False, False, True, False, True]
    bench.camera.close()


def test_a_frame_never_shows_its_picture_in_its_repr(bench: Bench) -> None:
    bench.camera.open(0.0)

    frame = bench.camera.read(0.0)

    assert "array" not in repr(frame)
    bench.camera.close()


def test_a_source_that_is_away_does_not_open_and_opens_when_it_is_back(bench: Bench) -> None:
    bench.unplug()
    with pytest.raises(DeviceLost) as lost:
        bench.camera.open(0.0)
    assert lost.value.code == "devices.absent"
    bench.camera.close()

    bench.plug_in()
    bench.camera.open(1.0)

    assert isinstance(bench.camera.read(1.0), Frame)
    bench.camera.close()


def test_it_is_lost_in_use_and_found_again(bench: Bench) -> None:
    bench.camera.open(0.0)
    assert bench.camera.read(0.0) is not None
    bench.unplug()

    with pytest.raises(DeviceLost) as lost:
        _look_for(bench.camera, turns=10)

    assert lost.value.code == "devices.lost"
    bench.camera.close()
    bench.camera.close()
    bench.plug_in()
    bench.camera.open(10.0)
    assert bench.camera.read(10.0) is not None
    bench.camera.close()


def test_a_looped_film_begins_again(tmp_path: Path) -> None:
    make_file(tmp_path)
    settings = {"path": str(tmp_path / "film.avi"), "is_looped": True}
    camera = make_camera(_entry("file", **settings))
    camera.open(0.0)

    shades = [int(frame.image[0, 0, 0]) for i in range(6) if (frame := camera.read(i * 0.11))]

    assert len(shades) == 6
    assert shades[4] == shades[0] < shades[1] == shades[5]
    camera.close()


def test_broken_pictures_give_no_frame_and_do_not_end_the_show(tmp_path: Path) -> None:
    make_folder(tmp_path)
    path = tmp_path / "pictures"
    whole = (path / "0.png").read_bytes()
    (path / "1.png").write_bytes(b"")
    (path / "2.png").write_bytes(whole[: len(whole) // 2] + b"noise")
    camera = make_camera(_entry("folder", path=str(path), interval_s=0.0, is_looped=True))
    camera.open(0.0)

    taken = [camera.read(float(turn)) for turn in range(8)]

    assert sum(frame is not None for frame in taken) >= 4
    assert taken[1] is None


def test_what_is_no_film_says_so(tmp_path: Path) -> None:
    (tmp_path / "film.avi").write_bytes(b"no film" * 100)
    camera = make_camera(_entry("file", path=str(tmp_path / "film.avi")))

    with pytest.raises(DeviceLost) as lost:
        camera.open(0.0)

    assert lost.value.code == "devices.protocol"


@pytest.mark.parametrize(
    "settings", [{"rotation": 45}, {"fps": 0}, {"brightness": 3}, {"is_looped": "yes"}, {}]
)
def test_a_mistake_in_the_settings_is_told_before_anything_is_opened(settings: dict) -> None:
    path = {"path": "film.avi"} if settings else {}

    with pytest.raises(ValueError, match="camera"):
        make_camera(_entry("file", **path, **settings))
