"""Choose a payment's channel, before anything is sent and before the writer.

It reads four small things (store, agreements, contracts, rules) and writes nothing. Call it where
no transaction is open, and keep `Route.as_data()` with the attempt, `rate_snapshot` with the
payment. What has been taken today is the caller's to count (`CountTaken`): payments lie above
routing. It is asked only when a contract has a limit per day.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from domain.errors import Refused
from domain.fees import card_data
from domain.routing import (
    Book,
    Candidate,
    Moment,
    Reason,
    Route,
    RouteAsked,
    choose,
)
from server.merchants.contracts import read_contracts
from server.merchants.read_stores import read_stores
from server.routing.read_rules import read_rules

__all__ = ["Candidate", "CountTaken", "Reason", "Route", "RouteAsked", "choose_route"]

CountTaken = Callable[[UUID, UUID, date], Mapping[str, int]]
"""(organisation, merchant, business day) → what each channel took or may yet take, in fen."""


def choose_route(
    asked: RouteAsked,
    candidates: Sequence[Candidate],
    now: datetime,
    count_taken: CountTaken | None = None,
) -> Route:
    """Return the channel, its fallbacks and the reasons.

    Raises `Refused`: "channels.none", "channels.breaker_open", "routing.over_limit",
    "routing.out_of_hours". Without `count_taken` a contract with a limit per day admits nothing:
    a limit that nobody counts must not look kept. The limit is checked here, outside the writer,
    so payments in flight together may pass it by what is in flight.
    """
    organisation_id, merchant_id = asked.organisation_id, asked.merchant_id
    store = read_stores(organisation_id, [asked.store_id]).get(asked.store_id)
    if store is None:
        raise Refused("channels.none")
    contracts = read_contracts(organisation_id, [merchant_id]).get(merchant_id, ())
    business_on = store.business_on(now)
    taken = None
    if count_taken is not None and any(one.day_amount is not None for one in contracts):
        taken = count_taken(organisation_id, merchant_id, business_on)
    moment = Moment(now.astimezone(store.zone), business_on, taken)
    return choose(asked, candidates, Book(contracts, read_rules(organisation_id)), moment)


def rate_snapshot(route: Route) -> dict[str, object]:
    """Return what a payment keeps of its rate, enough to recompute its fee and refunds of it."""
    return {
        "contract": None if route.contract_id is None else str(route.contract_id),
        "card": None if route.card is None else card_data(route.card),
        "fee_amount": route.fee_amount,
        "cost": None if route.cost is None else card_data(route.cost),
        "cost_amount": route.cost_amount,
    }
