"""Enter a new counter at a store; it sells once a device was activated for it."""

from datetime import datetime

from django.db import transaction

from domain.ids import RandomBytes
from server.fleet.models import Binding, Terminal
from server.fresh import fresh_id
from server.merchants.models import Store


def register_terminal(
    store: Store, name: str, profile: str, *, now: datetime, random: RandomBytes, serial: str = ""
) -> Terminal:
    """Create a terminal with its first binding (version 1)."""
    with transaction.atomic():
        terminal = Terminal.objects.create(
            id=fresh_id(now, random),
            organisation_id=store.organisation_id,
            name=name,
            merchant_id=store.merchant_id,
            store=store,
            profile=profile,
            serial=serial,
            registered_at=now,
        )
        open_binding(terminal, now=now, random=random)
    return terminal


def open_binding(terminal: Terminal, *, now: datetime, random: RandomBytes) -> Binding:
    """Write down what `terminal` is bound to from `now` on, under the next version."""
    terminal.binding_version += 1
    terminal.save(update_fields=["binding_version", "merchant", "store", "profile"])
    return Binding.objects.create(
        id=fresh_id(now, random),
        organisation_id=terminal.organisation_id,
        terminal=terminal,
        version=terminal.binding_version,
        merchant_id=terminal.merchant_id,
        store_id=terminal.store_id,
        profile=terminal.profile,
        from_at=now,
    )
