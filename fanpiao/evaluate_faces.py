"""`fanpiao faces evaluate`: how often the pictures of a folder would be confused."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from domain.messages import Language, text
from fanpiao.fetch_data import MODEL
from fanpiao.pictures import language_of, picture_at

if TYPE_CHECKING:
    from devices.vision.faces.rates import Confusion, Rate

THRESHOLDS = (0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65, 0.70)
IN_USE = 0.45
"""What a counter asks for with fewer than 10,000 enrolled."""


@dataclass
class Seen:
    """The vectors of each person, and the pictures that gave none with the reason."""

    people: dict[str, list[Any]] = field(default_factory=dict)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    @property
    def pictures(self) -> int:
        """How many pictures gave a face."""
        return sum(map(len, self.people.values()))


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--threshold", "thresholds", type=click.FloatRange(0.0, 2.0), multiple=True,
    help="A distance to judge by, repeatable; default: 0.30 to 0.70.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def evaluate(
    context: click.Context, folder: Path, thresholds: tuple[float, ...], *, as_json: bool
) -> None:
    """Tell false rejections (FRR) and false acceptances (FAR) over thresholds.

    \b
    Examples:
      fanpiao faces evaluate var/data/people
      fanpiao faces evaluate photos/ --threshold 0.45 --threshold 0.5 --json

    FOLDER holds one folder of pictures per person. Every picture is compared with every other one,
    by its largest face; intervals are Wilson's, 95 %. Exit 1 if a picture could not be used, 2 when
    there is nothing to compare.
    """
    from devices.vision.faces.rates import confusions

    language = language_of(context)
    seen = _seen(folder, language)
    for path, why in seen.left_out:
        click.echo(f"✗ {path}: {why}", err=True)
    try:
        found = list(confusions(seen.people, thresholds or THRESHOLDS))
    except ValueError as nothing:
        raise click.UsageError(text("evaluations.too_few", {}, language)) from nothing
    if as_json:
        click.echo(msgspec.json.encode(_as_data(seen, found)).decode())
    else:
        _tell(seen, found, language)
    if seen.left_out:
        sys.exit(1)


def _seen(folder: Path, language: Language) -> Seen:
    from devices.vision.faces.engine import OnnxFaceEngine
    from devices.vision.pictures import SUFFIXES, PictureUnreadable

    engine, seen = OnnxFaceEngine(MODEL), Seen()
    paths = sorted(path for path in folder.glob("*/*") if path.suffix.lower() in SUFFIXES)
    for number, path in enumerate(paths, start=1):
        if sys.stderr.isatty():
            click.echo(f"\r{number}/{len(paths)}", err=True, nl=number == len(paths))
        try:
            image = picture_at(str(path))
        except PictureUnreadable as broken:
            seen.left_out.append((str(path), text(broken.code, broken.data, language)))
            continue
        faces = engine.detect(image)[:1]
        if not faces:
            seen.left_out.append((str(path), text("evaluations.no_face", {}, language)))
            continue
        seen.people.setdefault(path.parent.name, []).extend(engine.embed(image, faces))
    return seen


def _tell(seen: Seen, found: list[Confusion], language: Language) -> None:
    first = found[0]
    data = {
        "people": len(seen.people), "pictures": seen.pictures, "genuine": first.frr.tries,
        "impostor": first.far.tries,
    }  # fmt: skip
    click.echo(text("evaluations.summary", data, language))
    click.echo(f"{'':>6}  {'FRR':>8}  {'95 %':<17}{'FAR':>8}  95 %")
    for one in found:
        mark = "  ←" if abs(one.threshold - IN_USE) < 1e-9 else ""
        click.echo(f"{one.threshold:>6.2f}  {_rate(one.frr)}{_rate(one.far).rstrip()}{mark}")
    click.echo(text("evaluations.mark", {"threshold": f"{IN_USE:.2f}"}, language))


def _rate(rate: Rate) -> str:
    low, high = rate.interval
    between = f"{low:.2%}–{high:.2%}"
    return f"{rate.share:>8.2%}  {between:<17}"


def _as_data(seen: Seen, found: list[Confusion]) -> dict[str, Any]:
    def rate(one: Rate) -> dict[str, Any]:
        low, high = one.interval
        return {"errors": one.errors, "tries": one.tries, "share": one.share, "low": low,
                "high": high}  # fmt: skip

    return {
        "people": len(seen.people), "pictures": seen.pictures,
        "left_out": [{"path": path, "error": why} for path, why in seen.left_out],
        "thresholds": [
            {"threshold": one.threshold, "frr": rate(one.frr), "far": rate(one.far)}
            for one in found
        ],
    }  # fmt: skip
