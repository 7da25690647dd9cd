"""`fanpiao settle`: close due days, make due batches, hand payouts to the bank."""

import json
import os
import sys
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from server.config.commands import database_option

if TYPE_CHECKING:
    from server.settlement.settle_due import Settled


@click.command()
@database_option
@click.option(
    "--on", type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Settle up to this day; default: all that is over.",
)  # fmt: skip
@click.option("--no-payouts", is_flag=True, help="Make payouts and leave them with us.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def settle(
    database: str | None,
    on: datetime | None,
    no_payouts: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Close merchants' days that are over, make the batches that are due, pay them out.

    \b
    fanpiao settle
    fanpiao settle --on 2026-11-30 --no-payouts
    fanpiao settle --database postgresql://u:p@host/db --json

    Run again, it does only what was not done. A worker does the same every hour. The bank is told
    in payout_bank.json beside the server's secrets, or is the sandbox's with $FANPIAO_SANDBOX;
    without one payouts wait. Exit code 1 when a merchant could not be settled.
    """
    from server.config.boot import boot, check_migrated

    boot(database)
    check_migrated()
    show = None if as_json or not sys.stderr.isatty() else _progress
    done = {name: _settled(id, on, show, no_payouts) for id, name in _organisations()}
    for name, one in done.items():
        if not as_json:
            _tell(name, one)
    if as_json:
        click.echo(json.dumps(_as_data(done), ensure_ascii=False))
    if any(one.troubles for one in done.values()):
        raise click.exceptions.Exit(1)


def _organisations() -> list[tuple[Any, str]]:
    from server.organisations.models import Organisation

    return list(Organisation.objects.order_by("id").values_list("id", "name"))


def _settled(
    id: Any,
    on: datetime | None,
    show: Any,
    no_payouts: bool,  # noqa: FBT001
) -> "Settled":
    import httpx

    from server.config.clock import SystemClock
    from server.config.payout_banks import open_payout_bank
    from server.settlement.settle_due import settle_due

    with httpx.Client(trust_env=False) as http:
        try:
            bank = None if no_payouts else open_payout_bank(http, os.urandom, id)
        except (OSError, ValueError, KeyError) as wrong:
            raise click.ClickException(f"No payout bank: {wrong}") from wrong
        day = on.date() if on is not None else None
        return settle_due(id, SystemClock().now(), os.urandom, bank, on=day, tell=show)


def _progress(text: str) -> None:
    click.echo(f"\r\033[K{text}", nl=False, err=True)


def _tell(name: str, done: "Settled") -> None:
    paid = done.payouts
    click.echo(
        f"{name}: {done.days} days closed, {done.batches} batches made; payouts: "
        f"{paid.files} files sent, {paid.succeeded} paid, {paid.failed} failed, "
        f"{paid.returned} returned."
    )
    for trouble in done.troubles:
        click.echo(f"  not settled: {trouble}", err=True)


def _as_data(done: dict[str, "Settled"]) -> dict[str, Any]:
    return {"organisations": [{"name": name, **asdict(one)} for name, one in done.items()]}
