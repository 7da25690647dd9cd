"""Which bank pays an organisation's merchants, and by which keys: entered in the back office.

Rules
- The private key is sealed (AES-256-GCM, NIST SP 800-38D, under a key derived for this
  organisation; organisation and row are associated data) and never shown again.
- What does not open a bank is not kept: the keys are read before they are stored.
"""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Refused
from server.runtime import Secrets
from server.settlement.models import PayoutBankSettings
from server.settlement.payout_link.bank import Parties

PURPOSE: Final = "payout bank secrets"
NONCE_BYTES: Final = 12


def read_settings(organisation_id: UUID) -> PayoutBankSettings | None:
    """Return what is entered, switched on or not."""
    return PayoutBankSettings.objects.filter(organisation=organisation_id).first()


def keep_settings(
    organisation_id: UUID, typed: dict[str, str], *, is_enabled: bool, secrets: Secrets,
    random: Callable[[int], bytes], now: datetime,
) -> PayoutBankSettings:  # fmt: skip
    """Keep host, party, bank and bank_key; `private_key` only when a new one is typed.

    Raises `Refused("settlement.bank_wrong")` when no bank could be opened with them.
    """
    row = read_settings(organisation_id) or PayoutBankSettings(
        id=uuid5(organisation_id, "payout_bank"), organisation=organisation_id
    )
    row.host, row.party, row.bank = typed["host"].rstrip("/"), typed["party"], typed["bank"]
    row.bank_key, row.is_enabled, row.changed_at = typed["bank_key"], is_enabled, now
    if typed.get("private_key"):
        nonce = random(NONCE_BYTES)
        sealed = _cipher(row, secrets).encrypt(nonce, typed["private_key"].encode(), _place(row))
        row.sealed_key, row.key_set_at = base64.b64encode(nonce + sealed).decode(), now
    if not row.sealed_key:
        raise Refused("settlement.bank_no_key")
    try:
        parties_of(row, secrets)
    except ValueError as wrong:
        raise Refused("settlement.bank_wrong") from wrong
    row.save()
    return row


def parties_of(row: PayoutBankSettings, secrets: Secrets) -> Parties:
    """Return who speaks to whom by which keys; raises `ValueError` for what is no good."""
    try:
        raw = base64.b64decode(row.sealed_key, validate=True)
        key = _cipher(row, secrets).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _place(row))
    except (InvalidTag, binascii.Error, ValueError) as damaged:
        raise ValueError("the private key does not open") from damaged
    settings = {"party": row.party, "bank": row.bank, "bank_key": row.bank_key}
    try:
        return Parties.read(row.host, settings, {"private_key": key.decode()})
    except (TypeError, ValueError) as wrong:
        raise ValueError(str(wrong)) from wrong


def _cipher(row: PayoutBankSettings, secrets: Secrets) -> AESGCM:
    return AESGCM(secrets.key(PURPOSE, row.organisation))


def _place(row: PayoutBankSettings) -> bytes:
    return f"{row.organisation}/{row.id}/private_key".encode()
