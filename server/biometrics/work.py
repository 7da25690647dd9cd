"""Due work of biometrics: a consent ends on its day, whether anybody is looking or not."""

from datetime import datetime

from server.biometrics.models import Consent
from server.biometrics.withdraw_consent import EXPIRY, RAN_OUT, withdraw_consent
from server.work.handlers import Claimed, register


def register_work() -> None:
    """Register what this app does when it is due."""
    register(EXPIRY, end_consent)


def end_consent(due: Claimed, now: datetime) -> datetime | None:
    """End the consent that ran out; come again when its end was put off."""
    consent = Consent.objects.filter(
        organisation_id=due.organisation_id, id=due.subject_id, withdrawn_at__isnull=True
    ).first()
    if consent is None or consent.expires_at is None:
        return None
    if now < consent.expires_at:
        return consent.expires_at
    withdraw_consent(consent, now=now, why=RAN_OUT)
    return None
