"""`fanpiao decode` and `fanpiao faces`: what the eyes see, tried on pictures from files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from domain.messages import Language, text
from fanpiao.fetch_data import MODEL

MATCH_DISTANCE_MAX = 0.45
"""The counter's own threshold for fewer than 10,000 enrolled (docs: shared with the profiles)."""


@click.command()
@click.argument("images", nargs=-1, required=True, metavar="IMAGE…")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--all-formats", is_flag=True, help="Goods and tickets too, not only payment codes.")
@click.pass_context
def decode(
    context: click.Context, images: tuple[str, ...], *, as_json: bool, all_formats: bool
) -> None:
    """Read payment codes in pictures.

    \b
    Examples:
      fanpiao decode phone.png
      fanpiao decode --all-formats --json *.jpg

    One line per picture, even when nothing is found. Exit 1 if any file could not be read.
    """
    from devices.vision import codes

    formats = codes.ALL_FORMATS if all_formats else codes.PAYMENT_FORMATS

    def found(path: str) -> dict[str, Any]:
        read = codes.decode(_picture(path), formats=formats)
        return {"codes": [{"text": one.text, "format": str(one.symbology)} for one in read]}

    def said(result: dict[str, Any]) -> str:
        return ", ".join(f"{c['format']} {c['text']}" for c in result["codes"]) or "no code"

    _each(images, found, said, {"codes": []}, _language(context), as_json=as_json)


@click.group()
def faces() -> None:
    """Identify faces from pictures.

    \b
    Example:
      fanpiao faces identify --gallery people/ lunch.jpg
    """


@faces.command()
@click.option(
    "--gallery", "folder", required=True, type=click.Path(exists=True, file_okay=False),
    help="A folder with one folder of pictures per person.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.argument("images", nargs=-1, required=True, metavar="IMAGE…")
@click.pass_context
def identify(
    context: click.Context, folder: str, images: tuple[str, ...], *, as_json: bool
) -> None:
    """Say who is in the pictures, among the people of a gallery.

    \b
    Example:
      fanpiao faces identify --gallery var/data/people --json var/data/looks/*/*.jpg

    FOLDER holds one folder of pictures per person, named after the person. A face nearer than
    0.45 to somebody's picture is that person; others are null.
    """
    from devices.vision.faces.engine import OnnxFaceEngine
    from devices.vision.faces.quality import quality_of

    engine = OnnxFaceEngine(MODEL)
    gallery = _gallery(engine, Path(folder), _language(context))

    def found(path: str) -> dict[str, Any]:
        image = _picture(path)
        seen = engine.detect(image)
        rows = []
        for face, vector in zip(seen, engine.embed(image, seen), strict=True):
            match = gallery.search(vector)
            is_known = match is not None and match.distance <= MATCH_DISTANCE_MAX
            box = face.box
            rows.append(
                {
                    "box": [box.x, box.y, box.width, box.height],
                    "person": match.person if match is not None and is_known else None,
                    "distance": None if match is None else round(match.distance, 4),
                    "quality": quality_of(image, face).score,
                }
            )
        return {"faces": rows}

    def said(result: dict[str, Any]) -> str:
        names = [f"{row['person'] or 'unknown'} ({row['distance']})" for row in result["faces"]]
        return ", ".join(names) or "no face"

    _each(images, found, said, {"faces": []}, _language(context), as_json=as_json)


def _each(
    paths: tuple[str, ...],
    found: Callable[[str], dict[str, Any]],
    said: Callable[[dict[str, Any]], str],
    nothing: dict[str, Any],
    language: Language,
    *,
    as_json: bool,
) -> None:
    """Print one line per picture; a broken one gets its line too, and exit status 1 at the end."""
    from devices.vision.pictures import PictureUnreadable

    has_broken = False
    for path in paths:
        try:
            result = found(path)
        except PictureUnreadable as broken:
            why = text(broken.code, broken.data, language)
            result, has_broken = {**nothing, "code": broken.code, "error": why}, True
        if as_json:
            click.echo(msgspec.json.encode({"path": path, **result}).decode())
        else:
            click.echo(f"{path}: {result.get('error') or said(result)}", err="error" in result)
    if has_broken:
        sys.exit(1)


def _picture(path: str) -> Any:
    from devices.vision.pictures import read_picture

    return read_picture(Path(path))


def _language(context: click.Context) -> Language:
    return "en" if (context.obj or {}).get("language") == "en" else "zh"


def _gallery(engine: Any, folder: Path, language: Language) -> Any:
    from devices.ports import FaceTemplate
    from devices.vision.faces.gallery import Gallery
    from devices.vision.pictures import SUFFIXES, PictureUnreadable

    def templates() -> Iterator[FaceTemplate]:
        for path in sorted(p for p in folder.glob("*/*") if p.suffix.lower() in SUFFIXES):
            try:
                image = _picture(str(path))
            except PictureUnreadable as broken:
                click.echo(f"{path}: {text(broken.code, broken.data, language)}", err=True)
                continue
            seen = engine.detect(image)[:1]
            if not seen:
                click.echo(f"{path}: no face", err=True)
            for vector in engine.embed(image, seen):
                yield FaceTemplate(path.parent.name, vector.astype("<f4").tobytes())

    gallery = Gallery(templates())
    if not len(gallery):
        raise click.UsageError(f"{folder} holds no folder with a picture of a face")
    return gallery
