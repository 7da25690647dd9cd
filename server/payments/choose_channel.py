"""Choose the channel of a payment before it is stored, on a thread that may read the database.

Whose code it is, is recognised here; what may take it is `server.channels`' word, which of those
`server.routing`'s. A channel is tried once: another one only when it was refused before sending.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Sum

from domain.errors import Refused
from domain.payment_codes import AmbiguousCode, KnownCode, recognise
from server.channels.open_channels import Channels, Offer
from server.payments.models import Payment
from server.routing.choose_route import (
    Candidate,
    Route,
    RouteAsked,
    choose_route,
    rate_snapshot,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A channel, and what attempt and payment keep of why and at what price."""

    channel: str = ""
    fee_amount: int = 0
    route: Mapping[str, Any] = field(default_factory=dict)
    rate: Mapping[str, Any] = field(default_factory=dict)


NOBODY: Final = Chosen()
"""Of our own tenders no channel is asked."""


@dataclass(frozen=True, slots=True)
class Sale:
    """What a route depends on."""

    organisation_id: UUID
    merchant_id: UUID
    store_id: UUID
    amount: int


def choose_for_code(channels: Channels, sale: Sale, auth_code: str, now: datetime) -> Chosen:
    """Return the channel that takes a payer's code.

    Raises `Refused`: "codes.unknown" or "codes.ambiguous" for a text that is no one provider's,
    and what `choose_route` raises.
    """
    offers = channels.offers(sale.organisation_id, now)
    return _chosen(channels, sale, _kind(auth_code, offers), offers, now)


def choose_for_way(channels: Channels, sale: Sale, kind: str, way: str, now: datetime) -> Chosen:
    """Return the channel at which a payer with the app `kind` can pay by `way`."""
    offers = channels.offers(sale.organisation_id, now)
    able = [offer for offer in offers if way in offer.kinds]
    return _chosen(channels, sale, kind, able, now)


def _kind(auth_code: str, offers: list[Offer]) -> str:
    said = recognise(auth_code)
    if isinstance(said, KnownCode):
        return said.kind.value
    if isinstance(said, AmbiguousCode):
        # Only one of them may be taken here at all: then it is no question
        taken = [k.value for k in said.kinds if any(k.value in o.kinds for o in offers)]
        if len(taken) == 1:
            return taken[0]
        raise Refused("codes.ambiguous")
    raise Refused("codes.unknown")


def _chosen(
    channels: Channels, sale: Sale, kind: str, offers: list[Offer], now: datetime
) -> Chosen:
    asked = RouteAsked(sale.organisation_id, sale.merchant_id, sale.store_id, sale.amount, kind)
    candidates = [_candidate(offer) for offer in offers]
    route = choose_route(asked, candidates, now, count_taken)
    if not channels.admits(sale.organisation_id, route.channel, now):
        # Another sale took the one probe of a channel that had been failing
        raise Refused("channels.breaker_open", channel=route.channel)
    return _as_chosen(route)


def _as_chosen(route: Route) -> Chosen:
    return Chosen(route.channel, route.fee_amount, route.as_data(), rate_snapshot(route))


def _candidate(offer: Offer) -> Candidate:
    return Candidate(
        channel=offer.channel,
        kinds=offer.kinds,
        is_enabled=offer.is_enabled,
        admits=offer.admits,
        success_rate=offer.success_rate,
        alerts=offer.alerts,
    )


def count_taken(organisation_id: UUID, merchant_id: UUID, business_on: date) -> dict[str, int]:
    """Return what each channel took, or may yet take, for a merchant on a business day, in fen."""
    rows = (
        Payment.objects.filter(
            organisation=organisation_id,
            merchant=merchant_id,
            business_on=business_on,
            tender="channel",
            state__in=("submitted", "succeeded", "reversing"),
        )
        .values_list("channel")
        .annotate(Sum("total_amount"))
    )
    return dict(rows)
