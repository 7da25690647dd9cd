"""What the feed says of people and cards, to the counters of the sites where they eat.

Names go masked and numbers whole (they are what "by number" looks for); no phone number, no UID.
What a person's row needs from apps that this one may not know (wallets, confusable faces) is
handed in by `server.config.wiring`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.people_names import mask_name
from server.feed.renderers import Renderer
from server.http import TerminalIdentity
from server.people.models import Card, Membership, Person
from sync.messages import CardRow, FundingRow, PersonRow, encode


@dataclass(frozen=True, slots=True)
class PersonFunding:
    """A person's wallets in spending order, and where their debt is kept."""

    rows: tuple[FundingRow, ...] = ()
    debt_account_id: UUID | None = None


ReadFunding = Callable[[UUID, Sequence[UUID]], Mapping[UUID, PersonFunding]]
"""(organisation, people) → funding; set-based."""
ReadConfusable = Callable[[UUID, UUID, Sequence[UUID]], Mapping[UUID, tuple[UUID, ...]]]
"""(organisation, site, people) → those whose faces are too near; set-based."""

NO_FUNDING = PersonFunding()


def no_funding(_organisation_id: UUID, _person_ids: Sequence[UUID]) -> dict[UUID, PersonFunding]:
    """Stand in where no wallets are wired: nobody has one."""
    return {}


def none_confusable(
    _organisation_id: UUID, _site_id: UUID, _person_ids: Sequence[UUID]
) -> dict[UUID, tuple[UUID, ...]]:
    """Stand in where no faces are kept: nobody is like anybody."""
    return {}


def person_renderer(
    read_funding: ReadFunding = no_funding, read_confusable: ReadConfusable = none_confusable
) -> Renderer:
    """Return the renderer of "person" rows."""

    def render(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
        organisation_id, site_id = terminal.organisation_id, terminal.site_id
        people = _members(organisation_id, site_id, [UUID(entity) for entity in entities])
        ids = [person.id for person in people]
        funding = read_funding(organisation_id, ids)
        confusable = read_confusable(organisation_id, site_id, ids)
        return {
            str(person.id): encode(
                _row(person, funding.get(person.id, NO_FUNDING), confusable.get(person.id, ()))
            )
            for person in people
        }

    return render


def render_cards(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
    """Return the cards of people who eat at the terminal's site; others are not its business."""
    rows = Card.objects.filter(
        organisation_id=terminal.organisation_id,
        card_key__in=entities,
        person__memberships__site_id=terminal.site_id,
    )
    return {
        card.card_key: encode(
            CardRow(
                card_key=card.card_key,
                person_id=card.person_id,
                state=card.state,
                assurance=card.assurance,
            )
        )
        for card in rows
    }


def _members(organisation_id: UUID, site_id: UUID, person_ids: list[UUID]) -> list[Person]:
    members = Membership.objects.filter(
        organisation_id=organisation_id, site_id=site_id, person_id__in=person_ids
    ).values("person_id")
    return list(
        Person.objects.filter(organisation_id=organisation_id, id__in=members).select_related(
            "category"
        )
    )


def _row(person: Person, funding: PersonFunding, confusable: tuple[UUID, ...]) -> PersonRow:
    category = person.category
    return PersonRow(
        person_id=person.id,
        number=person.number,
        masked_name=mask_name(person.name),
        category=category.code,
        state=person.state,
        funding=funding.rows,
        debt_account_id=funding.debt_account_id,
        debt_limit=category.debt_limit_amount,
        shortfall=category.shortfall,
        second_factor=category.second_factor,
        pin_hash=person.pin_hash,
        digits_hash=person.digits_hash,
        face_auto=person.face_auto,
        confusable=confusable,
        show_balance=category.show_balance,
        allergies=person.allergies,
    )
