"""The five elements a device is registered by with the acquirer, and their end.

One device belongs to one terminal, and so to one merchant: no serial number is open twice, and a
terminal that moves to another merchant, or out of service, is not registered any more.
"""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.fleet.models import Registration, Terminal, TerminalState
from server.fresh import fresh_id

PATTERNS: Final = {
    "serial": re.compile(r"[0-9A-Za-z-]{4,32}"),
    "acquirer": re.compile(r"[0-9A-Za-z]{4,20}"),
    "account": re.compile(r"[0-9]{6,40}"),
    "location": re.compile(r"\S.{3,198}\S"),
}
_GONE: Final = frozenset({TerminalState.RETIRED.value, TerminalState.REVOKED.value})


@dataclass(frozen=True, slots=True)
class Elements:
    """As typed; the fifth is the merchant, which is that of the terminal's store."""

    serial: str
    acquirer: str
    account: str
    location: str


def register_elements(
    terminal: Terminal, elements: Elements, *, now: datetime, random: RandomBytes, by: str
) -> Registration:
    """Register `terminal`, in place of what it was registered as; the same again changes nothing.

    Raises `Refused`: "terminals.serial_wrong" and the like, "terminals.serial_taken",
    "terminals.not_here".
    """
    for name, value in asdict(elements).items():
        if not PATTERNS[name].fullmatch(value):
            raise Refused(f"terminals.{name}_wrong")
    try:
        with transaction.atomic():
            return _register(terminal, elements, now, random, by)
    except IntegrityError as taken:
        # Two registered the same device at once
        raise Refused("terminals.serial_taken", name="–") from taken


def _register(
    terminal: Terminal, elements: Elements, now: datetime, random: RandomBytes, by: str
) -> Registration:
    held = Terminal.objects.select_for_update().get(
        id=terminal.id, organisation_id=terminal.organisation_id
    )
    if held.state in _GONE:
        raise Refused("terminals.not_here")
    present = Registration.objects.filter(
        organisation_id=held.organisation_id, terminal=held, ended_at__isnull=True
    ).first()
    told = {**asdict(elements), "merchant_id": held.merchant_id}
    if present is not None and all(getattr(present, name) == one for name, one in told.items()):
        return present
    others = Registration.objects.filter(
        organisation_id=held.organisation_id, serial=elements.serial, ended_at__isnull=True
    ).exclude(terminal=held)
    other = others.select_related("terminal").first()
    if other is not None:
        raise Refused("terminals.serial_taken", name=other.terminal.name)
    end_registration(held, now=now)
    return Registration.objects.create(
        id=fresh_id(now, random), organisation_id=held.organisation_id, terminal=held,
        registered_at=now, registered_by=by, **told,
    )  # fmt: skip


def end_registration(terminal: Terminal, *, now: datetime) -> None:
    """End what a terminal is registered as; inside the transaction that moves it or ends it."""
    Registration.objects.filter(
        organisation_id=terminal.organisation_id, terminal=terminal, ended_at__isnull=True
    ).update(ended_at=now)
