"""Secrets of channel accounts at rest: sealed one by one, opened only to be used.

AES-256-GCM (NIST SP 800-38D) under a key derived for this organisation; organisation, account and
the setting's name are associated data, so a sealed text moved elsewhere does not open.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.channels.models import ChannelAccount
from server.runtime import Secrets

PURPOSE: Final = "channel secrets"
NONCE_BYTES: Final = 12


def seal(
    row: ChannelAccount, name: str, value: str, secrets: Secrets, random: Callable[[int], bytes]
) -> None:
    """Put one secret into the row, sealed; the caller saves it."""
    nonce = random(NONCE_BYTES)
    text = _cipher(row, secrets).encrypt(nonce, value.encode(), _place(row, name))
    row.sealed = {**row.sealed, name: base64.b64encode(nonce + text).decode()}


def unsealed(row: ChannelAccount, secrets: Secrets) -> dict[str, str]:
    """Return the row's secrets by name; raises `ValueError` naming the one that does not open."""
    cipher = _cipher(row, secrets)
    return {name: _opened(cipher, row, name) for name in row.sealed}


def _opened(cipher: AESGCM, row: ChannelAccount, name: str) -> str:
    try:
        raw = base64.b64decode(row.sealed[name], validate=True)
        return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _place(row, name)).decode()
    except (InvalidTag, binascii.Error, ValueError) as damaged:
        raise ValueError(f"the secret {name} does not open") from damaged


def _cipher(row: ChannelAccount, secrets: Secrets) -> AESGCM:
    return AESGCM(secrets.key(PURPOSE, row.organisation_id))


def _place(row: ChannelAccount, name: str) -> bytes:
    return f"{row.organisation_id}/{row.id}/{name}".encode()
