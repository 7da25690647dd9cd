"""Move a terminal to another store or profile."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.fleet.models import Binding, Terminal
from server.fleet.register_elements import end_registration
from server.fleet.register_terminal import open_binding
from server.merchants.models import Store


@dataclass(frozen=True, slots=True)
class StaysBehind:
    """What waited at the terminal when it was moved; it is booked to the binding it names."""

    count: int
    amount: int


def rebind_terminal(
    terminal: Terminal,
    store: Store,
    profile: str,
    *,
    now: datetime,
    random: RandomBytes,
    is_forced: bool = False,
) -> StaysBehind:
    """Bind `terminal` to `store` from now on; raises `Refused` while records wait or a shift runs.

    Forced, it says what stays behind: records keep the binding they were made under.
    """
    with transaction.atomic():
        held = Terminal.objects.select_for_update().get(
            id=terminal.id, organisation_id=terminal.organisation_id
        )
        if not is_forced:
            refuse_busy(held)
        Binding.objects.filter(
            organisation_id=held.organisation_id, terminal=held, to_at__isnull=True
        ).update(to_at=now)
        if held.merchant_id != store.merchant_id:
            end_registration(held, now=now)
        held.store = store
        held.merchant_id = store.merchant_id
        held.profile = profile
        open_binding(held, now=now, random=random)
    return StaysBehind(held.waiting_count, held.waiting_amount)


def refuse_busy(terminal: Terminal) -> None:
    """Refuse while the terminal last reported records waiting, or a shift is open there."""
    if terminal.waiting_count:
        raise Refused("terminals.queue_not_empty", count=terminal.waiting_count)
    if terminal.shift is not None:
        raise Refused("terminals.shift_open")
