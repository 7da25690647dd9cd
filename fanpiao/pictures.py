"""`fanpiao decode`: what the eyes see of codes, tried on pictures from files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from domain.messages import Language, text


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
    from devices.vision import formats as known

    formats = known.ALL_FORMATS if all_formats else known.PAYMENT_FORMATS

    def found(path: str) -> dict[str, Any]:
        read = codes.decode(picture_at(path), formats=formats)
        return {"codes": [{"text": one.text, "format": str(one.symbology)} for one in read]}

    def said(result: dict[str, Any]) -> str:
        return ", ".join(f"{c['format']} {c['text']}" for c in result["codes"]) or "no code"

    each_picture(images, found, said, {"codes": []}, language_of(context), as_json=as_json)


def each_picture(
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


def picture_at(path: str) -> Any:
    """Return the picture in a file; raises `PictureUnreadable`."""
    from devices.vision.pictures import read_picture

    return read_picture(Path(path))


def language_of(context: click.Context) -> Language:
    """Return the language that was chosen at the front door."""
    return "en" if (context.obj or {}).get("language") == "en" else "zh"
