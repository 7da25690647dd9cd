"""Make the one-time code that a guardian gives to say yes.

It is handed to the guardian with the consent text, by a way the school already knows them by. The
code is bound to the person, the site and the text version, and only a keyed hash of it is kept.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from domain.consent_texts import CURRENT
from domain.errors import Refused
from domain.ids import RandomBytes
from server.biometrics.models import GuardianCode
from server.fresh import fresh_id
from server.runtime import Secrets

DIGITS = 8
"""Typed on a number pad; five tries at 10⁸ codes."""
VALID_FOR = timedelta(days=30)


def issue_guardian_code(
    organisation_id: UUID,
    person_id: UUID,
    site_id: UUID,
    *,
    guardian_name: str,
    relation: str,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
    created_by: str = "",
    valid_for: timedelta = VALID_FOR,
    text_version: str = CURRENT,
) -> str:
    """Return a new code, shown this once; an unused one from before no longer counts.

    Raises `Refused("consents.incomplete")` without the guardian's name or relation.
    """
    for name, value in (("giver_name", guardian_name), ("relation", relation)):
        if not value.strip():
            raise Refused("consents.incomplete", field=name)
    code = f"{int.from_bytes(random(8), 'big') % 10**DIGITS:0{DIGITS}d}"
    with transaction.atomic():
        GuardianCode.objects.filter(
            organisation_id=organisation_id, person=person_id, site_id=site_id,
            used_at__isnull=True,
        ).delete()  # fmt: skip
        GuardianCode.objects.create(
            id=fresh_id(now, random),
            organisation_id=organisation_id,
            person=person_id,
            site_id=site_id,
            guardian_name=guardian_name.strip(),
            relation=relation.strip(),
            text_version=text_version,
            code_hash=code_hash(secrets, organisation_id, person_id, site_id, code),
            created_at=now,
            created_by=created_by,
            expires_at=now + valid_for,
        )
    return code


def code_hash(
    secrets: Secrets, organisation_id: UUID, person_id: UUID, site_id: UUID, code: str
) -> bytes:
    """Return the keyed hash of a code: worth nothing for another person or site."""
    key = secrets.key("guardian code", organisation_id)
    return hmac.new(key, f"{person_id}\n{site_id}\n{code}".encode(), hashlib.sha256).digest()
