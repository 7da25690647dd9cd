"""A merchant's address for events: set, renewed, switched, tried out; and an event sent again."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from domain.errors import Refused
from server.fresh import fresh_id
from server.merchants.models import Merchant
from server.open_api.addresses import allowed_networks, check_url
from server.open_api.models import Endpoint, Event, EventState
from server.open_api.note_events import DELIVER, gate_of, test_event, write
from server.open_api.signing import make_secret, seal
from server.runtime import Secrets
from server.work.effects import DueRow
from server.writes import write_now, writing

Random = Callable[[int], bytes]


def add_endpoint(
    merchant: Merchant, url: str, *, secrets: Secrets, random: Random, now: datetime
) -> tuple[Endpoint, str]:
    """Add a merchant's address; return it with its secret, which nobody sees again.

    Raises `Refused`: "webhooks.bad_url", "…not_https", "…private_address", "…taken".
    """
    url = check_url(url, allowed_networks())
    organisation_id = merchant.organisation_id
    if Endpoint.objects.filter(organisation_id=organisation_id, merchant=merchant).exists():
        raise Refused("webhooks.taken")
    id, secret = fresh_id(now, random), make_secret(random)
    endpoint = Endpoint.objects.create(
        id=id, organisation_id=organisation_id, merchant=merchant, url=url, changed_at=now,
        sealed_secret=seal(secret, organisation_id, id, secrets, random),
    )  # fmt: skip
    return endpoint, secret


def set_url(endpoint: Endpoint, url: str, *, now: datetime) -> None:
    """Send to another address from the next try on; the secret stays."""
    endpoint.url, endpoint.changed_at = check_url(url, allowed_networks()), now
    endpoint.save(update_fields=["url", "changed_at"])


def switch(endpoint: Endpoint, *, is_enabled: bool, now: datetime) -> None:
    """Switched off, nothing new is noted, and what is on its way is given up."""
    endpoint.is_enabled, endpoint.changed_at = is_enabled, now
    endpoint.save(update_fields=["is_enabled", "changed_at"])


def renew_secret(endpoint: Endpoint, *, secrets: Secrets, random: Random, now: datetime) -> str:
    """Give it a new secret, which counts from the next try on; return it, for once."""
    secret = make_secret(random)
    place = (endpoint.organisation_id, endpoint.id)
    endpoint.sealed_secret = seal(secret, *place, secrets, random)
    endpoint.changed_at = now
    endpoint.save(update_fields=["sealed_secret", "changed_at"])
    return secret


def send_test(endpoint: Endpoint, *, random: Random, now: datetime) -> UUID:
    """Queue an event that says nothing but that it came; return its id."""
    event = test_event(
        endpoint.id, endpoint.organisation_id, endpoint.merchant_id, fresh_id(now, random), now
    )
    with transaction.atomic(), connection.cursor() as cursor, writing(cursor) as writes:
        write(writes, [event])
    id: UUID = event["id"]
    return id


def send_again(event: Event, *, now: datetime) -> None:
    """Queue an event anew, with all its tries before it; its bytes are the same."""
    with transaction.atomic():
        Event.objects.filter(organisation=event.organisation, id=event.id).update(
            state=EventState.WAITING, tries=0, settled_at=None
        )
        due = DueRow(
            event.id, event.organisation, DELIVER, event.id, now, gate=gate_of(event.endpoint)
        )
        with connection.cursor() as cursor:
            write_now(cursor, [due])
