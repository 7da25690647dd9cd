"""The second factor: codes of an authenticator app (RFC 6238) and recovery codes.

Rules
- The secret is sealed under the server's own; a code works once (`last_step` only grows).
- One step of 30 s to either side is accepted, since phones' clocks differ.
- Recovery codes have 50 bits, are kept as keyed hashes, and work once.
"""

import hashlib
import hmac
from base64 import b32encode
from datetime import datetime, timedelta

import pyotp
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.auth.models import User
from django.db import transaction

from domain.ids import RandomBytes
from server.console.models import RecoveryCode, SecondFactor
from server.fleet.activation_codes import draw_code
from server.fresh import fresh_id
from server.runtime import Secrets

SECRET_LENGTH = 20
"""Bytes of an authenticator's secret: RFC 4226 §4 recommends 160 bits."""
STEP_S = 30
DRIFT_STEPS = 1
RECOVERY_CODES = 10
ISSUER = "饭票 Fanpiao"
_NONCE = 12


def begin(user: User, *, now: datetime, random: RandomBytes, secrets: Secrets) -> str:
    """Return the base-32 secret to show: the one already begun, else a new one.

    A page loaded twice shows the same secret. A confirmed factor is never shown again.
    """
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor is None:
            factor = SecondFactor(id=fresh_id(now, random), user=user, created_at=now)
            secret = b32encode(random(SECRET_LENGTH)).decode()
            factor.sealed_secret = _seal(secrets, factor, secret, random)
            factor.save()
            return secret
    assert factor.confirmed_at is None, "a confirmed secret is not shown again"
    return _open(secrets, factor)


def uri_of(user: User, secret: str) -> str:
    """Return what the QR code holds: an otpauth address that authenticator apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.get_username(), issuer_name=ISSUER)


def check(user: User, typed: str, *, now: datetime, secrets: Secrets) -> bool:
    """Whether `typed` is this user's present code or an unused recovery code; it is used up."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor is None:
            return False
        text = "".join(typed.split())
        is_code = _use_code(factor, text, now, secrets)
        is_recovery = factor.confirmed_at is not None and _use_recovery(factor, text, now, secrets)
        return is_code or is_recovery


def confirm(user: User, *, now: datetime, random: RandomBytes, secrets: Secrets) -> list[str]:
    """Put the factor into force after its first right code; return the recovery codes."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().get(user=user)
        factor.confirmed_at = now
        factor.save(update_fields=["confirmed_at"])
        return _renew_codes(factor, now=now, random=random, secrets=secrets)


def renew_codes(user: User, *, now: datetime, random: RandomBytes, secrets: Secrets) -> list[str]:
    """Return new recovery codes; the old ones work no more."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().get(user=user)
        return _renew_codes(factor, now=now, random=random, secrets=secrets)


def has_factor(user: User) -> bool:
    """Whether the user has a confirmed second factor."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def forget(user: User) -> None:
    """Remove the factor: the next sign-in sets up a new one."""
    SecondFactor.objects.filter(user=user).delete()


def _renew_codes(
    factor: SecondFactor, *, now: datetime, random: RandomBytes, secrets: Secrets
) -> list[str]:
    factor.codes.all().delete()
    codes = [draw_code(random) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(id=fresh_id(now, random), factor=factor, code_hash=_hash(secrets, code))
        for code in codes
    )
    return codes


def _use_code(factor: SecondFactor, text: str, now: datetime, secrets: Secrets) -> bool:
    """Compare with every acceptable step, so that the time taken tells nothing."""
    totp = pyotp.TOTP(_open(secrets, factor))
    found = 0
    for drift in range(-DRIFT_STEPS, DRIFT_STEPS + 1):
        at = now + timedelta(seconds=drift * STEP_S)
        step = int(at.timestamp()) // STEP_S
        is_equal = hmac.compare_digest(totp.at(at).encode(), text.encode())
        if is_equal and step > factor.last_step:
            found = max(found, step)
    if found:
        factor.last_step = found
        factor.save(update_fields=["last_step"])
    return bool(found)


def _use_recovery(factor: SecondFactor, text: str, now: datetime, secrets: Secrets) -> bool:
    wanted, found = _hash(secrets, text), None
    for code in factor.codes.filter(used_at__isnull=True):
        if hmac.compare_digest(bytes(code.code_hash), wanted):
            found = code
    if found is None:
        return False
    found.used_at = now
    found.save(update_fields=["used_at"])
    return True


def _hash(secrets: Secrets, code: str) -> bytes:
    plain = code.upper().replace("-", "").translate(str.maketrans("OIL", "011"))
    return hmac.new(secrets.key("recovery code"), plain.encode(), hashlib.sha256).digest()


def _seal(secrets: Secrets, factor: SecondFactor, secret: str, random: RandomBytes) -> bytes:
    nonce = random(_NONCE)
    return nonce + _cipher(secrets).encrypt(nonce, secret.encode(), factor.id.bytes)


def _open(secrets: Secrets, factor: SecondFactor) -> str:
    sealed = bytes(factor.sealed_secret)
    return _cipher(secrets).decrypt(sealed[:_NONCE], sealed[_NONCE:], factor.id.bytes).decode()


def _cipher(secrets: Secrets) -> AESGCM:
    return AESGCM(secrets.key("second factor"))
