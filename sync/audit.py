"""Rule 16 of MONEY §7: what must be true of a counter's own store. Reads only.

- Every frozen intent has one outcome, by a row that exists and says the same of the same payment.
- Every acceptance is some intent's outcome; no payment has two.
- Rows verify under their key, and follow each other by number and hash up to the head.
- A delta is live exactly while its row is in our custody; available is the server's row less what
  is held and less the live deltas.
- The badge says what the bodies of the waiting rows add up to.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from sync import messages, signing
from sync.account_rows import account
from sync.intents import OUTCOMES
from sync.journal_rows import BODIES, READ_COLUMNS, record_of
from sync.messages import Acceptance, Cancellation, Message, Record, RecordKind
from sync.outbox import HEAD_FACT
from sync.store import LocalStore

_IN_CUSTODY = ("waiting", "rejected")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: the check, what it is about, and what is wrong."""

    check: str
    subject: str
    what: str


@dataclass(frozen=True, slots=True)
class _Row:
    record: Record
    body: Message
    state: str
    hash: bytes


def audit_store(store: LocalStore) -> list[Finding]:
    """Check a whole store, also one opened read-only; an empty list means all is true."""
    rows, findings = _read_rows(store)
    findings += _check_chain(store, rows)
    findings += _check_intents(store, rows)
    findings += _check_deltas(store, rows)
    findings += _check_available(store)
    findings += _check_badge(store, rows)
    return findings


def badge(store: LocalStore) -> tuple[int, int]:
    """Count and sum as the screen shows them: from the columns, not from the bodies."""
    found = store.row(
        "SELECT count(*), coalesce(sum(waiting_amount), 0) FROM journal"
        " WHERE state IN ('waiting', 'rejected')"
    )
    return (found[0], found[1]) if found else (0, 0)


def _read_rows(store: LocalStore) -> tuple[list[_Row], list[Finding]]:
    keys: dict[str, bytes] = dict(store.rows("SELECT key_id, public_key FROM signer"))
    rows, findings = [], []
    stored = store.rows(f"SELECT {READ_COLUMNS}, state, hash, place FROM journal ORDER BY place")
    for values in stored:
        if values[9] == "lost":
            continue
        row = _read_row(values, keys)
        if row is None:
            place = f"{bytes(values[3]).hex()}/{values[4]}"
            findings.append(Finding("journal.signature", place, "the row does not verify"))
        else:
            rows.append(row)
    return rows, findings


def _read_row(values: tuple[Any, ...], keys: dict[str, bytes]) -> _Row | None:
    try:
        record = record_of(values)
        body = messages.decode(BODIES[record.kind], record.body)
    except (ValueError, TypeError, msgspec.MsgspecError):
        return None
    key = bytes(keys.get(record.key_id, b""))
    if not signing.verify(key, signing.record_bytes(record), record.signature):
        return None
    return _Row(record, body, values[9], bytes(values[10]))


def _check_chain(store: LocalStore, rows: list[_Row]) -> Iterator[Finding]:
    places = _places_with_loss(store)
    last: dict[UUID, _Row] = {}
    for row in rows:
        record, place = row.record, _place(row.record)
        if signing.record_hash(record) != row.hash:
            yield Finding("journal.hash", place, "the kept hash is not the row's")
        before = last.get(record.journal_id)
        if before is not None and not (
            record.sequence == before.record.sequence + 1 and record.previous_hash == before.hash
        ):
            missing = range(before.record.sequence + 1, record.sequence)
            if not missing or any((record.journal_id, n) not in places for n in missing):
                yield Finding("journal.chain", place, "it does not follow the row before")
        last[record.journal_id] = row
    head = store.meta(HEAD_FACT)
    if head is not None:
        yield from _check_head(last.get(UUID(hex=head[0])), head)


def _check_head(row: _Row | None, head: list[Any]) -> Iterator[Finding]:
    if row is None or [row.record.sequence, row.hash.hex()] != head[1:]:
        yield Finding("journal.head", f"{head[0]}/{head[1]}", "the head is not the last row")


def _check_intents(store: LocalStore, rows: list[_Row]) -> Iterator[Finding]:
    by_place = {(row.record.journal_id, row.record.sequence): row for row in rows}
    closing: dict[tuple[UUID, int], UUID] = {}
    for values in store.rows("SELECT payment_id, outcome, journal_id, sequence FROM intent"):
        payment_id, outcome = UUID(bytes=values[0]), values[1]
        if outcome is None:
            yield Finding("intent.open", payment_id.hex, "a frozen sale without an outcome")
            continue
        place = (UUID(bytes=values[2]), values[3])
        closing[place] = payment_id
        row = by_place.get(place)
        if row is None:
            yield Finding("intent.row", payment_id.hex, "the row of its outcome is missing")
        elif OUTCOMES.get(row.record.kind) != outcome or _payment_of(row.body) not in (
            None,
            payment_id,
        ):
            yield Finding("intent.outcome", payment_id.hex, f"its row does not say {outcome}")
    for place, row in by_place.items():
        if row.record.kind is RecordKind.ACCEPTANCE and place not in closing:
            yield Finding("intent.none", _place(row.record), "an acceptance of no frozen sale")


def _check_deltas(store: LocalStore, rows: list[_Row]) -> Iterator[Finding]:
    states = {(row.record.journal_id, row.record.sequence): row.state for row in rows}
    lost = _places_with_loss(store)
    for values in store.rows("SELECT journal_id, sequence, account_id, is_live FROM delta"):
        place = (UUID(bytes=values[0]), values[1])
        if place in lost:
            continue
        in_custody = states.get(place) in _IN_CUSTODY
        if in_custody != bool(values[3]):
            subject = f"{place[0].hex}/{place[1]}"
            what = "its row is in custody" if in_custody else "its row is not in custody"
            yield Finding("delta.live", subject, what)


def _check_available(store: LocalStore) -> Iterator[Finding]:
    taken: dict[bytes, int] = defaultdict(int)
    for account_id, amount in store.rows("SELECT account_id, amount FROM delta WHERE is_live"):
        taken[account_id] += amount
    for account_id, balance, held in store.rows(
        "SELECT account_id, balance, held FROM account WHERE generation ="
        " (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'replica_generation')"
    ):
        shown = account(store, UUID(bytes=account_id))
        if shown is None or shown.available != balance - held - taken[account_id]:
            yield Finding("account.available", account_id.hex(), "available is not row − deltas")


def _check_badge(store: LocalStore, rows: list[_Row]) -> Iterator[Finding]:
    waiting = [row for row in rows if row.state in _IN_CUSTODY]
    amount = sum(
        row.body.request.intent.total for row in waiting if isinstance(row.body, Acceptance)
    )
    shown = badge(store)
    if shown != (len(waiting), amount):
        what = f"it shows {shown[0]}, {shown[1]}; the rows are {len(waiting)}, {amount}"
        yield Finding("badge", str(store.path.name), what)


def _places_with_loss(store: LocalStore) -> set[tuple[UUID, int]]:
    rows = store.rows("SELECT journal_id, sequence FROM journal WHERE state = 'lost'")
    return {(UUID(bytes=journal_id), sequence) for journal_id, sequence in rows}


def _payment_of(body: Message) -> UUID | None:
    if isinstance(body, Acceptance):
        return body.request.intent.payment_id
    return body.payment_id if isinstance(body, Cancellation) else None


def _place(record: Record) -> str:
    return f"{record.journal_id.hex}/{record.sequence}"
