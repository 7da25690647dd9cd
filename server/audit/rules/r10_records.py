"""Rule 10: each pushed record has exactly one disposition; it is applied if and only if what it
is about exists, with that fingerprint, and one that waits is due for another try.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid5

from server import sql
from server.audit.findings import Finding
from server.audit.query import findings, rows
from sync import messages

RULE = "r10_records"

SALES = """
SELECT r.id, r.body, p.fingerprint, p.id FROM inbox_record r
LEFT JOIN payments_payment p ON p.organisation = r.organisation AND p.id = r.subject_id
WHERE r.kind = 'acceptance' AND r.status = 'applied'
"""
CANCELLED_NOTHING = """
SELECT r.id, r.subject_id FROM inbox_record r
LEFT JOIN payments_payment p ON p.organisation = r.organisation AND p.id = r.subject_id
WHERE r.kind = 'cancellation' AND r.status = 'applied' AND p.id IS NULL
"""
REFUNDED_NOTHING = """
SELECT r.id, r.subject_id FROM inbox_record r
LEFT JOIN payments_refund f ON f.organisation = r.organisation AND f.id = r.subject_id
WHERE r.kind = 'refund' AND r.status = 'applied' AND f.id IS NULL
"""
ACCEPTED_WITHOUT_RECORD = """
SELECT p.id, p.state FROM payments_payment p
WHERE p.acceptance_on_file AND NOT EXISTS (
    SELECT 1 FROM inbox_record r WHERE r.organisation = p.organisation
      AND r.subject_id = p.id AND r.kind = 'acceptance')
"""
POSTED_AS_NEW = "SELECT id FROM inbox_record WHERE resolution = 'posted_as_new'"
FORGOTTEN = """
SELECT r.id, r.kind FROM inbox_record r
WHERE r.status = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM work_due d WHERE d.organisation = r.organisation
      AND d.kind = 'inbox.retry' AND d.subject_id = r.id)
"""
SHIFTS = """
SELECT r.id, r.kind FROM inbox_record r
LEFT JOIN inbox_shift s ON s.organisation = r.organisation AND s.id = r.subject_id
WHERE r.kind IN ('shift_opened', 'shift_closed') AND r.status = 'applied' AND s.id IS NULL
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check records against payments, refunds, shifts and due work, both ways."""
    yield from _sales(connection)
    for statement, text in (
        (CANCELLED_NOTHING, "an applied cancellation of payment {}, which is not there"),
        (REFUNDED_NOTHING, "an applied refund {}, which is not there"),
        (FORGOTTEN, "a {} waits and is not due for another try"),
        (SHIFTS, "an applied {} of a shift that is not there"),
    ):
        yield from findings(connection, RULE, statement, text)
    posted = {uuid5(sql.to_uuid(id_), "payment") for (id_,) in rows(connection, POSTED_AS_NEW)}
    for id_, state in rows(connection, ACCEPTED_WITHOUT_RECORD):
        if sql.to_uuid(id_) not in posted:
            text = f"a {state} payment with an acceptance on file, but no record of it"
            yield Finding(RULE, text, str(sql.to_uuid(id_)))


def _sales(connection: Any) -> Iterator[Finding]:
    for id_, body, fingerprint, payment in rows(connection, SALES):
        if payment is None:
            yield Finding(RULE, "an applied sale without its payment", str(sql.to_uuid(id_)))
            continue
        intent = messages.decode(messages.Acceptance, bytes(body)).request.intent
        if messages.fingerprint(intent) != bytes(fingerprint):
            text = "an applied sale whose payment has another fingerprint"
            yield Finding(RULE, text, str(sql.to_uuid(id_)))
