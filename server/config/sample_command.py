"""`fanpiao sample`: a made-up canteen to look at, and what one needs to play with it."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from server.config.commands import database_option

SHOWN_PEOPLE = 6


@click.command()
@database_option
@click.option("--counters", default=2, show_default=True, help="Counters to register.")
@click.option("--people", default=48, show_default=True, help="People with cards, at least 8.")
@click.option(
    "--photos",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of folders of pictures, one per person: NAME/*.jpg.",
)
@click.option("--stranger", multiple=True, metavar="NAME", help="Leave this person unenrolled.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def sample(
    database: str | None,
    counters: int,
    people: int,
    photos: Path | None,
    stranger: tuple[str, ...],
    as_json: bool,  # noqa: FBT001
) -> None:
    """Fill an empty database with an obviously made-up canteen.

    \b
    fanpiao sample                               then: fanpiao server, fanpiao activate CODE
    fanpiao sample --counters 4 --people 200
    fanpiao sample --photos var/data/people      with faces enrolled from pictures

    Stop a server on the same SQLite file first. The activation codes and PINs are shown this
    once; only hashes of them are kept.
    """
    from server.config.boot import alone, boot, prepare_database

    chosen = boot(database)
    with alone(chosen):
        prepare_database()
        made = _make(counters, people, photos, stranger)
    click.echo(json.dumps(made, ensure_ascii=False) if as_json else _text(made))


def _make(
    counters: int, people: int, photos: Path | None, strangers: tuple[str, ...]
) -> dict[str, Any]:
    from django.conf import settings

    from server.config.clock import SystemClock
    from server.config.sample import create_sample

    now = SystemClock().now()
    made = create_sample(
        now=now, random=os.urandom, secrets=settings.SECRETS,
        counters=counters, people=people, photos=photos, strangers=strangers,
    )  # fmt: skip
    return {
        "organisation": str(made.organisation_id),
        "store": str(made.store_id),
        "counters": [
            {"name": counter.name, "activation_code": counter.activation_code}
            for counter in made.counters
        ],
        "codes_expire_at": (now + timedelta(days=30)).isoformat(timespec="minutes"),
        "operators": [
            {"number": one.number, "name": one.name, "role": one.role, "pin": one.pin}
            for one in made.operators
        ],
        "people": [
            {
                "number": one.number, "name": one.name, "category": one.category,
                "card_uid": one.card_uid.hex(), "pin": one.pin, "enrolled_photos": one.enrolled,
            }
            for one in made.people
        ],
    }  # fmt: skip


def _text(made: dict[str, Any]) -> str:
    lines = ["A made-up canteen is in the database. Activate its counters with:", ""]
    lines += [
        f"  {counter['name']}   fanpiao activate {counter['activation_code']}"
        for counter in made["counters"]
    ]
    lines += ["", "Operators (number, role, PIN):"]
    lines += [f"  {one['number']}  {one['role']:<16} {one['pin']}" for one in made["operators"]]
    lines += ["", f"People ({len(made['people'])}; --json shows all), number, card, PIN:"]
    lines += [
        f"  {one['number']}  {one['card_uid']}  {one['pin']}  {one['name']}"
        for one in made["people"][:SHOWN_PEOPLE]
    ]
    return "\n".join(lines)
