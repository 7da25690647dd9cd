"""Put on file what was signed, or answered with a guardian's code, at an enrolment desk."""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.messages import Language
from server.biometrics.desk import (
    Desks,
    blanks_at,
    candidate_at,
    digest_of,
    may_come,
    notice_of,
    opened,
    operator_at,
)
from server.biometrics.find_confusable import declare_twins
from server.biometrics.give_consent import ConsentForm, give_consent
from server.biometrics.models import Attachment, Consent, EvidenceKind, Giver, Twin
from server.biometrics.redeem_guardian_code import redeem_guardian_code
from server.biometrics.sealed import seal_attachment
from server.fresh import fresh_id
from server.http import TerminalIdentity
from server.runtime import Secrets
from sync.messages import ConsentGiven, ConsentKept
from sync.messages.enrolment import SIGNATURE_BYTES_MAX
from sync.sealing import desk_bound

ChoiceT = TypeVar("ChoiceT", Giver, Twin)
PNG = b"\x89PNG\r\n\x1a\n"


def keep_desk_consent(
    desks: Desks,
    signer: TerminalIdentity,
    given: ConsentGiven,
    *,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
) -> ConsentKept:
    """Store the consent; sent twice it is stored once.

    Raises `Refused` as `give_consent` and `redeem_guardian_code`, and "consents.text_changed" when
    other words were on the screen than ours.
    """
    kept = _kept(signer, given)
    if kept is not None:
        return ConsentKept(consent_id=kept.id, expires_at=kept.expires_at)
    may_come(candidate_at(desks, signer, given.person_id))
    form = _form(signer, given, operator_at(signer, given.operator_id), now)
    twin = _twin(desks, signer, given)
    place = (signer.organisation_id, given.person_id, signer.site_id)
    if given.guardian_code:
        consent = redeem_guardian_code(
            *place, given.guardian_code, form,
            now=now, random=random, secrets=secrets, consent_id=given.consent_id,
        )  # fmt: skip
    else:
        signature = _signature(desks, signer, given)
        with transaction.atomic():
            consent = give_consent(
                *place, form, now=now, random=random, consent_id=given.consent_id
            )
            _attach(consent, signature, now=now, random=random, secrets=secrets)
    if twin is not None:
        declare_twins(
            signer.organisation_id, signer.site_id, given.person_id, twin, now=now, random=random
        )
    return ConsentKept(consent_id=consent.id, expires_at=consent.expires_at)


def _kept(signer: TerminalIdentity, given: ConsentGiven) -> Consent | None:
    """The consent this very message stored before, if it did."""
    return Consent.objects.filter(
        organisation_id=signer.organisation_id,
        site_id=signer.site_id,
        id=given.consent_id,
        person=given.person_id,
        withdrawn_at__isnull=True,
    ).first()


def _form(
    signer: TerminalIdentity, given: ConsentGiven, recorded_by: str, now: datetime
) -> ConsentForm:
    blanks = blanks_at(signer.organisation_id, signer.site_id)
    language: Language = "en" if given.language == "en" else "zh"
    is_ours = given.text_version == blanks.version
    if not is_ours or given.text_digest != digest_of(language, blanks):
        raise Refused("consents.text_changed")
    valid_days = notice_of(signer.organisation_id).valid_days
    return ConsentForm(
        giver_name=given.giver_name.strip() or "—",
        text_version=given.text_version,
        text_digest=given.text_digest,
        language=language,
        given_by=_one_of(Giver, given.given_by, "given_by"),
        relation=given.relation.strip(),
        is_under_14=given.is_under_14,
        servers=(blanks.blanks["servers"],),
        keeps_photo=given.keeps_photo,
        evidence=f"signed at {signer.name}",
        evidence_kind=EvidenceKind.SIGNATURE,
        twin=_one_of(Twin, given.twin, "twin"),
        recorded_by=recorded_by,
        expires_at=None if valid_days is None else now + timedelta(days=valid_days),
    )


def _one_of(choices: type[ChoiceT], value: str, field: str) -> ChoiceT:
    try:
        return choices(value)
    except ValueError as error:
        raise Refused("consents.incomplete", field=field) from error


def _twin(desks: Desks, signer: TerminalIdentity, given: ConsentGiven) -> UUID | None:
    if given.twin != Twin.YES or not given.twin_number.strip():
        return None
    number = given.twin_number.strip()
    found = desks.roster.by_number(signer.organisation_id, signer.site_id, [number])
    if not found:
        raise Refused("people.unknown", number=number)
    if found[0].person_id == given.person_id:
        raise Refused("consents.twin_of_self")
    return found[0].person_id


def _signature(desks: Desks, signer: TerminalIdentity, given: ConsentGiven) -> bytes:
    if given.signature is None:
        raise Refused("consents.incomplete", field="signature")
    bound = desk_bound("signature", given.consent_id, 0)
    data = opened(desks, signer, given.signature, bound)
    if not data.startswith(PNG) or len(data) > SIGNATURE_BYTES_MAX:
        raise Refused("consents.incomplete", field="signature")
    return data


def _attach(
    consent: Consent, signature: bytes, *, now: datetime, random: RandomBytes, secrets: Secrets
) -> None:
    row = Attachment(
        id=fresh_id(now, random),
        organisation_id=consent.organisation_id,
        consent=consent,
        kind=Attachment.SIGNATURE,
        made_at=now,
    )
    seal_attachment(row, signature, secrets, random)
    row.save(force_insert=True)
