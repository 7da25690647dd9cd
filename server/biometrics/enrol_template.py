"""Enrol a face: only under a live consent, sealed before it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy
from django.db import transaction
from django.db.models import Max

from domain.errors import Refused
from domain.ids import RandomBytes
from server.biometrics.find_confusable import KnownFaces, find_confusable
from server.biometrics.live_consents import live_consents
from server.biometrics.models import Consent, Removal, Template
from server.biometrics.sealed import DIMENSIONS, Vector, seal
from server.biometrics.withdraw_consent import ENROLLED_ANEW, remove_templates
from server.feed.effects import mark
from server.fresh import fresh_id
from server.runtime import Secrets
from sync.messages import FeedKind

MAX_VECTORS = 8
"""Pictures per person: more make the gallery slower, not surer."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an enrolment comes from: who, whether the head turned when asked, which pictures."""

    enrolled_by: str = ""
    was_turned: bool = False
    source_mac: str = ""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The new templates, and who at the site looks alike (person → distance)."""

    templates: tuple[Template, ...]
    confusable: dict[UUID, float]


def enrol_template(
    consent: Consent,
    vectors: Sequence[Sequence[float] | Vector],
    model: str,
    *,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
    enrolled_by: str = "",
    origin: Origin | None = None,
    known: KnownFaces | None = None,
) -> Enrolled:
    """Store the face of the consent's person for its site, replacing any from before.

    `vectors` are 1 to 8 of 128 finite floats made by `model`; `known` saves opening the whole
    site again when many are enrolled. Raises `Refused` ("consents.missing",
    "templates.malformed").
    """
    origin = origin or Origin(enrolled_by)
    faces = [_vector(values) for values in vectors]
    if not 1 <= len(faces) <= MAX_VECTORS:
        raise Refused("templates.malformed")
    with transaction.atomic():
        _check_live(consent, now)
        version = _next_version(consent, now)
        templates = [
            _store(consent, face, version, place, model, now, random, secrets, origin)
            for place, face in enumerate(faces)
        ]
        confusable = find_confusable(
            consent.organisation_id, consent.site_id, consent.person, faces,
            now=now, random=random, secrets=secrets, known=known,
        )  # fmt: skip
        for template in sorted(templates, key=lambda row: str(row.id)):
            scope = f"site:{consent.site_id}"
            mark(consent.organisation_id, scope, FeedKind.TEMPLATE, str(template.id))
    if known is not None:
        known.replace(consent.person, faces)
    return Enrolled(tuple(templates), confusable)


def _vector(values: Sequence[float] | Vector) -> Vector:
    vector = numpy.asarray(values, dtype=numpy.float32)
    if vector.shape != (DIMENSIONS,) or not numpy.isfinite(vector).all():
        raise Refused("templates.malformed")
    return vector


def _check_live(consent: Consent, now: datetime) -> None:
    live = live_consents(consent.organisation_id, now).select_for_update()
    if not live.filter(id=consent.id).exists():
        raise Refused("consents.missing")


def _next_version(consent: Consent, now: datetime) -> int:
    """Remove what the person has at this site; returns the version after every one before."""
    former = Template.objects.filter(
        organisation_id=consent.organisation_id, person=consent.person, site_id=consent.site_id
    )
    last = former.aggregate(last=Max("version"))["last"] or 0
    remove_templates(list(former), now=now, why=ENROLLED_ANEW)
    gone = Removal.objects.filter(
        organisation_id=consent.organisation_id, person=consent.person
    ).count()
    return max(int(last), gone) + 1


def _store(
    consent: Consent,
    vector: Vector,
    version: int,
    ordinal: int,
    model: str,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
    origin: Origin,
) -> Template:
    template = Template(
        id=fresh_id(now, random),
        organisation_id=consent.organisation_id,
        person=consent.person,
        site_id=consent.site_id,
        consent=consent,
        version=version,
        ordinal=ordinal,
        model=model,
        enrolled_at=now,
        enrolled_by=origin.enrolled_by,
        was_turned=origin.was_turned,
        source_mac=origin.source_mac,
    )
    seal(template, vector, secrets, random)
    template.save(force_insert=True)
    return template
