"""Cash taken for a wallet, as this counter keeps it: on disk before the first byte is sent.

Rules
- A top-up has one id and one outcome, booked or refused. While it has none the cash is in the
  drawer, the request is sent again with the same id, and the shift's drawer counts it.
- A refusal by the server's stored word is final. A refusal that says nothing about the id (the
  terminal, the path) is final only when no earlier sending may have arrived.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sync import account_rows, messages
from sync.messages import Event, RecordKind, TopUpAnswer, TopUpOutcome, TopUpRequest
from sync.outbox import Journal
from sync.store import LocalStore

_KEPT = "SELECT unseal(request), person_id, sent_count, outcome, code, unseal(answer) FROM top_up"


@dataclass(frozen=True, slots=True)
class KeptTopUp:
    """One top-up of this store. `outcome` None while nobody knows; then `code` says why."""

    request: TopUpRequest
    person_id: UUID
    sent_count: int
    outcome: TopUpOutcome | None
    code: str
    answer: TopUpAnswer | None

    @property
    def is_open(self) -> bool:
        """Whether it still has to be sent."""
        return self.outcome is None


def freeze(journal: Journal, request: TopUpRequest, person_id: UUID) -> None:
    """Put the request on disk with a journal row that speaks of it; `Unavailable` when full."""
    with journal.store.transaction():
        journal.store.execute(
            "INSERT INTO top_up (top_up_id, shift_id, person_id, amount, request, frozen_at)"
            " VALUES (?, ?, ?, ?, seal(?), ?)",
            (
                request.top_up_id.bytes,
                request.shift_id.bytes,
                person_id.bytes,
                request.amount,
                messages.encode(request),
                request.stamp.corrected_at.timestamp(),
            ),
        )
        _note(journal, request, "top_up_taken")


def count_sending(store: LocalStore, top_up_id: UUID) -> int:
    """Note that it is about to be sent; return how often it was before."""
    store.execute(
        "UPDATE top_up SET sent_count = sent_count + 1 WHERE top_up_id = ?", (top_up_id.bytes,)
    )
    found = store.row("SELECT sent_count FROM top_up WHERE top_up_id = ?", (top_up_id.bytes,))
    return found[0] - 1 if found else 0


def settle(journal: Journal, answer: TopUpAnswer) -> bool:
    """Take the server's final word, once, with the balances it tells; say whether it was open."""
    store = journal.store
    with store.transaction():
        kept = one(store, answer.top_up_id)
        if kept is None or not kept.is_open:
            return False
        store.execute(
            "UPDATE top_up SET outcome = ?, code = ?, answer = seal(?) WHERE top_up_id = ?",
            (
                answer.outcome.value,
                answer.code,
                messages.encode(answer),
                answer.top_up_id.bytes,
            ),
        )
        account_rows.store_balances(store, answer.balances, kept.person_id)
        _note(journal, kept.request, f"top_up_{answer.outcome.value}", answer.code)
    return True


def keep_waiting(store: LocalStore, top_up_id: UUID, code: str) -> None:
    """Nobody knows yet; `code` says why."""
    store.execute(
        "UPDATE top_up SET code = ? WHERE top_up_id = ? AND outcome IS NULL",
        (code, top_up_id.bytes),
    )


def one(store: LocalStore, top_up_id: UUID) -> KeptTopUp | None:
    """A top-up by its id."""
    found = store.row(f"{_KEPT} WHERE top_up_id = ?", (top_up_id.bytes,))
    return None if found is None else _kept(found)


def open_top_ups(store: LocalStore) -> list[KeptTopUp]:
    """Those without an outcome, oldest first."""
    rows = store.rows(f"{_KEPT} WHERE outcome IS NULL ORDER BY frozen_at")
    return [_kept(row) for row in rows]


def last_top_ups(store: LocalStore, count: int, since: datetime) -> list[KeptTopUp]:
    """The `count` newest since an instant, and every open one however old; newest first."""
    rows = store.rows(
        f"{_KEPT} WHERE outcome IS NULL OR top_up_id IN (SELECT top_up_id FROM top_up"
        " WHERE frozen_at >= ? ORDER BY frozen_at DESC LIMIT ?) ORDER BY frozen_at DESC",
        (since.timestamp(), count),
    )
    return [_kept(row) for row in rows]


def amount_in_drawer(store: LocalStore, shift_id: UUID) -> int:
    """What top-ups put into a shift's drawer: booked or still open, never refused."""
    found = store.row(
        "SELECT coalesce(sum(amount), 0) FROM top_up WHERE shift_id = ?"
        " AND (outcome IS NULL OR outcome = ?)",
        (shift_id.bytes, TopUpOutcome.BOOKED.value),
    )
    return found[0] if found else 0


def _note(journal: Journal, request: TopUpRequest, name: str, code: str = "") -> None:
    data = {"top_up_id": str(request.top_up_id), "amount": request.amount}
    event = Event(
        name=name,
        data={**data, "code": code} if code else data,
        stamp=journal.clock.stamp(),
        operator_id=request.operator_id,
        shift_id=request.shift_id,
    )
    journal.append(RecordKind.EVENT, event)


def _kept(row: Sequence[Any]) -> KeptTopUp:
    request, person_id, sent_count, outcome, code, answer = row
    return KeptTopUp(
        request=messages.decode(TopUpRequest, request),
        person_id=UUID(bytes=person_id),
        sent_count=sent_count,
        outcome=TopUpOutcome(outcome) if outcome else None,
        code=code,
        answer=messages.decode(TopUpAnswer, answer) if answer else None,
    )
