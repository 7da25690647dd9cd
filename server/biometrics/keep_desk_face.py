"""Store the face an enrolment desk took: vectors always, photographs only under their own yes."""

from datetime import datetime

import numpy
from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.people_names import mask_name
from server.biometrics.desk import Desks, opened, operator_at
from server.biometrics.enrol_template import Origin, enrol_template
from server.biometrics.find_confusable import read_confusable
from server.biometrics.models import Attachment, Confusable, Consent, Template
from server.biometrics.sealed import DIMENSIONS, Vector, seal_attachment
from server.fresh import fresh_id
from server.http import TerminalIdentity
from server.runtime import Secrets
from sync.messages import Alike, FaceEnrolled, FaceKept
from sync.messages.enrolment import PHOTO_BYTES_MAX, PHOTOS_MAX, VECTORS_MAX
from sync.sealing import desk_bound

JPEG = b"\xff\xd8\xff"


def keep_desk_face(
    desks: Desks,
    signer: TerminalIdentity,
    taken: FaceEnrolled,
    *,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
) -> FaceKept:
    """Enrol the face under its consent; sent twice it is stored once.

    Raises `Refused` ("consents.missing", "consents.no_photograph", "templates.malformed",
    "templates.bad_seal").
    """
    by = operator_at(signer, taken.operator_id)
    consent = Consent.objects.filter(
        organisation_id=signer.organisation_id, site_id=signer.site_id, id=taken.consent_id
    ).first()
    if consent is None:
        raise Refused("consents.missing")
    source = taken.enrolment_id.hex
    held = Template.objects.filter(
        organisation_id=signer.organisation_id, consent=consent, source_mac=source
    ).count()
    if held:
        return FaceKept(templates=held, alike=_alike(desks, signer, consent))
    vectors = _vectors(desks, signer, taken)
    photographs = _photographs(desks, signer, taken, consent)
    with transaction.atomic():
        made = enrol_template(
            consent, vectors, taken.model,
            now=now, random=random, secrets=secrets,
            origin=Origin(by, was_turned=taken.was_turned, source_mac=source),
        )  # fmt: skip
        keep_photographs(consent, photographs, now=now, random=random, secrets=secrets)
    return FaceKept(templates=len(made.templates), alike=_alike(desks, signer, consent))


def keep_photographs(
    consent: Consent,
    photographs: list[bytes],
    *,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
) -> None:
    """Replace the source photographs of a consent, sealed; raises `Refused` without a yes."""
    if photographs and not consent.keeps_photo:
        raise Refused("consents.no_photograph")
    Attachment.objects.filter(
        organisation_id=consent.organisation_id, consent=consent, kind=Attachment.PHOTOGRAPH
    ).delete()
    for data in photographs:
        row = Attachment(
            id=fresh_id(now, random),
            organisation_id=consent.organisation_id,
            consent=consent,
            kind=Attachment.PHOTOGRAPH,
            made_at=now,
        )
        seal_attachment(row, data, secrets, random)
        row.save(force_insert=True)


def _vectors(desks: Desks, signer: TerminalIdentity, taken: FaceEnrolled) -> list[Vector]:
    if not 1 <= len(taken.vectors) <= VECTORS_MAX:
        raise Refused("templates.malformed")
    vectors = []
    for place, sealed in enumerate(taken.vectors):
        data = opened(desks, signer, sealed, desk_bound("vector", taken.enrolment_id, place))
        if len(data) != DIMENSIONS * 4:
            raise Refused("templates.malformed")
        vectors.append(numpy.frombuffer(data, "<f4").astype(numpy.float32))
    return vectors


def _photographs(
    desks: Desks, signer: TerminalIdentity, taken: FaceEnrolled, consent: Consent
) -> list[bytes]:
    if taken.photographs and not consent.keeps_photo:
        raise Refused("consents.no_photograph")
    if len(taken.photographs) > PHOTOS_MAX:
        raise Refused("templates.malformed")
    photographs = []
    for place, sealed in enumerate(taken.photographs):
        data = opened(desks, signer, sealed, desk_bound("photograph", taken.enrolment_id, place))
        if not data.startswith(JPEG) or len(data) > PHOTO_BYTES_MAX:
            raise Refused("templates.malformed")
        photographs.append(data)
    return photographs


def _alike(desks: Desks, signer: TerminalIdentity, consent: Consent) -> tuple[Alike, ...]:
    organisation_id, site_id = signer.organisation_id, signer.site_id
    near = read_confusable(organisation_id, site_id, [consent.person]).get(consent.person, ())
    declared = set(
        Confusable.objects.filter(
            organisation_id=organisation_id, site_id=site_id, declared_at__isnull=False
        ).values_list("person_a", "person_b")
    )
    return tuple(
        Alike(
            masked_name=mask_name(one.name),
            number=one.number,
            is_declared=tuple(sorted((one.person_id, consent.person))) in declared,
        )
        for one in desks.roster.by_id(organisation_id, site_id, near)
    )
