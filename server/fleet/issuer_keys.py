"""The keys that sign wallet-code certificates: made, used, retired by number."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.wallet_code import Certificate, certificate_message, encode_certificate, key_id_of
from server.feed.effects import mark
from server.fleet.models import IssuerKey
from server.fleet.sealing import open_key, seal_key
from server.fresh import fresh_id
from server.runtime import Secrets
from sync.messages import FeedKind
from sync.signing import TerminalKey as SigningKey


def create_issuer_key(
    organisation_id: UUID, *, now: datetime, random: RandomBytes, secrets: Secrets
) -> IssuerKey:
    """Make the key that signs from now on; certificates of older keys stay good until retired."""
    signer = SigningKey.generate(random)
    row_id = fresh_id(now, random)
    with transaction.atomic():
        row = IssuerKey.objects.create(
            id=row_id,
            organisation_id=organisation_id,
            key_id=key_id_of(signer.public_key),
            public_key=signer.public_key,
            sealed_private_key=seal_key(secrets, organisation_id, row_id, signer.seed, random),
            created_at=now,
        )
        _mark(row)
    return row


def retire_issuer_key(key: IssuerKey, *, now: datetime) -> None:
    """Let no code under `key` pay any more, at any counter that hears of it."""
    with transaction.atomic():
        key.retired_at = now
        key.save(update_fields=["retired_at"])
        _mark(key)


def issue_certificate(
    organisation_id: UUID,
    person_id: UUID,
    payer_key: bytes,
    *,
    offline_cap_amount: int,
    not_after: datetime,
    secrets: Secrets,
) -> bytes:
    """Return a certificate for a payer's phone, signed by the newest issuer key."""
    row = (
        IssuerKey.objects.filter(organisation_id=organisation_id, retired_at__isnull=True)
        .order_by("-created_at")
        .first()
    )
    if row is None:
        raise Refused("codes.no_issuer")
    seed = open_key(secrets, organisation_id, row.id, bytes(row.sealed_private_key))
    certificate = Certificate(
        organisation_id, person_id, payer_key, offline_cap_amount, not_after, row.key_id
    )
    signature = SigningKey(seed).sign(certificate_message(certificate))
    return encode_certificate(certificate, signature)


def read_issuer_keys(organisation_id: UUID) -> dict[str, bytes]:
    """Return the public keys that may vouch for a payer now, by key id."""
    rows = IssuerKey.objects.filter(organisation_id=organisation_id, retired_at__isnull=True)
    return {row.key_id: bytes(row.public_key) for row in rows}


def _mark(key: IssuerKey) -> None:
    scope = f"organisation:{key.organisation_id}"
    mark(key.organisation_id, scope, FeedKind.ISSUER_KEY, key.key_id)
