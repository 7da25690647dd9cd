"""Fetch at set-up what is data, not code: sample photographs, and the face model converted.

The photographs are test images of two packages on the Python package index: face_recognition
1.3.0 (MIT) and scikit-image (BSD; the astronaut portrait is NASA's, public domain). They are
picked by content, shown under neutral sample names, and never committed. Run again, it does
nothing but check.

    python -m fanpiao.fetch_data
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = ROOT / "var/data/people"
STRANGERS = ROOT / "var/data/strangers"
MODEL = ROOT / "var/models/face_resnet.onnx"
STAMP = MODEL.with_suffix(".sha256")
"""The digests of the model and of the file it was converted from: both are checked every time."""
DOWNLOAD_TIMEOUT_S = 600

FACE_PACKAGE = "face_recognition==1.3.0"
PORTRAIT_PACKAGE = "scikit-image==0.25.2"
PHOTOGRAPHS = {
    "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6": "people/sample-01/1.jpg",
    "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3": "looks/sample-01/2.jpg",
    "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6": "looks/sample-01/3.jpg",
    "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5": "people/sample-02/1.png",
    "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c": "strangers/sample-03/1.jpg",
    "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117": "partial/1.jpg",
    "9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028": "partial/2.jpg",
}
"""SHA-256 of a picture → where it goes under var/data. `people` are enrolled by the demo and
recognised in `looks` (other pictures of them), `strangers` are never enrolled, `partial` are faces
cut by the picture's border."""


class FetchFailed(Exception):
    """Something could not be had; the text says what, and what to do."""


def main() -> int:
    """Fetch and convert what is missing; 0 when everything is there."""
    try:
        fetch_photographs()
        convert_model()
    except FetchFailed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    return 0


def fetch_photographs() -> None:
    """Put the photographs where they belong, unless they are there already."""
    missing = {
        digest: place for digest, place in PHOTOGRAPHS.items() if not _is_there(place, digest)
    }
    if not missing:
        print("photographs: all here")
        return
    print(f"photographs: fetching {len(missing)}")
    with tempfile.TemporaryDirectory(prefix="fanpiao-") as folder:
        for package, options in (
            (FACE_PACKAGE, ("--no-binary", ":all:")),
            (PORTRAIT_PACKAGE, ("--only-binary", ":all:")),
        ):
            _download(package, options, Path(folder))
        for archive in sorted(Path(folder).iterdir()):
            for content in _members(archive):
                digest = hashlib.sha256(content).hexdigest()
                if digest in missing:
                    _keep(missing.pop(digest), content)
    if missing:
        raise FetchFailed(
            f"the packages do not hold {sorted(missing.values())}: were they changed?"
        )


def convert_model() -> None:
    """Convert the face model, and check its vectors against dlib's own on the photographs."""
    from devices.vision.faces.check import check_vectors
    from devices.vision.faces.convert import convert
    from devices.vision.faces.weights import RESNET_FILE, ModelUnreadable, model_file

    try:
        source = _digest(model_file(RESNET_FILE))
        if MODEL.exists() and STAMP.exists() and STAMP.read_text() == _stamp(MODEL, source):
            print("face model: here")
            return
        print("face model: converting")
        convert(MODEL.with_suffix(".new"))
        pictures = sorted((ROOT / "var/data").glob("*/*/*.*"))
        worst = check_vectors(MODEL.with_suffix(".new"), pictures)
    except (ModelUnreadable, AssertionError) as failure:
        raise FetchFailed(f"the face model: {failure}") from failure
    stamp = _stamp(MODEL.with_suffix(".new"), source)
    MODEL.with_suffix(".new").replace(MODEL)
    STAMP.write_text(stamp)
    print(f"face model: vectors equal dlib's to {worst:.1e}")


def _stamp(model: Path, source: str) -> str:
    return f"{_digest(model)}  {model.with_suffix(MODEL.suffix).name}\n{source}  source\n"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_there(place: str, digest: str) -> bool:
    path = ROOT / "var/data" / place
    return path.exists() and _digest(path) == digest


def _download(package: str, options: tuple[str, ...], folder: Path) -> None:
    command = [
        *_pip(),
        "download",
        "--quiet",
        "--no-deps",
        *options,
        "--dest",
        str(folder),
        package,
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as slow:
        raise FetchFailed(f"{package} took more than {DOWNLOAD_TIMEOUT_S} s") from slow
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise FetchFailed(f"cannot download {package}: {last}. Is the network there?")


def _pip() -> list[str]:
    """The pip of the set-up's own tools, else any on this machine."""
    for python in (ROOT / "var/tools/bin/python", Path(sys.executable), shutil.which("python3")):
        if python is None or not Path(python).exists():
            continue
        command = [str(python), "-m", "pip"]
        if (
            subprocess.run([*command, "--version"], capture_output=True, check=False).returncode
            == 0
        ):
            return command
    raise FetchFailed("there is no pip: run script/setup")


def _members(archive: Path) -> Iterator[bytes]:
    """Yield the pictures in a source or wheel archive."""
    suffixes = (".jpg", ".png")
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for name in wheel.namelist():
                if name.endswith(suffixes):
                    yield wheel.read(name)
        return
    with tarfile.open(archive) as source:
        for member in source:
            file = source.extractfile(member) if member.name.endswith(suffixes) else None
            if file is not None:
                yield file.read()


def _keep(place: str, content: bytes) -> None:
    path = ROOT / "var/data" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
    print(f"photographs: {place}")


if __name__ == "__main__":
    sys.exit(main())
