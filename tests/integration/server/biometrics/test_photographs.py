"""From a photograph on disk to a template that the same person's other photographs match."""

from pathlib import Path

import cv2
import numpy
import pytest

from domain.errors import Refused
from server.biometrics.embed_photo import MAX_PHOTO_BYTES, MODEL, embed_photo
from server.biometrics.models import Template
from server.biometrics.sealed import open_vector
from server.config.sample import create_sample
from tests.factories.server_rows import NOW, SECRETS, Randomness

DATA = Path(__file__).parents[4] / "var/data"
ACCEPTED_DISTANCE = 0.45

pytestmark = pytest.mark.pictures


@pytest.fixture(autouse=True)
def _from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA.parents[1])


def test_the_sample_enrols_real_photographs(sqlite_database: str) -> None:
    sample = create_sample(
        now=NOW, random=Randomness(), secrets=SECRETS, people=8, photos=DATA / "people"
    )
    enrolled = {who.name: who.person_id for who in sample.with_faces()}
    assert set(enrolled) == {folder.name for folder in (DATA / "people").iterdir()}
    templates = {row.person: row for row in Template.objects.all()}
    assert {row.model for row in templates.values()} == {MODEL}
    for look in sorted((DATA / "looks").glob("*/*")):
        owner = enrolled[look.parent.name]
        probe = embed_photo(look)
        distances = {
            person: float(numpy.linalg.norm(open_vector(row, SECRETS) - probe))
            for person, row in templates.items()
        }
        assert min(distances, key=lambda person: distances[person]) == owner
        assert distances[owner] < ACCEPTED_DISTANCE


def test_pictures_that_show_no_one_are_refused_by_name(tmp_path: Path) -> None:
    cases = {
        "images.unreadable": b"\xff\xd8 not a picture",
        "faces.none": cv2.imencode(".png", numpy.full((240, 320, 3), 127, numpy.uint8))[
            1
        ].tobytes(),
    }
    for code, data in cases.items():
        photo = tmp_path / "photo.jpg"
        photo.write_bytes(data)
        with pytest.raises(Refused, match=code):
            embed_photo(photo)
    (tmp_path / "empty.jpg").write_bytes(b"")
    with pytest.raises(Refused, match=r"images\.unreadable"):
        embed_photo(tmp_path / "empty.jpg")


def test_a_file_too_large_is_not_even_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(MAX_PHOTO_BYTES + 1)
    with pytest.raises(Refused, match=r"images\.unreadable"):
        embed_photo(huge)
