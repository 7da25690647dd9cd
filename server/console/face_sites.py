"""What pages and desks about faces need of people, terminals and payments: rosters, counters."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from domain.errors import Refused
from server.biometrics.confirm_removal import CounterStanding
from server.biometrics.models import Template
from server.biometrics.roster import Candidate
from server.fleet.models import DataKey, Terminal
from server.payments.models import Payment
from server.people.bind_card import prove_card
from server.people.models import Card, CardState, Person, PersonState

DESK_PROFILE = "enrolment"
MISSED_WITHIN = timedelta(days=30)
MISSED_AT_LEAST = 10
MISSED_SHARE = 0.5
"""Of ten meals or more in a month less than half by face, though some: it is not for want of will.
Starting values, to be set by what schools find."""


def read_missed(organisation_id: UUID, site_id: UUID, now: datetime) -> set[UUID]:
    """Return enrolled people who have paid by face, and of late mostly had to pay otherwise."""
    since = now - MISSED_WITHIN
    enrolled = Template.objects.filter(
        organisation_id=organisation_id, site_id=site_id, enrolled_at__lt=since
    )
    paid: dict[UUID, list[str]] = defaultdict(list)
    rows = Payment.objects.filter(
        organisation=organisation_id,
        person__in=enrolled.values("person"),
        occurred_at__gte=since,
        state="succeeded",
    )
    for person, credential in rows.values_list("person", "credential"):
        if person is not None:
            paid[person].append(credential)
    return {
        person
        for person, credentials in paid.items()
        if len(credentials) >= MISSED_AT_LEAST
        and 0 < credentials.count("face") < len(credentials) * MISSED_SHARE
    }


def is_desk(organisation_id: UUID, terminal_id: UUID) -> bool:
    """Whether a terminal is bound with the profile of an enrolment desk."""
    return Terminal.objects.filter(
        organisation_id=organisation_id, id=terminal_id, profile=DESK_PROFILE
    ).exists()


class SiteRoster:
    """`server.biometrics.roster.Roster` over the people who may eat at a site."""

    def groups(self, organisation_id: UUID, site_id: UUID) -> Sequence[str]:
        """Return the classes and departments that have anybody."""
        members = _members(organisation_id, site_id).order_by("department")
        return list(members.values_list("department", flat=True).distinct())

    def in_group(self, organisation_id: UUID, site_id: UUID, group: str) -> Sequence[Candidate]:
        """Return a class in the order of its numbers."""
        return _candidates(_members(organisation_id, site_id).filter(department=group))

    def everybody(self, organisation_id: UUID, site_id: UUID) -> Sequence[Candidate]:
        """Return all people of the site, by class and number."""
        return _candidates(_members(organisation_id, site_id))

    def by_number(
        self, organisation_id: UUID, site_id: UUID, numbers: Sequence[str]
    ) -> Sequence[Candidate]:
        """Return those of `numbers` that are people of the site."""
        return _candidates(_members(organisation_id, site_id).filter(number__in=numbers))

    def by_card(self, organisation_id: UUID, site_id: UUID, card_key: str) -> Candidate | None:
        """Return whose active card it is."""
        people = _members(organisation_id, site_id)
        found = people.filter(cards__card_key=card_key, cards__state=CardState.ACTIVE)
        return next(iter(_candidates(found)), None)

    def prove_card(self, organisation_id: UUID, site_id: UUID, card_key: str) -> None:
        """Keep that an active card of the site proved itself by its keys."""
        card = Card.objects.filter(
            organisation_id=organisation_id, card_key=card_key, state=CardState.ACTIVE,
            person__in=_members(organisation_id, site_id),
        ).first()  # fmt: skip
        if card is None:
            raise Refused("people.unknown")
        prove_card(card)

    def by_id(
        self, organisation_id: UUID, site_id: UUID, person_ids: Sequence[UUID]
    ) -> Sequence[Candidate]:
        """Return those of `person_ids` that are people of the site."""
        return _candidates(_members(organisation_id, site_id).filter(id__in=person_ids))


def _members(organisation_id: UUID, site_id: UUID) -> QuerySet[Person]:
    return Person.objects.filter(
        organisation_id=organisation_id, memberships__site_id=site_id
    ).exclude(state=PersonState.LEFT)


def _candidates(people: QuerySet[Person]) -> list[Candidate]:
    return [
        Candidate(one.id, one.number, one.name, one.department, one.state == PersonState.ACTIVE)
        for one in people.order_by("department", "number")
    ]


def read_counters(organisation_id: UUID, site_id: UUID) -> Sequence[CounterStanding]:
    """Return every terminal of a site that was ever given a key to templates."""
    keys: dict[UUID, list[DataKey]] = defaultdict(list)
    rows = DataKey.objects.filter(
        organisation_id=organisation_id, terminal__store__site_id=site_id
    ).select_related("terminal")
    for key in rows.order_by("terminal_id", "created_at"):
        keys[key.terminal_id].append(key)
    return [_standing(held) for held in keys.values()]


def _standing(held: list[DataKey]) -> CounterStanding:
    terminal = held[0].terminal
    return CounterStanding(
        terminal_id=terminal.id,
        name=terminal.name,
        epoch=terminal.epoch,
        cursor=terminal.cursor,
        last_seen_at=terminal.last_seen_at,
        held_since=held[0].created_at,
        lease_until=max(key.lease_until for key in held),
    )
