"""End a consent: its templates are gone at once here, and at every counter by the feed.

Source photographs go with the templates; the signature stays, as the proof that was given. Which
counters have confirmed is followed by `confirm_removal`.
"""

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from server.biometrics.models import Attachment, Confusable, Consent, Removal, Template
from server.feed.effects import mark
from server.work.effects import DueDone, DueRow
from server.writes import write_now
from sync.messages import FeedKind

WITHDRAWN = "withdrawn"
RAN_OUT = "ran_out"
LEFT = "left"
ENROLLED_ANEW = "enrolled_anew"

EXPIRY = "consent_expiry"
"""The due work that ends a consent on its day."""
CONFIRMATION = "removal_confirmation"
"""The due work that asks whether every counter has forgotten a removed template."""


def withdraw_consent(
    consent: Consent, *, now: datetime, why: str = WITHDRAWN, ended_by: str = ""
) -> int:
    """End `consent` and remove its templates; returns how many. Ending twice is once."""
    with transaction.atomic():
        held = Consent.objects.select_for_update().get(
            id=consent.id, organisation_id=consent.organisation_id
        )
        if held.withdrawn_at is not None:
            return 0
        held.withdrawn_at, held.ended_by = now, ended_by
        held.save(update_fields=["withdrawn_at", "ended_by"])
        Attachment.objects.filter(
            organisation_id=held.organisation_id, consent=held, kind=Attachment.PHOTOGRAPH
        ).delete()
        templates = Template.objects.filter(organisation_id=held.organisation_id, consent=held)
        removed = remove_templates(list(templates), now=now, why=why)
        _forget_likeness(held)
        with connection.cursor() as cursor:
            write_now(cursor, [DueDone(held.organisation_id, EXPIRY, held.id)])
    consent.withdrawn_at = now
    return removed


def end_consents_of(organisation_id: UUID, person_id: UUID, now: datetime) -> None:
    """The person left: every consent of theirs ends (a `people.change_person.Departure`)."""
    rows = Consent.objects.filter(
        organisation_id=organisation_id, person=person_id, withdrawn_at__isnull=True
    )
    for consent in rows.order_by("id"):
        withdraw_consent(consent, now=now, why=LEFT)


def remove_templates(templates: list[Template], *, now: datetime, why: str) -> int:
    """Delete templates and tell the counters; inside atomic()."""
    for template in sorted(templates, key=lambda row: str(row.id)):
        Removal.objects.create(
            id=template.id,
            organisation_id=template.organisation_id,
            template=template.id,
            person=template.person,
            site_id=template.site_id,
            why=why,
            removed_at=now,
        )
        scope, entity = f"site:{template.site_id}", str(template.id)
        organisation_id = template.organisation_id
        removed = DueRow(template.id, organisation_id, CONFIRMATION, template.id, due_at=now)
        template.delete()
        with connection.cursor() as cursor:
            write_now(cursor, [removed])
        mark(organisation_id, scope, FeedKind.TEMPLATE, entity, tombstone=True)
    return len(templates)


def _forget_likeness(consent: Consent) -> None:
    pairs = Confusable.objects.filter(
        Q(person_a=consent.person) | Q(person_b=consent.person),
        organisation_id=consent.organisation_id,
        site_id=consent.site_id,
    )
    people = {person for pair in pairs for person in (pair.person_a, pair.person_b)}
    pairs.delete()
    for person in sorted(people, key=str):
        scope = f"site:{consent.site_id}"
        mark(consent.organisation_id, scope, FeedKind.PERSON, str(person))
