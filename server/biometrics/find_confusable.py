"""Pairs of people whose faces are nearer than the enrolment distance: flagged, never refused.

Twins and siblings are the reason. A flagged pair is always asked for a second factor, and if that
is equal for both, only a card or code will do (COUNTER §4).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy
from django.db.models import Q

from domain.ids import RandomBytes
from server.biometrics.models import Confusable, Template
from server.biometrics.sealed import Vector, open_vector
from server.feed.effects import mark
from server.fresh import fresh_id
from server.runtime import Secrets
from sync.messages import FeedKind

ENROLMENT_DISTANCE = 0.55
"""Above the .45 at which a face is accepted and below .60, the nearest two different people came
in the measured set: who is nearer than this could be taken for the other on a bad day."""


def find_confusable(
    organisation_id: UUID,
    site_id: UUID,
    person_id: UUID,
    vectors: Sequence[Vector],
    *,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
) -> dict[UUID, float]:
    """Note who at the site looks like this person; returns them with the distance.

    Inside atomic(): the notes and the feed rows of both people belong to the enrolment.
    """
    others = list(
        Template.objects.filter(organisation_id=organisation_id, site_id=site_id).exclude(
            person=person_id
        )
    )
    near = _near(vectors, others, secrets)
    former = Confusable.objects.filter(
        Q(person_a=person_id) | Q(person_b=person_id),
        organisation_id=organisation_id,
        site_id=site_id,
    )
    touched = {person for pair in former for person in (pair.person_a, pair.person_b)}
    former.delete()
    for other, distance in sorted(near.items()):
        first, second = sorted((person_id, other))
        Confusable.objects.create(
            id=fresh_id(now, random),
            organisation_id=organisation_id,
            site_id=site_id,
            person_a=first,
            person_b=second,
            distance=distance,
            found_at=now,
        )
    for person in sorted(touched | set(near) | ({person_id} if near else set()), key=str):
        mark(organisation_id, f"site:{site_id}", FeedKind.PERSON, str(person))
    return near


def read_confusable(
    organisation_id: UUID, site_id: UUID, person_ids: Sequence[UUID]
) -> dict[UUID, tuple[UUID, ...]]:
    """Return, for each of `person_ids` that has any, the people they are confusable with."""
    pairs = Confusable.objects.filter(
        Q(person_a__in=person_ids) | Q(person_b__in=person_ids),
        organisation_id=organisation_id,
        site_id=site_id,
    ).order_by("distance")
    found: dict[UUID, tuple[UUID, ...]] = {}
    for pair in pairs:
        for one, other in ((pair.person_a, pair.person_b), (pair.person_b, pair.person_a)):
            found[one] = (*found.get(one, ()), other)
    wanted = set(person_ids)
    return {person: others for person, others in found.items() if person in wanted}


def _near(
    vectors: Sequence[Vector], others: Sequence[Template], secrets: Secrets
) -> dict[UUID, float]:
    if not others:
        return {}
    gallery = numpy.stack([open_vector(template, secrets) for template in others])
    near: dict[UUID, float] = {}
    for vector in vectors:
        distances = numpy.linalg.norm(gallery - vector, axis=1)
        for place in numpy.flatnonzero(distances < ENROLMENT_DISTANCE):
            person, distance = others[int(place)].person, float(distances[place])
            near[person] = min(distance, near.get(person, distance))
    return near
