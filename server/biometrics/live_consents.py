"""Which consents hold at an instant."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from server.biometrics.models import Consent


def live_consents(organisation_id: UUID, now: datetime) -> QuerySet[Consent]:
    """Return the consents to pay by face that are neither withdrawn nor run out at `now`."""
    return Consent.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now),
        organisation_id=organisation_id,
        withdrawn_at__isnull=True,
        for_payment=True,
    )
