"""Take a terminal out of service: stolen, lost, or no longer trusted."""

from datetime import datetime

from django.db import transaction

from domain.errors import Refused
from server.fleet.data_keys import end_data_key
from server.fleet.models import KeyState, Terminal, TerminalKey, TerminalState
from server.fleet.register_elements import end_registration


def revoke_terminal(terminal: Terminal, *, now: datetime) -> Terminal:
    """Revoke the terminal and its key; the device wipes itself when it hears of it.

    What it took up to the head it last reported is still booked; what lies beyond is disputed.
    """
    with transaction.atomic():
        held = Terminal.objects.select_for_update().get(
            id=terminal.id, organisation_id=terminal.organisation_id
        )
        if held.state == TerminalState.REVOKED:
            raise Refused("terminals.revoked")
        held.state = TerminalState.REVOKED
        held.revoked_at = now
        held.save(update_fields=["state", "revoked_at"])
        TerminalKey.objects.filter(
            organisation_id=held.organisation_id, terminal=held, state=KeyState.ACTIVE
        ).update(state=KeyState.REVOKED, revoked_at=now)
        end_registration(held, now=now)
        end_data_key(held, now=now)
    return held
