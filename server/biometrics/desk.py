"""What an enrolment desk may do here: who it is, who works it, and what it shows people.

Rules
- Only a terminal bound with the profile `enrolment` is a desk, and only an enrolment clerk or a
  supervisor of its merchant works it: a counter that sells can enrol nobody.
- Names are whole here, unlike at counters: a clerk has to see whom they enrol.
"""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.consent_texts import CURRENT, consent_text
from domain.errors import Refused
from domain.messages import Language
from server.biometrics.confirm_removal import ReadCounters
from server.biometrics.feed_rows import ReadDataKey
from server.biometrics.models import Notice
from server.biometrics.read_standings import read_standings
from server.biometrics.roster import Candidate, Roster
from server.http import TerminalIdentity
from server.merchants.models import MerchantOperator, Role
from server.organisations.models import Organisation, Site
from sync.messages import ConsentBlanks, EnrolmentPerson, Sealed
from sync.sealing import open_bytes

MAY_ENROL = (Role.ENROLMENT_CLERK, Role.SUPERVISOR)

ReadMissed = Callable[[UUID, UUID, datetime], Collection[UUID]]
"""(organisation, site, now) → enrolled people whom the counters mostly did not recognise."""


def none_missed(_organisation_id: UUID, _site_id: UUID, _now: datetime) -> Collection[UUID]:
    """Stand in where no payments are wired."""
    return ()


@dataclass(frozen=True, slots=True)
class Desks:
    """What desks need from apps that this one may not know."""

    roster: Roster
    is_desk: Callable[[UUID, UUID], bool]
    """(organisation, terminal) → whether it is bound with the profile `enrolment`."""
    read_data_key: ReadDataKey
    read_counters: ReadCounters
    read_missed: ReadMissed = none_missed


def check_desk(desks: Desks, signer: TerminalIdentity) -> None:
    """Raise `Refused("terminals.no_desk")` unless `signer` is an enrolment desk."""
    if not desks.is_desk(signer.organisation_id, signer.terminal_id):
        raise Refused("terminals.no_desk")


def operator_at(signer: TerminalIdentity, operator_id: UUID) -> str:
    """Return who works the desk, as it is written down; raises `Refused("operators.…")`."""
    operator = MerchantOperator.objects.filter(
        organisation_id=signer.organisation_id, merchant_id=signer.merchant_id, id=operator_id
    ).first()
    if operator is None:
        raise Refused("operators.unknown")
    if not operator.is_active:
        raise Refused("operators.inactive")
    if operator.role not in MAY_ENROL:
        raise Refused("operators.not_allowed")
    return f"{operator} · {signer.name}"[:150]


def candidate_at(desks: Desks, signer: TerminalIdentity, person_id: UUID) -> Candidate:
    """Return the person if they are of the desk's site; raises `Refused("people.unknown")`."""
    found = desks.roster.by_id(signer.organisation_id, signer.site_id, [person_id])
    if not found:
        raise Refused("people.unknown")
    return found[0]


def people_for(
    desks: Desks, signer: TerminalIdentity, people: Collection[Candidate], now: datetime
) -> tuple[EnrolmentPerson, ...]:
    """Return people as the desk sees them, in the order given."""
    organisation_id, site_id = signer.organisation_id, signer.site_id
    missed = desks.read_missed(organisation_id, site_id, now)
    ids = [one.person_id for one in people]
    standings = read_standings(organisation_id, site_id, ids, now, missed=missed)
    return tuple(
        EnrolmentPerson(
            person_id=one.person_id,
            number=one.number,
            name=one.name,
            group=one.group,
            standing=standings[one.person_id].stand.value,
            is_fit=one.is_active,
            consent_id=standings[one.person_id].consent_id,
            keeps_photo=standings[one.person_id].keeps_photo,
            come_again=standings[one.person_id].come_again,
        )
        for one in people
    )


def notice_of(organisation_id: UUID) -> Notice:
    """Return what the organisation says of itself; raises `Refused("consents.no_notice")`."""
    notice = Notice.objects.filter(organisation_id=organisation_id).first()
    if notice is None or not notice.contact.strip() or not notice.servers.strip():
        raise Refused("consents.no_notice")
    return notice


def blanks_at(organisation_id: UUID, site_id: UUID) -> ConsentBlanks:
    """Return the version to ask for at a site, and what stands in its blanks."""
    notice = notice_of(organisation_id)
    blanks = {
        "organisation": Organisation.objects.get(id=organisation_id).name,
        "site": Site.objects.get(id=site_id, organisation_id=organisation_id).name,
        "contact": notice.contact,
        "servers": notice.servers,
    }
    return ConsentBlanks(version=CURRENT, blanks=blanks)


def digest_of(language: Language, blanks: ConsentBlanks) -> str:
    """Return the SHA-256 of the words on a screen, in hexadecimal."""
    shown = consent_text(language, blanks.blanks, blanks.version)
    return hashlib.sha256(shown.text.encode()).hexdigest()


def opened(desks: Desks, signer: TerminalIdentity, sealed: Sealed, bound: bytes) -> bytes:
    """Return what the desk sealed under its data key; raises `Refused("templates.bad_seal")`."""
    held = desks.read_data_key(signer)
    if held is None or held[0] != sealed.key_id:
        raise Refused("templates.bad_seal")
    return open_bytes(held[1], sealed, bound)


def may_come(candidate: Candidate) -> None:
    """Raise `Refused("people.frozen")` for somebody who may not pay at all."""
    if not candidate.is_active:
        raise Refused("people.frozen")
