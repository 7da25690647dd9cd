"""Take a guardian's code as their consent: right, in time, once, and not guessed."""

import hmac
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.biometrics.give_consent import ConsentForm, give_consent
from server.biometrics.issue_guardian_code import code_hash
from server.biometrics.models import Consent, EvidenceKind, Giver, GuardianCode
from server.runtime import Secrets

TRIES = 5


def redeem_guardian_code(
    organisation_id: UUID,
    person_id: UUID,
    site_id: UUID,
    code: str,
    form: ConsentForm,
    *,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
    consent_id: UUID | None = None,
) -> Consent:
    """Put the guardian's consent on file; who they are comes from the code, not from the form.

    Raises `Refused` ("consents.code_wrong", "consents.code_spent") and as `give_consent`.
    """
    with transaction.atomic():
        held = (
            GuardianCode.objects.select_for_update()
            .filter(
                organisation_id=organisation_id, person=person_id, site_id=site_id,
                used_at__isnull=True,
            )
            .first()
        )  # fmt: skip
        expected = b"" if held is None else bytes(held.code_hash)
        given = code_hash(secrets, organisation_id, person_id, site_id, code)
        is_right = hmac.compare_digest(expected, given)
        if held is not None and held.wrong_tries < TRIES and now < held.expires_at and is_right:
            signed = _signed(form, held)
            held.used_at = now
            held.save(update_fields=["used_at"])
            return give_consent(
                organisation_id, person_id, site_id, signed,
                now=now, random=random, consent_id=consent_id,
            )  # fmt: skip
        left = _count_wrong(held, now)
    # Outside: the wrong try must stay counted
    raise Refused("consents.code_wrong", left=left) if left else Refused("consents.code_spent")


def _signed(form: ConsentForm, held: GuardianCode) -> ConsentForm:
    """The code was given for one wording; another on the screen was never agreed to."""
    if form.text_version != held.text_version:
        raise Refused("consents.code_spent")
    return replace(
        form,
        given_by=Giver.GUARDIAN,
        giver_name=held.guardian_name,
        relation=held.relation,
        evidence_kind=EvidenceKind.CODE,
        evidence=f"code {held.id} of {held.created_at:%Y-%m-%d}",
    )


def _count_wrong(held: GuardianCode | None, now: datetime) -> int:
    """Return how many tries are left; none without a code that is still good."""
    if held is None or now >= held.expires_at:
        return 0
    held.wrong_tries += 1
    held.save(update_fields=["wrong_tries"])
    return max(0, TRIES - held.wrong_tries)
