"""Keep a "no": asked to pay by face, the person or the guardian declined."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.biometrics.give_consent import hold_person
from server.biometrics.live_consents import live_consents
from server.biometrics.models import Giver, Refusal
from server.fresh import fresh_id


def refuse_consent(
    organisation_id: UUID,
    person_id: UUID,
    site_id: UUID,
    *,
    now: datetime,
    random: RandomBytes,
    said_by: Giver = Giver.SELF,
    recorded_by: str = "",
) -> Refusal:
    """Store the refusal; said again, the first one stands.

    Raises `Refused("consents.given_already")`: a consent on file is withdrawn, not refused.
    """
    with transaction.atomic():
        hold_person(organisation_id, person_id)
        if live_consents(organisation_id, now).filter(person=person_id, site_id=site_id).exists():
            raise Refused("consents.given_already")
        refusal, _ = Refusal.objects.get_or_create(
            organisation_id=organisation_id,
            person=person_id,
            site_id=site_id,
            defaults={
                "id": fresh_id(now, random),
                "said_by": said_by,
                "said_at": now,
                "recorded_by": recorded_by,
            },
        )
    return refusal
