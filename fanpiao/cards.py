"""`fanpiao cards …`: issue cards that prove themselves, look at cards, hand keys to counters."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import msgspec

from domain.errors import Refused
from fanpiao.failures import FOUND_PROBLEMS

_KEY_FILE = click.Path(path_type=Path, dir_okay=False)
_reader = click.option("--reader", default="", metavar="NAME", help="A part of the reader's name.")
_master = click.option("--master", required=True, type=_KEY_FILE, help="The master key's file.")
_site = click.option("--site", required=True, metavar="CODE", help="The site's code.")


@click.group()
def cards() -> None:
    """Issue and inspect cards.

    \b
    Examples:
      fanpiao cards master-key master.key               once, where cards are issued
      fanpiao cards site-key --master master.key --site east east.key
      fanpiao cards issue --master master.key --site east
      fanpiao cards inspect --keys east.key
      fanpiao cards site-key --bank-cards …             bank cards name people there too

    The master key makes cards: it never goes to a counter. A counter is given its site's read
    key (settings = { keys = "…" } of its reader), which proves cards and makes none.
    """


@cards.command("master-key")
@click.argument("file", type=_KEY_FILE)
def master_key(file: Path) -> None:
    """Make a new master key in FILE. Keep a copy where it cannot burn."""
    from devices.cards.key_file import write_master_key

    _written(file, lambda: write_master_key(file, secrets.token_bytes(16)))


@cards.command("site-key")
@_master
@_site
@click.option(
    "--bank-cards",
    is_flag=True,
    help="Also know people by their bank and social-security cards: by a keyed hash of the number.",
)
@click.argument("file", type=_KEY_FILE)
def site_key(master: Path, site: str, file: Path, *, bank_cards: bool) -> None:
    """Write the keys of a site to FILE, for its counters."""
    from devices.cards.diversify import bank_card_key
    from devices.cards.key_file import write_site_keys

    issuer = _issuer(master, site)
    keys = issuer.site_keys
    if bank_cards:
        keys = replace(keys, bank_card_key=bank_card_key(issuer.master_key))
    _written(file, lambda: write_site_keys(file, keys))


@cards.command()
@_master
@_site
@_reader
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def issue(master: Path, site: str, reader: str, *, as_json: bool) -> None:
    """Make the card on the reader one of ours; may be repeated when it was torn away."""
    from devices.cards import issue as issuing
    from devices.cards.uid import format_uid

    issuer = _issuer(master, site)
    with _held(reader) as (exchange, uid):
        try:
            kind = issuing.issue(exchange, uid, issuer)
        except issuing.NotIssued as refused:
            raise Refused(refused.code) from refused
    said = {"uid": format_uid(uid), "type": str(kind), "proven": True, "site": site}
    _say(said, f"{said['uid']}  {kind}  proven at {site}", as_json=as_json)


@cards.command()
@click.option("--keys", type=_KEY_FILE, help="A site's read key: prove the card with it.")
@_reader
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def inspect(context: click.Context, keys: Path | None, reader: str, *, as_json: bool) -> None:
    """Say what card lies on the reader, and what a bank's card is enrolled by.

    With --keys exit 1 unless the card is proven, or is a bank's or a social-security card and the
    site knows people by these.
    """
    from devices.cards.issue import type_of
    from devices.cards.key_file import site_keys_of
    from devices.cards.look import looked_at
    from devices.cards.prove import is_proven
    from devices.cards.uid import format_uid, is_random

    try:
        site_keys = site_keys_of({"keys": str(keys)} if keys else {})
    except ValueError as mistake:
        raise click.UsageError(str(mistake)) from mistake
    with _held(reader) as (exchange, uid):
        proven = is_proven(exchange, uid, site_keys) if site_keys else None
        known_by, _ = looked_at(exchange, uid, site_keys)
        is_numbered = known_by != uid
        kind = "bank_or_social" if is_numbered else str(type_of(exchange))
    said: dict[str, Any] = {"uid": format_uid(uid), "type": kind, "proven": proven}
    said["random_uid"], said["known_by"] = is_random(uid), format_uid(known_by)
    word = {True: "proven", False: "NOT proven", None: "by its number only"}[proven]
    note = "; its number changes at every tap and cannot be enrolled" if is_random(uid) else ""
    if is_numbered:
        word, note = f"known by {said['known_by']}", "; enter this as its number"
    _say(said, f"{said['uid']}  {kind}  {word}{note}", as_json=as_json)
    if proven is False and not is_numbered:
        context.exit(FOUND_PROBLEMS)


def _issuer(master: Path, site: str) -> Any:
    from devices.cards.issue import Issuer
    from devices.cards.key_file import master_key_of

    try:
        issuer = Issuer(master_key_of(master), site)
        _ = issuer.site_keys
    except ValueError as mistake:
        raise click.UsageError(str(mistake)) from mistake
    return issuer


def _held(reader: str) -> Any:
    from devices.cards.at_reader import card_at

    return card_at(reader)


def _written(file: Path, write: Any) -> None:
    try:
        write()
    except FileExistsError:
        raise click.UsageError(f"{file} is there already; nothing was written over it.") from None
    click.echo(f"Wrote {file}; only you may read it.")


def _say(said: dict[str, Any], line: str, *, as_json: bool) -> None:
    click.echo(msgspec.json.encode(said).decode() if as_json else line)
