"""Take a terminal out of service in good order: the counter is closed, nothing is suspected."""

from datetime import datetime

from django.db import transaction

from server.fleet.data_keys import end_data_key
from server.fleet.models import Binding, KeyState, Terminal, TerminalKey, TerminalState
from server.fleet.rebind_terminal import refuse_busy
from server.fleet.register_elements import end_registration


def retire_terminal(terminal: Terminal, *, now: datetime, is_forced: bool = False) -> Terminal:
    """Retire the terminal, its key and its binding; refused while records wait or a shift runs.

    Forced, what waits can still be pushed from its disk, and is booked to the binding it names.
    """
    with transaction.atomic():
        held = Terminal.objects.select_for_update().get(
            id=terminal.id, organisation_id=terminal.organisation_id
        )
        if not is_forced:
            refuse_busy(held)
        held.state = TerminalState.RETIRED
        held.save(update_fields=["state"])
        TerminalKey.objects.filter(
            organisation_id=held.organisation_id, terminal=held, state=KeyState.ACTIVE
        ).update(state=KeyState.RETIRED, retired_at=now)
        Binding.objects.filter(
            organisation_id=held.organisation_id, terminal=held, to_at__isnull=True
        ).update(to_at=now)
        end_registration(held, now=now)
        end_data_key(held, now=now)
    return held
