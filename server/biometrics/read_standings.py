"""How each person stands with paying by face: refused, consented, enrolled, withdrawn, or nothing.

One standing per person and site, read for many at once.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from devices.vision.faces.model import MODEL_VERSION
from server.biometrics.live_consents import live_consents
from server.biometrics.models import Consent, Refusal, Template

MODEL_CHANGED, MOSTLY_MISSED = "model_changed", "mostly_missed"
BATCH = 500
"""Ids per query: SQLite takes no more than some thousand parameters."""


class Stand(StrEnum):
    """Where somebody stands."""

    NONE = "none"
    REFUSED = "refused"
    CONSENTED = "consented"
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's standing; `come_again` says why they must be enrolled anew, "" when not."""

    stand: Stand = Stand.NONE
    consent_id: UUID | None = None
    keeps_photo: bool = False
    come_again: str = ""


def read_standings(
    organisation_id: UUID,
    site_id: UUID,
    person_ids: Sequence[UUID],
    now: datetime,
    *,
    missed: Collection[UUID] = (),
) -> dict[UUID, Standing]:
    """Return a standing for each of `person_ids`; `missed` are those whom counters rarely know."""
    found: dict[UUID, Standing] = {}
    for start in range(0, len(person_ids), BATCH):
        ids = person_ids[start : start + BATCH]
        found.update(_of_batch(organisation_id, site_id, ids, now))
    for person in missed:
        held = found.get(person)
        if held is not None and held.stand is Stand.ENROLLED and not held.come_again:
            found[person] = replace(held, come_again=MOSTLY_MISSED)
    return found


def _of_batch(
    organisation_id: UUID, site_id: UUID, person_ids: Sequence[UUID], now: datetime
) -> dict[UUID, Standing]:
    here = {"organisation_id": organisation_id, "site_id": site_id, "person__in": person_ids}
    found = {person: Standing() for person in person_ids}
    for person in Refusal.objects.filter(**here).values_list("person", flat=True):
        found[person] = Standing(Stand.REFUSED)
    ended = Consent.objects.filter(**here, withdrawn_at__isnull=False)
    for person in ended.values_list("person", flat=True):
        if found[person].stand is Stand.NONE:
            found[person] = Standing(Stand.WITHDRAWN)
    models = defaultdict(set)
    for person, model in Template.objects.filter(**here).values_list("person", "model"):
        models[person].add(model)
    live = live_consents(organisation_id, now).filter(site_id=site_id, person__in=person_ids)
    for consent in live:
        found[consent.person] = _consented(consent, models.get(consent.person, set()))
    return found


def _consented(consent: Consent, models: set[str]) -> Standing:
    stand = Stand.ENROLLED if models else Stand.CONSENTED
    come_again = MODEL_CHANGED if models - {MODEL_VERSION} else ""
    return Standing(stand, consent.id, consent.keeps_photo, come_again)
