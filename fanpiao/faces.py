"""`fanpiao faces …`: enrol from a folder, identify in pictures, report, withdraw."""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from domain.errors import Refused
from domain.messages import Language, text
from fanpiao.evaluate_faces import evaluate
from fanpiao.failures import FOUND_PROBLEMS
from fanpiao.fetch_data import MODEL
from fanpiao.pictures import each_picture, language_of, picture_at

if TYPE_CHECKING:
    from server.organisations.models import Site

MATCH_DISTANCE_MAX = 0.45
"""The counter's own threshold for fewer than 10,000 enrolled (docs: shared with the profiles)."""
BY = "fanpiao faces"

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_database = click.option(
    "--database", metavar="FILE|URL",
    help="A SQLite file, or postgresql://…; default: $FANPIAO_DATABASE or var/server/.",
)  # fmt: skip
_site = click.option("--site", "site_code", metavar="CODE", help="The site; needed with several.")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group()
def faces() -> None:
    """Enrol and identify faces from pictures.

    \b
    Examples:
      fanpiao faces register consents.xlsx                 an empty register to fill in
      fanpiao faces enrol photos/ --register consents.xlsx --dry-run
      fanpiao faces enrol photos/ --register consents.xlsx
      fanpiao faces report
      fanpiao faces withdraw 20260001
      fanpiao faces identify --gallery people/ lunch.jpg
      fanpiao faces evaluate people/
    """


faces.add_command(evaluate)


@faces.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def register(file: Path) -> None:
    """Write an empty consent register (xlsx) to FILE, with two made-up rows.

    \b
    Example:
      fanpiao faces register consents.xlsx
    """
    from server.config.boot import boot

    boot()
    from server.biometrics.read_register import register_template

    if file.exists():
        raise click.UsageError(f"{file} is there already; nothing was written over it.")
    file.write_bytes(register_template())
    click.echo(f"Wrote {file}.")


@faces.command()
@click.argument("folder", type=_FOLDER)
@click.option("--register", "register_file", required=True, type=_FILE, metavar="FILE",
              help="The consent register, xlsx or csv: one row per person.")  # fmt: skip
@_database
@_site
@click.option("--dry-run", "is_trial", is_flag=True, help="Say what would happen; keep nothing.")
@_json
@click.pass_context
def enrol(
    context: click.Context,
    folder: Path,
    register_file: Path,
    database: str | None,
    site_code: str | None,
    *,
    is_trial: bool,
    as_json: bool,
) -> None:
    """Enrol the photographs of FOLDER under a consent register.

    \b
    Examples:
      fanpiao faces enrol photos/ --register consents.xlsx --dry-run
      fanpiao faces enrol photos/ --register consents.csv --database postgresql://…
      fanpiao faces enrol photos/ --register consents.xlsx --site east --json > report.jsonl

    \b
    Pictures are named by student or staff number: 20260001.jpg, 20260001-2.jpg, or any name in
    a folder 20260001/. A face without a consent row is reported, not enrolled. Running it again
    changes nothing. One line per picture; exit 1 if any of them needs somebody's attention.
    """
    language = language_of(context)
    with _database_of(database, writes=True):
        from server.biometrics.read_register import read_register

        site = _chosen_site(site_code)
        read = read_register(register_file.read_bytes())
        for error in read.errors:
            _tell_error(register_file.name, error, language, as_json=as_json)
        told = Counter[str]()
        for result in _imported(folder, read, site, is_trial=is_trial):
            _tell(result, language, as_json=as_json)
            told["good" if result.is_good else "open"] += 1
        _summary(told, len(read.errors), language, is_trial=is_trial, as_json=as_json)
    if told["open"] or read.errors:
        sys.exit(FOUND_PROBLEMS)


@faces.command()
@_database
@_site
@click.option("--group", metavar="NAME", help="One class or department, person by person.")
@_json
@click.pass_context
def report(
    context: click.Context,
    database: str | None,
    site_code: str | None,
    group: str | None,
    *,
    as_json: bool,
) -> None:
    """Say per class who is enrolled, consented without a face, refused or withdrew.

    \b
    Examples:
      fanpiao faces report
      fanpiao faces report --group 三年二班 --json
    """
    language = language_of(context)
    with _database_of(database, writes=False):
        from server.biometrics.count_faces import count_faces
        from server.biometrics.report_faces import report_faces
        from server.config.clock import SystemClock
        from server.config.faces_wiring import SiteRoster, read_missed

        site, now = _chosen_site(site_code), SystemClock().now()
        place = (site.organisation_id, site.id)
        for one in report_faces(*place, SiteRoster(), now, missed=read_missed(*place, now)):
            if group is None:
                _tell_group(one, language, as_json=as_json)
            elif one.group == group:
                for row in one.rows:
                    _tell_person(row, language, as_json=as_json)
        count = count_faces(site.organisation_id)
        code = "enrolments.must_file" if count.is_near else "enrolments.count"
        click.echo(text(code, {"count": count.people}, language), err=as_json)


