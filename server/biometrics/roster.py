"""Who may be enrolled at a site, as this app needs to know them; `server.config` hands it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person of a site. `group` is their class or department; `is_active` may pay."""

    person_id: UUID
    number: str
    name: str
    group: str
    is_active: bool = True


class Roster(Protocol):
    """The people of one organisation's sites; who has left is not among them."""

    def groups(self, organisation_id: UUID, site_id: UUID) -> Sequence[str]:
        """Return the classes and departments that have anybody, in order."""
        ...

    def in_group(self, organisation_id: UUID, site_id: UUID, group: str) -> Sequence[Candidate]:
        """Return a class in the order of its numbers."""
        ...

    def everybody(self, organisation_id: UUID, site_id: UUID) -> Sequence[Candidate]:
        """Return all people of the site, by group and number."""
        ...

    def by_number(
        self, organisation_id: UUID, site_id: UUID, numbers: Sequence[str]
    ) -> Sequence[Candidate]:
        """Return those of `numbers` that are people of the site."""
        ...

    def by_card(self, organisation_id: UUID, site_id: UUID, card_key: str) -> Candidate | None:
        """Return whose active card it is."""
        ...

    def prove_card(self, organisation_id: UUID, site_id: UUID, card_key: str) -> None:
        """Keep that the card proved itself; raises `Refused("people.unknown")`."""
        ...

    def by_id(
        self, organisation_id: UUID, site_id: UUID, person_ids: Sequence[UUID]
    ) -> Sequence[Candidate]:
        """Return those of `person_ids` that are people of the site."""
        ...
