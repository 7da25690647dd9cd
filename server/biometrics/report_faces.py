"""The report by class: who is enrolled, who consented and has no face, who refused or withdrew."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.biometrics.read_standings import Stand, Standing, read_standings
from server.biometrics.roster import Candidate, Roster


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the report."""

    person: Candidate
    standing: Standing


@dataclass(frozen=True, slots=True)
class GroupReport:
    """One class. `counts` has every standing; `come_again` of the enrolled must come again."""

    group: str
    rows: tuple[Row, ...]

    @property
    def counts(self) -> dict[Stand, int]:
        """Return how many stand where."""
        counted = Counter(row.standing.stand for row in self.rows)
        return {stand: counted[stand] for stand in Stand}

    @property
    def come_again(self) -> tuple[Row, ...]:
        """Return whose face must be enrolled anew."""
        return tuple(row for row in self.rows if row.standing.come_again)


def report_faces(
    organisation_id: UUID,
    site_id: UUID,
    roster: Roster,
    now: datetime,
    *,
    missed: Collection[UUID] = (),
) -> tuple[GroupReport, ...]:
    """Return every class of the site in order; people without one are the group ""."""
    people = roster.everybody(organisation_id, site_id)
    ids = [one.person_id for one in people]
    standings = read_standings(organisation_id, site_id, ids, now, missed=missed)
    groups: dict[str, list[Row]] = {}
    for one in people:
        groups.setdefault(one.group, []).append(Row(one, standings[one.person_id]))
    return tuple(GroupReport(group, tuple(rows)) for group, rows in sorted(groups.items()))