@faces.command()
@click.argument("number")
@_database
@_site
@_json
@click.pass_context
def withdraw(
    context: click.Context,
    number: str,
    database: str | None,
    site_code: str | None,
    *,
    as_json: bool,
) -> None:
    """Withdraw the consent of the person with NUMBER: their face goes, here and everywhere.

    \b
    Example:
      fanpiao faces withdraw 20260001

    Said again later it tells which counters have confirmed. Exit 1 while any has not.
    """
    with _database_of(database, writes=True):
        from server.biometrics.withdrawal_standing import withdraw_person
        from server.config.clock import SystemClock
        from server.config.faces_wiring import SiteRoster, read_counters

        site = _chosen_site(site_code)
        found = SiteRoster().by_number(site.organisation_id, site.id, [number])
        if not found:
            raise Refused("people.unknown")
        standing = withdraw_person(
            site.organisation_id, found[0].person_id, site.id, read_counters,
            now=SystemClock().now(), random=os.urandom, by=BY,
        )  # fmt: skip
    if as_json:
        click.echo(msgspec.json.encode(standing).decode())
    else:
        _tell_withdrawal(standing, language_of(context))
    if not standing.is_gone:
        sys.exit(FOUND_PROBLEMS)


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
    gallery = _gallery(engine, Path(folder), language_of(context))

    def found(path: str) -> dict[str, Any]:
        image = picture_at(path)
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

    each_picture(images, found, said, {"faces": []}, language_of(context), as_json=as_json)


def _database_of(database: str | None, *, writes: bool) -> Any:
    from server.config.boot import alone, boot, check_migrated

    chosen = boot(database)
    check_migrated()
    return alone(chosen) if writes else contextlib.nullcontext()


def _chosen_site(code: str | None) -> Site:
    from server.organisations.models import Site

    sites = Site.objects.select_related("organisation").order_by("code")
    found = list(sites.filter(code=code) if code else sites)
    if len(found) == 1:
        return found[0]
    known = ", ".join(site.code for site in sites)
    raise click.UsageError(f"Choose one --site of: {known or 'none is in the database yet'}")


def _imported(folder: Path, read: Any, site: Site, *, is_trial: bool) -> Iterator[Any]:
    from django.conf import settings
    from django.db import transaction

    from devices.vision.faces.engine import OnnxFaceEngine
    from server.biometrics.import_faces import Import, import_faces
    from server.config.clock import SystemClock
    from server.config.faces_wiring import SiteRoster

    run = Import(
        site=site,
        roster=SiteRoster(),
        engine=OnnxFaceEngine(MODEL),
        now=SystemClock().now(),
        random=os.urandom,
        secrets=settings.SECRETS,
        by=BY,
    )
    with transaction.atomic() if is_trial else contextlib.nullcontext():
        yield from import_faces(folder, read, run, progress=_progress)
        if is_trial:
            transaction.set_rollback(True)


def _progress(done: int, count: int) -> None:
    # For whoever watches; a program that reads our output gets none of it
    if sys.stderr.isatty():
        click.echo(f"\r{done}/{count}", err=True, nl=done == count)


def _tell(result: Any, language: Language, *, as_json: bool) -> None:
    said = text(result.code, result.data, language)
    if as_json:
        row = {"path": result.path, "number": result.number, "code": result.code, "text": said,
               "done": result.is_good}  # fmt: skip
        click.echo(msgspec.json.encode(row).decode())
    else:
        mark = "✓" if result.is_good else "✗"
        click.echo(f"{mark} {result.number:<12} {result.path or '—'}  {said}")


def _tell_error(name: str, error: Any, language: Language, *, as_json: bool) -> None:
    said = text(error.code, error.data, language)
    if as_json:
        row = {"register": name, "row": error.row, "column": error.column, "value": error.value,
               "code": error.code, "text": said}  # fmt: skip
        click.echo(msgspec.json.encode(row).decode())
    else:
        click.echo(f"✗ {name}:{error.row} {error.column} “{error.value}”  {said}")


def _summary(
    told: Counter[str], errors: int, language: Language, *, is_trial: bool, as_json: bool
) -> None:
    code = "enrolments.tried" if is_trial else "enrolments.summary"
    data = {"good": told["good"], "open": told["open"], "rows": errors}
    # Beside the lines that a program reads
    click.echo(text(code, data, language), err=as_json)


def _tell_group(group: Any, language: Language, *, as_json: bool) -> None:
    counts = {stand.value: count for stand, count in group.counts.items()}
    if as_json:
        row = {"group": group.group, **counts, "come_again": len(group.come_again)}
        click.echo(msgspec.json.encode(row).decode())
        return
    data = {**counts, "group": group.group or "—", "again": len(group.come_again)}
    click.echo(text("enrolments.group", data, language))


def _tell_person(row: Any, language: Language, *, as_json: bool) -> None:
    stand, again = row.standing.stand.value, row.standing.come_again
    if as_json:
        said = {"number": row.person.number, "standing": stand, "come_again": again}
        click.echo(msgspec.json.encode(said).decode())
        return
    words = text(f"standings.{stand}", {}, language)
    words += f" {text(f'standings.{again}', {}, language)}" if again else ""
    click.echo(f"{row.person.number:<12} {row.person.name}  {words}")


def _tell_withdrawal(standing: Any, language: Language) -> None:
    code = "enrolments.gone" if standing.is_gone else "enrolments.going"
    click.echo(text(code, {}, language))
    for counter in standing.counters:
        at = counter.confirmed_at or counter.since
        data = {"name": counter.name, "at": f"{at.astimezone():%Y-%m-%d %H:%M}"}
        click.echo("  " + text(f"holdings.{counter.how}", data, language))


def _gallery(engine: Any, folder: Path, language: Language) -> Any:
    from devices.ports import FaceTemplate
    from devices.vision.faces.gallery import Gallery
    from devices.vision.pictures import SUFFIXES, PictureUnreadable

    def templates() -> Iterator[FaceTemplate]:
        for path in sorted(p for p in folder.glob("*/*") if p.suffix.lower() in SUFFIXES):
            try:
                image = picture_at(str(path))
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
