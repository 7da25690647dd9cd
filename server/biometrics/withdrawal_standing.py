"""Withdraw a person's consent, and say how far it got: which counters have confirmed."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from domain.errors import Refused
from domain.ids import RandomBytes
from server.biometrics.confirm_removal import (
    CONFIRMED,
    LEASE_ENDED,
    WAITING,
    ReadCounters,
    confirm_removal,
)
from server.biometrics.live_consents import live_consents
from server.biometrics.models import Consent, Holding, Removal, Template
from server.biometrics.withdraw_consent import CONFIRMATION, withdraw_consent
from server.work.models import Due
from sync.messages import CounterConfirmation, WithdrawalStanding

_WORST = (WAITING, LEASE_ENDED, CONFIRMED)


def withdrawal_standing(
    organisation_id: UUID, person_id: UUID, site_id: UUID, read_counters: ReadCounters
) -> WithdrawalStanding:
    """Return where the person's last ended consent at a site stands.

    Raises `Refused("consents.missing")` when none has ended. A counter that held several
    templates counts once, by the one that is waited for longest.
    """
    here = {"organisation_id": organisation_id, "person": person_id, "site_id": site_id}
    ended = Consent.objects.filter(**here, withdrawn_at__isnull=False).order_by("-withdrawn_at")
    consent = ended.first()
    if consent is None or consent.withdrawn_at is None:
        raise Refused("consents.missing")
    seen = {one.terminal_id: one.last_seen_at for one in read_counters(organisation_id, site_id)}
    counters = [_counter(row, seen.get(row.terminal)) for row in _holdings(here)]
    is_here = Template.objects.filter(**here).exists()
    return WithdrawalStanding(
        person_id=person_id,
        withdrawn_at=consent.withdrawn_at,
        is_gone=not is_here and not still_followed(organisation_id, person_id, site_id).exists(),
        counters=tuple(counters),
    )


def withdraw_person(
    organisation_id: UUID,
    person_id: UUID,
    site_id: UUID,
    read_counters: ReadCounters,
    *,
    now: datetime,
    random: RandomBytes,
    by: str,
) -> WithdrawalStanding:
    """End what the person agreed to at a site and return how it stands; again, how it stands now.

    Raises `Refused("consents.missing")` when there is and was nothing to withdraw.
    """
    live = live_consents(organisation_id, now)
    for consent in live.filter(person=person_id, site_id=site_id):
        withdraw_consent(consent, now=now, ended_by=by)
    ask_counters(organisation_id, person_id, site_id, read_counters, now=now, random=random)
    return withdrawal_standing(organisation_id, person_id, site_id, read_counters)


def ask_counters(
    organisation_id: UUID,
    person_id: UUID,
    site_id: UUID,
    read_counters: ReadCounters,
    *,
    now: datetime,
    random: RandomBytes,
) -> None:
    """Look at the counters now: whoever stands at the desk waits for the answer."""
    for removal in still_followed(organisation_id, person_id, site_id):
        confirm_removal(removal, read_counters, now=now, random=random)


def still_followed(organisation_id: UUID, person_id: UUID, site_id: UUID) -> QuerySet[Removal]:
    """Return the person's removals that some counter has yet to confirm."""
    due = Due.objects.filter(organisation=organisation_id, kind=CONFIRMATION)
    return Removal.objects.filter(
        organisation_id=organisation_id,
        person=person_id,
        site_id=site_id,
        id__in=due.values("subject_id"),
    )


def _holdings(here: dict[str, UUID]) -> list[Holding]:
    rows = Holding.objects.filter(
        removal__in=Removal.objects.filter(**here), organisation_id=here["organisation_id"]
    )
    worst: dict[UUID, Holding] = {}
    for row in rows.order_by("since"):
        held = worst.get(row.terminal)
        if held is None or _WORST.index(row.how) <= _WORST.index(held.how):
            worst[row.terminal] = row
    return sorted(worst.values(), key=lambda row: row.terminal_name)


def _counter(row: Holding, last_seen_at: datetime | None) -> CounterConfirmation:
    return CounterConfirmation(
        name=row.terminal_name,
        how=row.how,
        since=row.since,
        confirmed_at=row.confirmed_at,
        last_seen_at=last_seen_at,
    )
