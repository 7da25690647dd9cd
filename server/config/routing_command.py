"""`fanpiao routing simulate`: replay stored payments under other rules."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from server.config.commands import database_option

if TYPE_CHECKING:
    from domain.routing import Book, Candidate
    from server.routing.read_plan import Plan
    from server.routing.simulate import Outcome, Replayed, Tally

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def routing() -> None:
    """Try out which channel payments would go to.

    \b
    fanpiao routing simulate --from 2026-11-01 --to 2026-11-30 --rules other.toml
    """


@routing.command()
@database_option
@click.option("--from", "first", type=DAY, required=True, help="First business day.")
@click.option("--to", "last", type=DAY, required=True, help="Last business day, included.")
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="TOML or JSON with [[rule]] and [[contract]] tables.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def simulate(
    database: str | None,
    first: datetime,
    last: datetime,
    rules: Path,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Replay the paid channel payments of some days; nothing is changed.

    \b
    fanpiao routing simulate --from 2026-11-01 --to 2026-11-30 --rules other.toml
    fanpiao routing simulate --from 2026-11-23 --to 2026-11-23 --rules other.json --json

    Without a [[contract]] the stored contracts stay; the file's rules replace the stored ones.
    Channels are taken to have been well. Exit code 1 when a payment would have found no channel,
    2 when the file is no good.
    """
    from server.config.boot import boot, check_migrated

    boot(database)
    check_migrated()
    from server.routing.read_plan import read_plan

    if last < first:
        raise click.BadParameter("is before --from", param_hint="--to")
    told = [
        (name, _replay(organisation_id, first.date(), last.date(), read_plan(rules)))
        for organisation_id, name in _organisations()
    ]
    if as_json:
        click.echo(json.dumps({name: _data(outcome) for name, outcome in told}, ensure_ascii=False))
    else:
        for name, outcome in told:
            _print(name, outcome)
    if any(outcome.refused for _, outcome in told):
        raise click.exceptions.Exit(1)


def _organisations() -> list[tuple[UUID, str]]:
    from server.organisations.models import Organisation

    return list(Organisation.objects.order_by("name").values_list("id", "name"))


def _replay(organisation_id: UUID, first: date, last: date, plan: "Plan") -> "Outcome":
    from domain.routing import Book
    from server.merchants.contracts import read_contracts
    from server.merchants.models import Merchant
    from server.routing.simulate import simulate as replay

    merchants = Merchant.objects.filter(organisation_id=organisation_id)
    stored = read_contracts(organisation_id, list(merchants.values_list("id", flat=True)))

    def book_of(merchant_id: UUID) -> "Book":
        kept = stored.get(merchant_id, ())
        return Book(kept if plan.contracts is None else plan.contracts, plan.rules)

    candidates = _candidates(organisation_id)
    return replay(_payments(organisation_id, first, last, candidates), candidates, book_of)


def _candidates(organisation_id: UUID) -> "list[Candidate]":
    from domain.routing import Candidate
    from server.channels.models import ChannelAccount
    from server.config.wiring import providers

    known = providers()
    return [
        Candidate(
            account.name,
            known[account.provider].code_kinds | {w.value for w in known[account.provider].ways},
            is_enabled=account.is_enabled,
        )
        for account in ChannelAccount.objects.filter(organisation_id=organisation_id)
        if account.provider in known
    ]


def _payments(
    organisation_id: UUID, first: date, last: date, candidates: "list[Candidate]"
) -> "Iterator[Replayed]":
    """Read the paid attempts of those business days, oldest first."""
    from domain.routing import RouteAsked
    from server.merchants.models import Store
    from server.merchants.read_stores import read_stores
    from server.payments.models import Attempt, Payment
    from server.routing.simulate import Replayed

    store_ids = Store.objects.filter(organisation_id=organisation_id).values_list("id", flat=True)
    stores = read_stores(organisation_id, list(store_ids))
    # A business day lies within a day of its date in any zone
    start = datetime.combine(first, time(), UTC) - timedelta(days=2)
    end = datetime.combine(last, time(), UTC) + timedelta(days=3)
    attempts = Attempt.objects.filter(
        organisation=organisation_id, state="succeeded",
        submitted_at__gte=start, submitted_at__lt=end,
    ).order_by("submitted_at", "id")  # fmt: skip
    paid = Payment.objects.filter(
        organisation=organisation_id, business_on__gte=first, business_on__lte=last
    ).in_bulk(attempts.values_list("payment", flat=True))
    for attempt in attempts:
        payment = paid.get(attempt.payment)
        if payment is None or payment.store not in stores:
            continue
        kind = _kind(attempt.route, attempt.way, attempt.channel, candidates)
        yield Replayed(
            RouteAsked(organisation_id, payment.merchant, payment.store, attempt.amount, kind),
            attempt.channel,
            payment.fee_amount,
            attempt.submitted_at.astimezone(stores[payment.store].zone),
            payment.business_on,
        )


def _kind(route: dict[str, str], way: str, channel: str, candidates: "list[Candidate]") -> str:
    """Return what was asked then; for an old attempt, a channel's only kind of code, or nothing."""
    from domain.payment_codes import CodeKind

    if kind := route.get("kind"):
        return kind
    if way != "code":
        return way
    kinds = [
        c.kinds & {kind.value for kind in CodeKind} for c in candidates if c.channel == channel
    ]
    return next(iter(kinds[0])) if kinds and len(kinds[0]) == 1 else ""


def _data(told: "Outcome") -> dict[str, object]:
    return {
        "channels": {
            name: {"now": _tally(told.now[name]), "then": _tally(told.then[name])}
            for name in sorted({*told.now, *told.then})
        },
        "moved": told.moved,
        "refused": dict(told.refused),
        "kind_unknown": told.unknown,
    }


def _tally(tally: "Tally") -> dict[str, int]:
    return {"count": tally.count, "amount": tally.amount, "fee_amount": tally.fee_amount}


def _print(name: str, told: "Outcome") -> None:
    from domain.money import format_amount

    click.echo(name)
    click.echo(f"  {'channel':<20}{'':6}{'count':>8}{'sum':>16}{'fees':>14}")
    for channel in sorted({*told.now, *told.then}):
        for label, tally in (("now", told.now[channel]), ("then", told.then[channel])):
            shown = channel if label == "now" else ""
            sums = f"{format_amount(tally.amount):>16}{format_amount(tally.fee_amount):>14}"
            click.echo(f"  {shown:<20}{label:<6}{tally.count:>8}{sums}")
    click.echo(f"  {told.moved} would have gone elsewhere.")
    if told.unknown:
        click.echo(f"  {told.unknown} stay where they went: what was shown then is not known.")
    for code, count in sorted(told.refused.items()):
        click.echo(f"  {count} would have found no channel: {code}")
