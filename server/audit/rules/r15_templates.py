"""Rule 15, the templates' part: no template without a live consent, withdrawn ones absent, every
one and every removal told to its site's counters, and counters that were heard since have obeyed.

A counter that was not heard since is listed by `unconfirmed`, not found at fault: its lease ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from server import sql
from server.audit.findings import Finding
from server.audit.query import findings, rows

RULE = "r15_templates"
PATIENCE = timedelta(minutes=10)
"""A counter pulls every few seconds; one that is online this long and has not is at fault."""

WITHOUT_CONSENT = """
SELECT t.id, t.person FROM biometrics_template t LEFT JOIN biometrics_consent c
  ON c.id = t.consent_id AND c.organisation_id = t.organisation_id
WHERE c.id IS NULL OR c.withdrawn_at IS NOT NULL OR NOT c.for_payment
   OR c.person <> t.person OR c.site_id <> t.site_id
   OR (c.expires_at IS NOT NULL AND c.expires_at <= %s)
"""
CHILD_WITHOUT_GUARDIAN = """
SELECT c.id, c.person FROM biometrics_consent c
WHERE c.is_under_14 AND (c.given_by <> 'guardian' OR c.relation = '')
"""
STILL_THERE = """
SELECT t.id, r.why FROM biometrics_removal r JOIN biometrics_template t
  ON t.id = r.template AND t.organisation_id = r.organisation_id
"""
UNSEALED = """
SELECT t.id, t.key_id FROM biometrics_template t
WHERE t.key_id = '' OR length(t.nonce) <> 12 OR length(t.ciphertext) <> 528
"""
MARKERS = """
SELECT scope, entity, tombstone, number FROM feed_marker WHERE kind = 'template'
"""
TEMPLATES = "SELECT id, site_id FROM biometrics_template"
REMOVALS = "SELECT template, site_id, removed_at FROM biometrics_removal"
TERMINALS = """
SELECT t.id, t.name, s.site_id, t.cursor, t.epoch, t.last_seen_at, q.epoch
FROM fleet_terminal t JOIN merchants_store s ON s.id = t.store_id
JOIN fleet_datakey k ON k.terminal_id = t.id AND k.ended_at IS NULL
LEFT JOIN feed_sequence q ON q.id = 1
WHERE t.state = 'active'
"""


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A counter whose cursor is not past a removal's tombstone."""

    terminal_id: UUID
    name: str
    template_id: UUID
    removed_at: datetime
    last_seen_at: datetime | None


def check(connection: Any, now: datetime) -> Iterator[Finding]:
    """Check templates against consents, and the feed against both."""
    for statement, text, arguments in (
        (WITHOUT_CONSENT, "a template of {} has no live consent", [now]),
        (CHILD_WITHOUT_GUARDIAN, "the consent of {}, under 14, is not a guardian's", []),
        (STILL_THERE, "a template was removed ({}) and is still here", []),
        (UNSEALED, "a template is not sealed as it should be (key “{}”)", []),
    ):
        yield from findings(connection, RULE, statement, text, arguments)
    yield from _untold(connection)
    for late in unconfirmed(connection):
        if late.last_seen_at is not None and late.last_seen_at - late.removed_at > PATIENCE:
            yield Finding(
                RULE,
                f"{late.name} was heard after a template's removal and still holds it",
                str(late.template_id),
            )


def unconfirmed(connection: Any) -> Iterator[Unconfirmed]:
    """List the counters that may still hold a removed template, with when they were last heard."""
    numbers = {(site, id): number for site, id, gone, number in _markers(connection) if gone}
    terminals = [_terminal(row) for row in rows(connection, TERMINALS)]
    for template, site, removed_at in rows(connection, REMOVALS):
        template_id, site_id = sql.to_uuid(template), sql.to_uuid(site)
        number = numbers.get((site_id, template_id))
        for terminal_id, name, at_site, cursor, seen_at in terminals:
            if at_site == site_id and (number is None or cursor < number):
                gone_at = sql.to_instant(removed_at)
                yield Unconfirmed(terminal_id, name, template_id, gone_at, seen_at)


def _untold(connection: Any) -> Iterator[Finding]:
    told = {(site, id): gone for site, id, gone, _ in _markers(connection)}
    for template, site in rows(connection, TEMPLATES):
        place = (sql.to_uuid(site), sql.to_uuid(template))
        if told.get(place, True):
            yield Finding(RULE, "a template is not in the feed of its site", str(place[1]))
    for template, site, _ in rows(connection, REMOVALS):
        place = (sql.to_uuid(site), sql.to_uuid(template))
        if not told.get(place, False):
            yield Finding(RULE, "a removal has no tombstone in the feed", str(place[1]))


def _markers(connection: Any) -> Iterator[tuple[UUID, UUID, bool, int | None]]:
    for scope, entity, gone, number in rows(connection, MARKERS):
        if scope.startswith("site:"):
            yield UUID(scope.removeprefix("site:")), UUID(entity), bool(gone), number


def _terminal(row: Any) -> tuple[UUID, str, UUID, int, datetime | None]:
    id, name, site, cursor, epoch, seen_at, present_epoch = row
    # A cursor of another epoch says nothing about this one's numbers
    read = cursor if epoch == present_epoch else -1
    seen = None if seen_at is None else sql.to_instant(seen_at)
    return sql.to_uuid(id), name, sql.to_uuid(site), read, seen
