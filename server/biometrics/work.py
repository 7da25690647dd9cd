"""Due work of biometrics: a consent ends on its day; a removal is followed to its end."""

from datetime import datetime

from domain.ids import RandomBytes
from server.biometrics.confirm_removal import ReadCounters, removal_follower
from server.biometrics.models import Consent
from server.biometrics.withdraw_consent import CONFIRMATION, EXPIRY, RAN_OUT, withdraw_consent
from server.work.handlers import Claimed, register


def register_work(read_counters: ReadCounters, random: RandomBytes) -> None:
    """Register what this app does when it is due; `read_counters` knows who holds templates."""
    register(EXPIRY, end_consent)
    register(CONFIRMATION, removal_follower(read_counters, random))


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
