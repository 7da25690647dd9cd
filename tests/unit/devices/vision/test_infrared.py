"""A camera that sees infrared too: who is there pays, who is only on a screen does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from devices import ports
from devices.registry import make_camera
from devices.simulated.camera import SceneCamera
from devices.simulated.scene import Actor, Scene, standing_still
from devices.vision.codes import Presented
from devices.vision.faces.infrared import is_there_in_infrared
from devices.vision.faces.zone import Zone
from fanpiao.fetch_data import PEOPLE
from terminal_app.eyes.look import FLAT, Looker
from tests.factories.schools import shared_engine

pytestmark = pytest.mark.pictures

Image = NDArray[np.uint8]
AT_S = 1.0


def someone() -> Image:
    path = next(PEOPLE.glob("sample-01/1.*"))
    return np.asarray(cv2.imread(str(path)), np.uint8)


def seen(*, is_on_screen: bool, has_infrared: bool = True) -> ports.FaceObserved:
    """What an armed counter's eyes say of somebody in front of the camera."""
    image = someone()
    face = shared_engine().detect(image)[0]
    box = (face.box.x, face.box.y, face.box.width, face.box.height)
    still = standing_still(str(next(PEOPLE.glob("sample-01/1.*"))), box, 20.0)
    actor = Actor(still.photograph, still.face, still.way, is_on_screen=is_on_screen)
    camera = SceneCamera("camera", {"fps": 10, "infrared": has_infrared})
    camera.open(0.0)
    camera.show(Scene((actor,), 20.0, seed=2), 0.0)
    frame = camera.read(AT_S)
    assert frame is not None
    looker = Looker(shared_engine(), Zone(), Presented("camera", 1.0), ())
    (vector,) = shared_engine().embed(image, [face])
    looker.replace_gallery([ports.FaceTemplate("someone", vector.tobytes())])
    looker.armed_after = 0.0
    (found,) = [e for e in looker.look(frame, AT_S) if isinstance(e, ports.FaceObserved)]
    return found


def test_who_stands_there_is_known() -> None:
    found = seen(is_on_screen=False)
    assert found.match is not None
    assert found.match.person == "someone"
    assert found.advice != FLAT


def test_who_is_held_up_on_a_phone_is_nobody_and_told_why() -> None:
    found = seen(is_on_screen=True)
    assert found.in_zone, "the face is seen, or nothing was tested"
    assert (found.match, found.advice) == (None, FLAT)


def test_a_camera_without_infrared_cannot_tell() -> None:
    assert seen(is_on_screen=True, has_infrared=False).match is not None


@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_a_sensor_of_another_size_and_a_little_aside_sees_the_same_face(scale: float) -> None:
    image = someone()
    face = shared_engine().detect(image)[0]
    height, width = image.shape[:2]
    aside = np.roll(image, round(face.box.width * 0.15), axis=1)
    size = (round(width * scale), round(height * scale))
    infrared = np.asarray(cv2.resize(aside, size), np.uint8)
    assert is_there_in_infrared(shared_engine(), image, infrared, face.box)


@pytest.mark.parametrize("box", [ports.Box(0, 0, 0, 0), ports.Box(5000, 5000, 90, 90)])
def test_a_box_that_is_not_in_the_picture_is_nobody(box: ports.Box) -> None:
    image = someone()
    assert not is_there_in_infrared(shared_engine(), image, image, box)


def pair(folder: Path, **settings: Any) -> ports.Camera:
    for name in ("colour", "infrared"):
        (folder / name).mkdir()
        cv2.imwrite(str(folder / name / "1.png"), np.full((60, 80, 3), (9, 90, 200), np.uint8))
    told = {"of": "folder", "path": str(folder / "colour"), "infrared": str(folder / "infrared")}
    return make_camera(ports.DeviceEntry("camera", "camera", "pair", {**told, **settings}))


def test_a_frame_of_a_pair_has_both_and_infrared_has_no_colours(tmp_path: Path) -> None:
    camera = pair(tmp_path)
    camera.open(0.0)
    frame = camera.read(0.0)
    camera.close()
    assert frame is not None
    assert frame.infrared is not None
    assert frame.image[0, 0].tolist() == [9, 90, 200]
    assert np.ptp(frame.infrared, axis=2).max() == 0


def test_halves_that_do_not_show_one_moment_are_no_frame(tmp_path: Path) -> None:
    camera: Any = pair(tmp_path)
    camera.open(0.0)
    camera._infrared._next_at = 5.0
    assert camera.read(0.0) is None
    assert camera.read(5.0) is not None
    camera._kept = {False: ports.Frame(np.zeros((1, 1, 3), np.uint8), 0.0, "camera")}
    camera._colour._next_at = 99.0
    assert camera.read(9.0) is None
    camera.close()


def test_a_pair_without_its_second_half_is_lost_whole(tmp_path: Path) -> None:
    camera = pair(tmp_path)
    (tmp_path / "infrared" / "1.png").unlink()
    with pytest.raises(ports.DeviceLost, match=r"devices\.absent"):
        camera.open(0.0)
    cv2.imwrite(str(tmp_path / "infrared" / "1.png"), np.zeros((60, 80, 3), np.uint8))
    camera.open(1.0)
    assert camera.read(1.0) is not None
    camera.close()


@pytest.mark.parametrize(
    ("settings", "what"), [({"of": "phone"}, "of"), ({"infrared_path": "x"}, "infrared_path")]
)
def test_a_mistake_in_the_settings_says_what_is_wrong(
    tmp_path: Path, settings: dict[str, Any], what: str
) -> None:
    with pytest.raises(ValueError, match=what):
        pair(tmp_path, **settings)
