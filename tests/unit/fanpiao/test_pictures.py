"""`fanpiao decode` and `faces identify`: one line per picture, whatever the picture is."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import qrcode
from click.testing import CliRunner

from devices.vision.pictures import PictureUnreadable, read_picture
from fanpiao import faces, pictures
from fanpiao.fetch_data import PEOPLE, STRANGERS

CODE = "134567890123456789"


def _png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


BROKEN = {
    "empty.png": b"",
    "text.jpg": b"this is no picture",
    "half.png": _png(100, 100, b"\0" * 10),
    "claims-3600-megapixels.png": _png(60_000, 60_000, b"\0" * 10),
}


@pytest.fixture
def phone(tmp_path: Path) -> Path:
    path = tmp_path / "phone.png"
    cv2.imwrite(str(path), np.array(qrcode.make(CODE).get_image().convert("L"), np.uint8))
    return path


def _lines(*arguments: object) -> tuple[int, list[dict]]:
    command = [str(one) for one in arguments]
    ran = CliRunner().invoke(pictures.decode, command)
    return ran.exit_code, [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_picture_is_unreadable_and_nothing_worse(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BROKEN[name])

    with pytest.raises(PictureUnreadable):
        read_picture(tmp_path / name)


def test_broken_pictures_among_good_ones_get_their_line_and_status_1(
    tmp_path: Path, phone: Path
) -> None:
    for name, data in BROKEN.items():
        (tmp_path / name).write_bytes(data)
    paths = [*(tmp_path / name for name in BROKEN), tmp_path / "absent.png", tmp_path, phone]

    status, lines = _lines("--json", *paths)

    assert status == 1
    assert [line["path"] for line in lines] == [str(path) for path in paths]
    assert all(line["error"] and line["codes"] == [] for line in lines[:-1])
    assert lines[-1] == {"path": str(phone), "codes": [{"text": CODE, "format": "qr"}]}


def test_a_picture_without_a_code_has_a_line_too_and_status_0(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((200, 300, 3), 200, np.uint8))

    assert _lines("--json", tmp_path / "wall.png") == (
        0,
        [{"path": str(tmp_path / "wall.png"), "codes": []}],
    )


def _identify(gallery: Path, *images: Path) -> tuple[int, list[dict], str]:
    command = ["identify", "--json", "--gallery", str(gallery), *map(str, images)]
    ran = CliRunner().invoke(faces.faces, command)
    return ran.exit_code, [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


@pytest.mark.pictures
def test_people_are_identified_in_other_pictures_of_them_and_strangers_are_not() -> None:
    assert PEOPLE.is_dir(), "run script/setup first: the sample photographs are not here"
    looks = sorted(PEOPLE.parent.glob("looks/*/*"))
    strangers = sorted(STRANGERS.glob("*/*"))
    assert looks
    assert strangers

    status, lines, _ = _identify(PEOPLE, *looks, *strangers)

    assert status == 0
    found = [[face["person"] for face in line["faces"]] for line in lines]
    assert found == [[path.parent.name] for path in looks] + [[None]] * len(strangers)
    assert all(face["distance"] <= 0.45 for line in lines[: len(looks)] for face in line["faces"])


@pytest.mark.pictures
def test_a_gallery_without_a_face_is_told_with_the_files_that_have_none(tmp_path: Path) -> None:
    (tmp_path / "someone").mkdir()
    cv2.imwrite(str(tmp_path / "someone" / "wall.png"), np.full((200, 300, 3), 200, np.uint8))

    status, lines, said = _identify(tmp_path, tmp_path / "someone" / "wall.png")

    assert (status, lines) == (2, [])
    assert "wall.png: no face" in said


def _evaluate(folder: Path, *more: str) -> tuple[int, str, str]:
    ran = CliRunner().invoke(faces.faces, ["evaluate", str(folder), *more])
    return ran.exit_code, ran.stdout, ran.stderr


@pytest.mark.pictures
def test_a_folder_of_people_is_evaluated(tmp_path: Path) -> None:
    for path in sorted([*PEOPLE.glob("*/*"), *PEOPLE.parent.glob("looks/*/*")]):
        here = tmp_path / path.parent.name
        here.mkdir(exist_ok=True)
        (here / f"{path.parent.parent.name}-{path.name}").write_bytes(path.read_bytes())
    (tmp_path / "zz").mkdir()
    cv2.imwrite(str(tmp_path / "zz" / "wall.png"), np.full((200, 300, 3), 200, np.uint8))

    status, said, wrong = _evaluate(tmp_path, "--json", "--threshold", "0.45")

    told = json.loads(said)
    assert status == 1
    assert "wall.png" in wrong
    assert [Path(one["path"]).name for one in told["left_out"]] == ["wall.png"]
    (only,) = told["thresholds"]
    assert only["frr"]["tries"] > 0
    assert (only["frr"]["errors"], only["far"]["errors"]) == (0, 0)
    assert 0 < only["far"]["high"] < 1
    (tmp_path / "zz" / "wall.png").unlink()
    status, said, wrong = _evaluate(tmp_path)
    assert (status, wrong) == (0, "")
    assert "0.45" in said
    assert "←" in said


@pytest.mark.pictures
def test_one_person_alone_cannot_be_evaluated(tmp_path: Path) -> None:
    (tmp_path / "someone").mkdir()
    status, said, wrong = _evaluate(tmp_path)
    assert (status, said) == (2, "")
    assert "照片不够" in wrong
