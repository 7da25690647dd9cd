"""Detector, vectors, gallery, quality and tracks on the sample photographs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import dlib
import face_recognition
import numpy as np
import pytest
from numpy.typing import NDArray

from devices.ports import Box, FaceTemplate
from devices.simulated.scene import Scene, beside, standing_still, turning_away, walking_past
from devices.simulated.tracks import draw
from devices.vision.faces.check import check_vectors, reference_vector
from devices.vision.faces.engine import Face, OnnxFaceEngine
from devices.vision.faces.gallery import Gallery, distance_between
from devices.vision.faces.quality import quality_of
from devices.vision.faces.tracks import Standing, Tracker, second_ratio
from devices.vision.faces.weights import (
    RESNET_FILE,
    ModelUnreadable,
    model_file,
    read_weights,
)
from fanpiao.fetch_data import MODEL, PEOPLE, PHOTOGRAPHS, ROOT, STRANGERS

Image = NDArray[np.uint8]
LOOKS = ROOT / "var/data/looks"


@pytest.fixture(scope="module")
def engine() -> OnnxFaceEngine:
    assert MODEL.exists(), "the face model is missing: run script/setup"
    return OnnxFaceEngine(MODEL)


def picture(path: Path) -> Image:
    image = cv2.imread(str(path))
    assert image is not None, f"{path} is missing: run script/setup"
    return np.asarray(image, np.uint8)


def first_face(engine: OnnxFaceEngine, path: Path) -> tuple[Image, Face]:
    image = picture(path)
    return image, engine.detect(image)[0]


def template(engine: OnnxFaceEngine, path: Path) -> FaceTemplate:
    image, face = first_face(engine, path)
    (vector,) = engine.embed(image, [face])
    return FaceTemplate(path.parent.name, vector.astype("<f4").tobytes())


@pytest.fixture(scope="module")
def gallery(engine: OnnxFaceEngine) -> Gallery:
    return Gallery(template(engine, path) for path in sorted(PEOPLE.glob("*/*")))


def test_vectors_equal_dlibs_own_on_every_photograph() -> None:
    pictures = [ROOT / "var/data" / place for place in PHOTOGRAPHS.values()]
    assert check_vectors(MODEL, pictures) < 1e-5


def test_a_changed_model_does_not_pass_the_check(tmp_path: Path, engine: OnnxFaceEngine) -> None:
    reference = dlib.face_recognition_model_v1(str(model_file(RESNET_FILE)))
    image, face = first_face(engine, next(PEOPLE.glob("*/1.*")))
    (vector,) = engine.embed(np.flip(image, axis=1).copy(), [face])
    assert np.linalg.norm(vector - reference_vector(reference, image, face)) > 1e-2


def test_vectors_agree_with_the_reference_library(engine: OnnxFaceEngine) -> None:
    image, face = first_face(engine, next(PEOPLE.glob("*/1.*")))
    box = face.box
    place = (box.y, box.x + box.width - 1, box.y + box.height - 1, box.x)
    rgb = np.ascontiguousarray(image[:, :, ::-1])
    (theirs,) = face_recognition.face_encodings(rgb, [place], model="small")
    (ours,) = engine.embed(image, [face])
    assert np.linalg.norm(ours - theirs) < 1e-5


def test_a_person_is_recognised_in_other_photographs(
    engine: OnnxFaceEngine, gallery: Gallery
) -> None:
    for path in sorted(LOOKS.glob("*/*")):
        image, face = first_face(engine, path)
        match = gallery.search(engine.embed(image, [face])[0])
        assert match is not None
        assert (match.person, match.distance < 0.45) == (path.parent.name, True)


def test_a_stranger_is_nobody(engine: OnnxFaceEngine, gallery: Gallery) -> None:
    image, face = first_face(engine, next(STRANGERS.glob("*/*")))
    match = gallery.search(engine.embed(image, [face])[0])
    assert match is not None
    assert match.distance > 0.6


def test_a_picture_without_a_face_gives_none(engine: OnnxFaceEngine) -> None:
    assert engine.detect(np.full((480, 640, 3), 127, np.uint8)) == []


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreadable, match="run script/setup"):
        OnnxFaceEngine(tmp_path / "none.onnx")
    (tmp_path / "broken.dat").write_bytes(b"not a model")
    with pytest.raises(ModelUnreadable, match="not dlib's"):
        read_weights(tmp_path / "broken.dat")


def unit(*at: int) -> bytes:
    vector = np.zeros(128, np.float32)
    vector[list(at)] = 1.0
    return vector.tobytes()


def test_the_nearest_template_of_a_person_counts_and_the_margin_is_to_another_person() -> None:
    gallery = Gallery(
        [FaceTemplate("a", unit(0)), FaceTemplate("a", unit(0, 1)), FaceTemplate("b", unit(2))]
    )
    match = gallery.search(np.frombuffer(unit(0), np.float32))
    assert match is not None
    assert (match.person, match.distance) == ("a", 0.0)
    assert match.margin == pytest.approx(2**0.5)


def test_an_empty_gallery_knows_nobody_and_a_forgotten_person_is_gone() -> None:
    gallery = Gallery()
    probe = np.frombuffer(unit(0), np.float32)
    assert gallery.search(probe) is None
    gallery.add([FaceTemplate("a", unit(0)), FaceTemplate("b", unit(1))])
    gallery.remove(["a"])
    match = gallery.search(probe)
    assert match is not None
    assert match.person == "b"
    assert match.margin == float("inf")
    assert len(gallery) == 1


def test_a_template_of_another_size_is_refused_whole() -> None:
    gallery = Gallery()
    with pytest.raises(ValueError, match="512"):
        gallery.add([FaceTemplate("a", unit(0)), FaceTemplate("b", b"short")])
    assert len(gallery) == 0


def test_search_equals_the_plain_distance() -> None:
    rng = np.random.default_rng(7)
    vectors = rng.normal(0, 0.08, (500, 128)).astype(np.float32)
    gallery = Gallery(FaceTemplate(str(i), v.tobytes()) for i, v in enumerate(vectors))
    probe = rng.normal(0, 0.08, 128).astype(np.float32)
    match = gallery.search(probe)
    distances = np.sort(np.linalg.norm(vectors - probe, axis=1))
    assert match is not None
    assert match.distance == pytest.approx(float(distances[0]), abs=1e-4)
    assert match.margin == pytest.approx(float(distances[1] - distances[0]), abs=1e-4)
    assert distance_between(vectors[0].tobytes(), vectors[0].tobytes()) == 0.0


def test_advice_says_what_to_mend(engine: OnnxFaceEngine) -> None:
    image, face = first_face(engine, next(PEOPLE.glob("sample-01/1.*")))
    assert quality_of(image, face).advice == ""
    dark = np.asarray(image * 0.15, np.uint8)
    assert quality_of(dark, face).advice == "faces.too_dark"
    blurred = np.asarray(cv2.GaussianBlur(image, (0, 0), 12), np.uint8)
    assert quality_of(blurred, face).advice == "faces.blurred"
    assert quality_of(blurred, face).score < quality_of(image, face).score


def scene_of(engine: OnnxFaceEngine, path: Path, kind: str) -> Scene:
    _, face = first_face(engine, path)
    box = (face.box.x, face.box.y, face.box.width, face.box.height)
    still = standing_still(str(path), box, 2.0)
    actors = {
        "still": (still,),
        "past": (walking_past(str(path), box, 2.0),),
        "away": (turning_away(str(path), box, 2.0),),
        "two": (beside(still, x=0.36, height=0.30), beside(still, x=0.64, height=0.29)),
        "behind": (still, beside(still, x=0.8, height=0.2)),
    }
    return Scene(actors[kind], 2.0, seed=5)


def watch(engine: OnnxFaceEngine, scene: Scene) -> Iterator[list[Standing]]:
    tracker = Tracker()
    for tick in range(20):
        faces = engine.detect(draw(scene, tick / 10))
        yield tracker.step(faces, (1280, 720), tick / 10)[0]


@pytest.fixture(scope="module")
def someone() -> Path:
    return next(PEOPLE.glob("sample-01/1.*"))


def test_standing_still_is_one_track_in_the_zone(engine: OnnxFaceEngine, someone: Path) -> None:
    frames = list(watch(engine, scene_of(engine, someone, "still")))
    assert {one.track_id for standing in frames for one in standing} == {1}
    assert all(standing[0].is_in_zone for standing in frames)


def test_walking_past_starts_and_ends_outside_the_zone(
    engine: OnnxFaceEngine, someone: Path
) -> None:
    frames = [s for s in watch(engine, scene_of(engine, someone, "past")) if s]
    assert not frames[0][0].is_in_zone
    assert not frames[-1][0].is_in_zone
    places = [standing[0].face.box.x for standing in frames]
    assert places == sorted(places)
    assert places[-1] - places[0] > 600


def test_turning_away_loses_the_face(engine: OnnxFaceEngine, someone: Path) -> None:
    frames = list(watch(engine, scene_of(engine, someone, "away")))
    assert frames[0]
    assert not frames[-1]


def test_two_faces_of_like_size_are_seen_as_two(engine: OnnxFaceEngine, someone: Path) -> None:
    frames = list(watch(engine, scene_of(engine, someone, "two")))
    assert all(second_ratio(standing) >= 0.75 for standing in frames)


def test_a_smaller_face_behind_does_not_count(engine: OnnxFaceEngine, someone: Path) -> None:
    frames = list(watch(engine, scene_of(engine, someone, "behind")))
    assert all(second_ratio(standing) < 0.75 for standing in frames)


def test_a_track_ends_when_its_face_has_been_gone_for_a_while() -> None:
    tracker = Tracker()
    face = Face(Box(600, 200, 200, 200), np.zeros((5, 2), np.float32))
    tracker.step([face], (1280, 720), 0.0)
    assert tracker.step([], (1280, 720), 0.5) == ([], [])
    assert tracker.step([], (1280, 720), 0.7) == ([], [1])


def test_a_scene_with_the_same_seed_has_the_same_frames(
    engine: OnnxFaceEngine, someone: Path
) -> None:
    first, second = (draw(scene_of(engine, someone, "still"), 0.3) for _ in range(2))
    assert np.array_equal(first, second)
