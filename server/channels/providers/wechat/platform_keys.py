"""The keys WeChat Pay signs with: its public key, its platform certificates, or both at once.

A merchant that was given a public key pins it under its `PUB_KEY_ID_…`; platform certificates come
from `/v3/certificates`, sealed under the APIv3 key, and are fetched when a serial is not known.
While a merchant is being moved from one to the other (WeChat's grey switch) answers and notices
arrive signed by either, so both are kept.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa

from server.channels.providers.wechat.signing import certificate, key_of, serial_of, unsealed

PUBLIC_KEY_PREFIX: Final = "PUB_KEY_ID_"
FETCH_EVERY: Final = timedelta(minutes=1)
"""An unknown serial makes us fetch at most so often: anybody can send us one."""


@dataclass(frozen=True, slots=True)
class PlatformKey:
    """One key, and until when it is good."""

    key: rsa.RSAPublicKey
    expires_at: datetime | None = None


class PlatformKeys:
    """What an account knows of WeChat's keys. Used from many threads."""

    def __init__(self, pinned: Mapping[str, rsa.RSAPublicKey], pinned_id: str = "") -> None:
        """`pinned_id` is the public key asked for in requests; empty in certificate mode."""
        self.pinned_id = pinned_id
        self._keys = {serial: PlatformKey(key) for serial, key in pinned.items()}
        self._lock = Lock()
        self._fetched_at: datetime | None = None

    def find(self, serial: str, now: datetime) -> rsa.RSAPublicKey | None:
        """Return the key of a `Wechatpay-Serial`, if it is known and not expired."""
        with self._lock:
            known = self._keys.get(serial)
        if known is None or (known.expires_at is not None and known.expires_at <= now):
            return None
        return known.key

    def may_fetch(self, serial: str, now: datetime) -> bool:
        """Whether to ask for certificates on account of a serial; once asked, not soon again."""
        if serial.startswith(PUBLIC_KEY_PREFIX):
            return False
        with self._lock:
            if self._fetched_at is not None and abs(now - self._fetched_at) < FETCH_EVERY:
                return False
            self._fetched_at = now
            return True

    def add(self, keys: Mapping[str, PlatformKey]) -> None:
        """Learn certificates that were verified."""
        with self._lock:
            self._keys.update(keys)


def read_certificates(body: bytes, api_key: bytes) -> dict[str, PlatformKey]:
    """Unseal the certificates of a `/v3/certificates` answer by serial; those that open only."""
    try:
        listed = json.loads(body)["data"]
        read = [_read(one, api_key) for one in listed]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {found[0]: found[1] for found in read if found is not None}


def _read(listed: Mapping[str, Any], api_key: bytes) -> tuple[str, PlatformKey] | None:
    pem = unsealed(api_key, listed["encrypt_certificate"])
    if pem is None:
        return None
    read = certificate(pem)
    serial = serial_of(read)
    if serial != str(listed["serial_no"]).upper():
        return None
    return serial, PlatformKey(key_of(read), read.not_valid_after_utc.astimezone(UTC))
