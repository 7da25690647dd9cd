"""Pairs of people whose faces are nearer than the enrolment distance: flagged, never refused.

Twins and siblings are the reason. A flagged pair is always asked for a second factor, and if that
is equal for both, only a card or code will do (COUNTER §4). A pair that says so itself is flagged
whatever the distance, also before both are enrolled.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy
from django.db import transaction
from django.db.models import F, Q, QuerySet

from devices.vision.faces.model import MODEL_VERSION
from domain.errors import Refused
from domain.ids import RandomBytes
from server.biometrics.models import Confusable, Template
from server.biometrics.sealed import DIMENSIONS, Vector, open_vector
from server.feed.effects import mark
from server.fresh import fresh_id
from server.runtime import Secrets
from sync.messages import FeedKind

ENROLMENT_DISTANCE = 0.55
"""Above the .45 at which a face is accepted and below .60, the nearest two different people came
in the measured set: who is nearer than this could be taken for the other on a bad day."""


class KnownFaces:
    """The opened vectors of a site, for many enrolments in a row; forget it soon.

    Those of the present model: a distance to another model's numbers means nothing.
    """

    def __init__(self, organisation_id: UUID, site_id: UUID, secrets: Secrets) -> None:
        rows = Template.objects.filter(
            organisation_id=organisation_id, site_id=site_id, model=MODEL_VERSION
        )
        self._people: list[UUID] = []
        self._vectors = numpy.empty((0, DIMENSIONS), numpy.float32)
        for row in rows.order_by("id").iterator():
            self._people.append(row.person)
            self._add([open_vector(row, secrets)])

    def replace(self, person_id: UUID, vectors: Sequence[Vector]) -> None:
        """Know a person by `vectors` alone."""
        keep = [place for place, person in enumerate(self._people) if person != person_id]
        self._people = [self._people[place] for place in keep]
        self._vectors = self._vectors[keep]
        self._people += [person_id] * len(vectors)
        self._add(vectors)

    def near(self, person_id: UUID, vectors: Sequence[Vector]) -> dict[UUID, float]:
        """Return others nearer than the enrolment distance, with the distance."""
        near: dict[UUID, float] = {}
        for vector in vectors:
            distances = numpy.linalg.norm(self._vectors - vector, axis=1)
            for place in numpy.flatnonzero(distances < ENROLMENT_DISTANCE):
                person, distance = self._people[int(place)], float(distances[place])
                if person != person_id:
                    near[person] = min(distance, near.get(person, distance))
        return near

    def _add(self, vectors: Sequence[Vector]) -> None:
        self._vectors = numpy.concatenate([self._vectors, numpy.array(vectors)])


def find_confusable(
    organisation_id: UUID,
    site_id: UUID,
    person_id: UUID,
    vectors: Sequence[Vector],
    *,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
    known: KnownFaces | None = None,
) -> dict[UUID, float]:
    """Note who at the site looks like this person; returns them with the distance.

    Inside atomic(): the notes and the feed rows of both people belong to the enrolment.
    """
    near = (known or KnownFaces(organisation_id, site_id, secrets)).near(person_id, vectors)
    former = _pairs(organisation_id, site_id, person_id)
    touched = {person for pair in former for person in (pair.person_a, pair.person_b)}
    former.filter(declared_at__isnull=True).delete()
    former.update(distance=None)
    for other, distance in sorted(near.items()):
        _note(organisation_id, site_id, person_id, other, now, random, distance=distance)
    for person in sorted(touched | set(near) | ({person_id} if near else set()), key=str):
        mark(organisation_id, f"site:{site_id}", FeedKind.PERSON, str(person))
    return near


def declare_twins(
    organisation_id: UUID,
    site_id: UUID,
    person_id: UUID,
    other_id: UUID,
    *,
    now: datetime,
    random: RandomBytes,
) -> None:
    """Flag two people who say that they are twins or siblings; saying it again changes nothing.

    Raises `Refused("consents.twin_of_self")`.
    """
    if person_id == other_id:
        raise Refused("consents.twin_of_self")
    with transaction.atomic():
        _note(organisation_id, site_id, person_id, other_id, now, random, declared_at=now)
        for person in sorted((person_id, other_id), key=str):
            mark(organisation_id, f"site:{site_id}", FeedKind.PERSON, str(person))


def read_confusable(
    organisation_id: UUID, site_id: UUID, person_ids: Sequence[UUID]
) -> dict[UUID, tuple[UUID, ...]]:
    """Return, for each of `person_ids` that has any, the people they are confusable with."""
    pairs = Confusable.objects.filter(
        Q(person_a__in=person_ids) | Q(person_b__in=person_ids),
        organisation_id=organisation_id,
        site_id=site_id,
    ).order_by(F("distance").asc(nulls_last=True), "id")
    found: dict[UUID, tuple[UUID, ...]] = {}
    for pair in pairs:
        for one, other in ((pair.person_a, pair.person_b), (pair.person_b, pair.person_a)):
            found[one] = (*found.get(one, ()), other)
    wanted = set(person_ids)
    return {person: others for person, others in found.items() if person in wanted}


def _pairs(organisation_id: UUID, site_id: UUID, person_id: UUID) -> QuerySet[Confusable]:
    return Confusable.objects.filter(
        Q(person_a=person_id) | Q(person_b=person_id),
        organisation_id=organisation_id,
        site_id=site_id,
    )


def _note(
    organisation_id: UUID,
    site_id: UUID,
    person_id: UUID,
    other_id: UUID,
    now: datetime,
    random: RandomBytes,
    **said: object,
) -> None:
    first, second = sorted((person_id, other_id))
    Confusable.objects.update_or_create(
        organisation_id=organisation_id,
        site_id=site_id,
        person_a=first,
        person_b=second,
        defaults=said,
        create_defaults={"id": fresh_id(now, random), "found_at": now, **said},
    )
