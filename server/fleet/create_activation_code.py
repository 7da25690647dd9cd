"""Give a technician a code that binds one device to one terminal."""

from datetime import datetime, timedelta

from domain.ids import RandomBytes
from server.fleet.activation_codes import draw_code, hash_code
from server.fleet.models import ActivationCode, Terminal
from server.fresh import fresh_id
from server.runtime import Secrets

VALID_FOR = timedelta(hours=24)
"""From the office to the counter: a working day, not a drawer full of old codes."""


def create_activation_code(
    terminal: Terminal,
    *,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
    created_by: str = "",
    is_forced: bool = False,
    valid_for: timedelta = VALID_FOR,
) -> str:
    """Return a new code, shown this once; only its hash is stored.

    `is_forced` lets it replace a device that last reported records still waiting: those stay
    behind on the old device, and can be pushed only from its own disk.
    """
    code = draw_code(random)
    ActivationCode.objects.create(
        id=fresh_id(now, random),
        organisation_id=terminal.organisation_id,
        terminal=terminal,
        code_hash=hash_code(secrets, code),
        is_forced=is_forced,
        created_at=now,
        created_by=created_by,
        expires_at=now + valid_for,
    )
    return code
