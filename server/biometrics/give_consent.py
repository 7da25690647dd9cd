"""Put a consent on file: before it there is no template."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.biometrics.live_consents import live_consents
from server.biometrics.models import Consent, EvidenceKind, Giver, Refusal, Twin
from server.biometrics.withdraw_consent import EXPIRY, RAN_OUT, withdraw_consent
from server.fresh import fresh_id
from server.work.effects import DueRow
from server.writes import write_now

HoldPerson = Callable[[UUID, UUID], None]
"""(organisation, person): locks who consents; raises `Refused` when they are here no more."""
_holds: list[HoldPerson] = []


def on_consent(hold: HoldPerson) -> None:
    """Call `hold` inside each transaction that gives or refuses consent; twice is once."""
    if hold not in _holds:
        _holds.append(hold)


def hold_person(organisation_id: UUID, person_id: UUID) -> None:
    """Two words of one person, or a word and their leaving, come one after the other."""
    for hold in _holds:
        hold(organisation_id, person_id)


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """What the signed form says. `evidence` says where it is kept; `relation` of a guardian.

    `text_digest` is the SHA-256 of the words that were shown, where a screen showed them.
    """

    giver_name: str
    text_version: str
    evidence: str
    given_by: Giver = Giver.SELF
    relation: str = ""
    is_under_14: bool = False
    servers: tuple[str, ...] = ()
    keeps_photo: bool = False
    expires_at: datetime | None = None
    evidence_kind: EvidenceKind = EvidenceKind.PAPER
    language: str = "zh"
    text_digest: str = ""
    twin: Twin = Twin.NOT_ASKED
    recorded_by: str = ""


def give_consent(
    organisation_id: UUID,
    person_id: UUID,
    site_id: UUID,
    form: ConsentForm,
    *,
    now: datetime,
    random: RandomBytes,
    consent_id: UUID | None = None,
) -> Consent:
    """Store the consent of a person, or of a guardian, to pay by face at a site.

    A desk names `consent_id` itself. Raises `Refused` ("consents.needs_guardian",
    "consents.incomplete", "consents.given_already", "people.left").
    """
    _check(form)
    with transaction.atomic():
        hold_person(organisation_id, person_id)
        if live_consents(organisation_id, now).filter(person=person_id, site_id=site_id).exists():
            raise Refused("consents.given_already")
        _end_those_run_out(organisation_id, person_id, site_id, now)
        _forget_refusal(organisation_id, person_id, site_id)
        consent = Consent.objects.create(
            id=consent_id or fresh_id(now, random),
            organisation_id=organisation_id,
            person=person_id,
            site_id=site_id,
            given_by=form.given_by,
            giver_name=form.giver_name,
            relation=form.relation,
            is_under_14=form.is_under_14,
            text_version=form.text_version,
            text_digest=form.text_digest,
            language=form.language,
            servers=list(form.servers),
            keeps_photo=form.keeps_photo,
            evidence=form.evidence,
            evidence_kind=form.evidence_kind,
            twin=form.twin,
            recorded_by=form.recorded_by,
            given_at=now,
            expires_at=form.expires_at,
        )
        _make_due(consent)
    return consent


def _make_due(consent: Consent) -> None:
    """A consent with an end is ended by the worker on that instant."""
    if consent.expires_at is None:
        return
    due = DueRow(consent.id, consent.organisation_id, EXPIRY, consent.id, due_at=consent.expires_at)
    with connection.cursor() as cursor:
        write_now(cursor, [due])


def _end_those_run_out(
    organisation_id: UUID, person_id: UUID, site_id: UUID, now: datetime
) -> None:
    """One live consent per person and site: what ran out ends, with its templates, before."""
    rows = Consent.objects.filter(
        organisation_id=organisation_id,
        person=person_id,
        site_id=site_id,
        withdrawn_at__isnull=True,
    )
    for consent in rows:
        withdraw_consent(consent, now=now, why=RAN_OUT)


def _forget_refusal(organisation_id: UUID, person_id: UUID, site_id: UUID) -> None:
    Refusal.objects.filter(
        organisation_id=organisation_id, person=person_id, site_id=site_id
    ).delete()


def _check(form: ConsentForm) -> None:
    if form.is_under_14 and form.given_by != Giver.GUARDIAN:
        raise Refused("consents.needs_guardian")
    if form.given_by == Giver.GUARDIAN and not form.relation.strip():
        raise Refused("consents.incomplete", field="relation")
    for name in ("giver_name", "text_version", "evidence"):
        if not getattr(form, name).strip():
            raise Refused("consents.incomplete", field=name)
