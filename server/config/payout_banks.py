"""Which bank pays merchants out: an organisation's own, entered in the back office.

Where none is entered, the one told in `payout_bank.json` beside the server's secrets:

    {"host": "https://…", "settings": {"party": "…", "bank": "…", "bank_key": "PEM"},
     "secrets": {"private_key": "PEM"}}

With $FANPIAO_SANDBOX it is the sandbox's. Without any payouts are made and wait.
"""

import json
import logging
import os
import stat
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
from django.conf import settings

from domain.ids import RandomBytes
from server.config.database import chosen_database, secrets_path
from server.config.sandboxes import ENVIRONMENT
from server.sandbox.run import FILE
from server.settlement.bank_settings import parties_of, read_settings
from server.settlement.payout_bank import PayoutBank
from server.settlement.payout_link.bank import LinkedBank, Parties

NAME: Final = "payout_bank.json"
log = logging.getLogger(__name__)


def open_payout_bank(
    http: httpx.Client, random: RandomBytes, organisation_id: UUID | None = None
) -> PayoutBank | None:
    """Open the bank of an organisation, or else the one that is told of; None when none is.

    Raises `ValueError` naming what is wrong: a file that others may read, a key that is none.
    """
    entered = read_settings(organisation_id) if organisation_id is not None else None
    if entered is not None:
        if not entered.is_enabled:
            return None
        return LinkedBank(parties_of(entered, settings.SECRETS), http, random)
    told = _told()
    if told is None:
        return None
    try:
        parties = Parties.read(told["host"], told["settings"], told["secrets"])
    except (KeyError, TypeError, ValueError) as wrong:
        raise ValueError(f"{NAME}: {wrong}") from wrong
    return LinkedBank(parties, http, random)


def payout_bank_or_none(
    http: httpx.Client, random: RandomBytes, organisation_id: UUID
) -> PayoutBank | None:
    """Open the bank of an organisation; one that does not open is logged, and payouts wait."""
    try:
        return open_payout_bank(http, random, organisation_id)
    except (OSError, ValueError) as wrong:
        log.error("no payout bank: %s", wrong)
        return None


def _told() -> dict[str, Any] | None:
    outside = os.environ.get(ENVIRONMENT, "")
    if outside:
        peers = json.loads((Path(outside) / FILE).read_text(encoding="utf-8"))["peers"]
        found: dict[str, Any] | None = peers.get("payout_bank")
        return found
    path = secrets_path(chosen_database()).with_name(NAME)
    if not path.exists():
        return None
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ValueError(f"{path}: others may read it; chmod 600")
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told
