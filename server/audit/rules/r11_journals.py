"""Rule 11: every record's signature holds under a key of its terminal, nothing is missing up to a
journal's head, no place has two hashes without a fork case, and a closed shift's counts and sums
are those of its records.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from server import sql
from server.audit.findings import Finding
from server.audit.query import findings, rows
from server.inbox.places import place_id
from server.inbox.tally_shift import Tallies, tally_shift
from sync import messages, signing

RULE = "r11_journals"

KEYS = "SELECT terminal_id, key_id, public_key FROM fleet_terminalkey"
RECORDS = """
SELECT id, terminal, journal, sequence, previous_hash, hash, key_id, kind, body, signature,
  version FROM inbox_record
"""
HEADS = """
SELECT j.id, j.head_sequence,
  (SELECT count(DISTINCT r.sequence) FROM inbox_record r WHERE r.organisation = j.organisation
    AND r.journal = j.id AND r.sequence <= j.head_sequence),
  (SELECT count(*) FROM inbox_record r WHERE r.organisation = j.organisation
    AND r.journal = j.id AND r.kind = 'lost')
FROM inbox_journal j
"""
UNWATCHED_GAPS = """
SELECT j.id, j.head_sequence, j.top_sequence FROM inbox_journal j
WHERE j.top_sequence > j.head_sequence
  AND NOT EXISTS (SELECT 1 FROM work_due d WHERE d.organisation = j.organisation
    AND d.kind = 'inbox.gap' AND d.subject_id = j.id)
  AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.organisation = j.organisation
    AND c.kind = 'gap' AND c.terminal = j.terminal AND c.closed_at IS NULL)
"""
FORKS = """
SELECT journal, sequence, count(DISTINCT hash) FROM inbox_record
GROUP BY journal, sequence HAVING count(DISTINCT hash) > 1
"""
FORK_CASES = "SELECT subject_id FROM cases_case WHERE kind = 'fork'"
CLOSED = """
SELECT s.id, s.tallies FROM inbox_shift s
WHERE s.closed_at IS NOT NULL AND s.opened_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM inbox_journal j WHERE j.organisation = s.organisation
    AND j.terminal = s.terminal AND j.top_sequence > j.head_sequence)
"""
OF_SHIFT = "SELECT kind, body FROM inbox_record WHERE shift = %s"


def check(connection: Any) -> Iterator[Finding]:
    """Check signatures, heads, forks and shifts."""
    yield from _signatures(connection)
    yield from _heads(connection)
    yield from findings(
        connection, RULE, UNWATCHED_GAPS, "a journal with head {} and top {} that nobody watches"
    )
    known = {sql.to_uuid(subject) for (subject,) in rows(connection, FORK_CASES)}
    for journal, sequence, count in rows(connection, FORKS):
        if place_id(sql.to_uuid(journal), sequence) not in known:
            text = f"{count} hashes at sequence {sequence} without a fork case"
            yield Finding(RULE, text, str(sql.to_uuid(journal)))
    yield from _shifts(connection)


def _signatures(connection: Any) -> Iterator[Finding]:
    keys: dict[UUID, dict[str, bytes]] = defaultdict(dict)
    for terminal, key_id, public_key in rows(connection, KEYS):
        keys[sql.to_uuid(terminal)][key_id] = bytes(public_key)
    for row in rows(connection, RECORDS):
        record, hash_ = _record(row)
        public_key = keys[record.terminal_id].get(record.key_id, b"")
        message = signing.record_bytes(record)
        is_signed = signing.verify(public_key, message, record.signature)
        if not is_signed or signing.record_hash(record) != hash_:
            yield Finding(
                RULE, "a record that is not what its terminal signed", str(sql.to_uuid(row[0]))
            )


def _record(row: Any) -> tuple[messages.Record, bytes]:
    _, terminal, journal, sequence, previous, hash_, key_id, kind, body, signature, version = row
    record = messages.Record(
        version=version,
        terminal_id=sql.to_uuid(terminal),
        key_id=key_id,
        journal_id=sql.to_uuid(journal),
        sequence=sequence,
        previous_hash=bytes(previous),
        kind=messages.RecordKind(kind),
        body=bytes(body),
        signature=bytes(signature),
    )
    return record, bytes(hash_)


def _heads(connection: Any) -> Iterator[Finding]:
    for journal, head, present, lost in rows(connection, HEADS):
        if not head - lost <= present <= head:
            text = f"{present} records up to head {head}, of which {lost} were lost"
            yield Finding(RULE, text, str(sql.to_uuid(journal)))


def _shifts(connection: Any) -> Iterator[Finding]:
    for shift, said in rows(connection, CLOSED):
        theirs: Tallies = {
            heading: (count, amount) for heading, (count, amount) in sql.from_json(said).items()
        }
        ours = tally_shift(
            (kind, bytes(body)) for kind, body in rows(connection, OF_SHIFT, [shift])
        )
        if ours != theirs:
            yield Finding(
                RULE, f"the shift said {theirs}, its records say {ours}", str(sql.to_uuid(shift))
            )
