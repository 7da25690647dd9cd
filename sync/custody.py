"""Custody of rows: the server's word on each, restored disks, restored servers, and old age.

- applied, replayed, waiting, parked: the server has custody; our deltas on it end.
- rejected: custody stays here. The row is offered again at growing intervals, for ever; it never
  holds up another row.
- The server is ahead of us in our own journal, or has another row at a place of ours: this disk is
  an older image. A new journal begins that names the old head; the old rows are still handed
  over as they are, and the ids prove what is the same.
- The server has a new epoch (it was restored): everything after its head is handed over again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sync import messages
from sync.account_rows import set_deltas_live, store_balances
from sync.journal_rows import id_of
from sync.messages import Disposition, HeartbeatAnswer, Lost, RecordKind, Status
from sync.store import LocalStore

KEPT = timedelta(days=35)
"""How long acknowledged rows are kept, so that a restored server can get them again."""
FIRST_RETRY_S = 60.0
LONGEST_RETRY_S = 3600.0
"""How soon and how seldom a rejected row is offered again."""
_EPOCH = "journal_epoch"


class OwnHead(Protocol):
    """The last row of a journal."""

    @property
    def journal_id(self) -> UUID:
        """The journal."""
        ...

    @property
    def sequence(self) -> int:
        """The row's place in it."""
        ...


def acknowledge(store: LocalStore, dispositions: Sequence[Disposition], now: datetime) -> None:
    """Take the server's word on rows in one transaction; see `outbox.Journal.acknowledge`."""
    with store.transaction():
        for disposition in dispositions:
            if disposition.status is Status.REJECTED:
                _set_rejected(store, disposition, now)
            else:
                _set_acknowledged(store, disposition, now)
            store_balances(store, disposition.balances, _person_of(store, disposition))


def is_restored_image(
    store: LocalStore, head: OwnHead, answer: HeartbeatAnswer, *, is_first_contact: bool
) -> bool:
    """Say whether the server knows a later life of this store than the store itself.

    A head in a journal we have never seen counts only at the first contact after a start and
    only when the server already had rows of ours: a second store of this terminal is no image.
    """
    if answer.head_journal_id is None or answer.head_sequence == 0:
        return False
    if answer.head_journal_id == head.journal_id:
        if answer.head_sequence > head.sequence:
            return True
        ours = _hash_at(store, answer.head_journal_id, answer.head_sequence)
        return bool(answer.head_hash) and ours is not None and ours != answer.head_hash
    if not is_first_contact or _has_rows(store, answer.head_journal_id):
        return False
    return _has_acknowledged(store, head.journal_id)


def follow_epoch(store: LocalStore, answer: HeartbeatAnswer) -> bool:
    """After the server was restored, put back in the queue what it does not have; say if so."""
    known = store.meta(_EPOCH)
    if answer.epoch in ("", known):
        return False
    with store.transaction():
        store.put_meta(_EPOCH, answer.epoch)
        if known is None:
            return False
        after = _place_of_head(store, answer)
        rows = store.rows(
            "SELECT journal_id, sequence FROM journal WHERE state = 'acknowledged' AND place > ?",
            (after,),
        )
        store.execute(
            "UPDATE journal SET state = 'waiting', status = '', code = '', settled_at = NULL"
            " WHERE state = 'acknowledged' AND place > ?",
            (after,),
        )
        for journal_id, sequence in rows:
            set_deltas_live(store, UUID(bytes=journal_id), sequence, is_live=True)
    return True


def prune(store: LocalStore, now: datetime) -> int:
    """Delete what was acknowledged 35 days ago, with its intents and deltas; return how many.

    Only the oldest run of such rows goes, so that what is kept stays one unbroken chain: a row
    that is still in our custody keeps all that came after it. The last row always stays.
    """
    old = (
        "state IN ('acknowledged', 'lost') AND settled_at < ?1 AND place < min("
        " (SELECT max(place) FROM journal), coalesce((SELECT min(place) FROM journal"
        " WHERE state IN ('waiting', 'rejected') OR settled_at >= ?1), 9e18))"
    )
    limit = ((now - KEPT).timestamp(),)
    with store.transaction():
        for table in ("delta", "intent"):
            store.execute(
                f"DELETE FROM {table} WHERE (journal_id, sequence) IN"
                f" (SELECT journal_id, sequence FROM journal WHERE {old})",
                limit,
            )
        return store.execute(f"DELETE FROM journal WHERE {old}", limit)


def forget_handed_over(store: LocalStore) -> int:
    """A revoked terminal whose whole queue was handed over: nothing of its sales stays here.

    The last row stays, so that a heartbeat still tells where the journal ends. Returns how many
    rows went.
    """
    with store.transaction():
        held = store.row("SELECT 1 FROM journal WHERE state IN ('waiting', 'rejected') LIMIT 1")
        if held is not None:
            return 0
        store.execute("DELETE FROM delta")
        store.execute("DELETE FROM intent WHERE outcome IS NOT NULL")
        store.execute("DELETE FROM top_up WHERE outcome IS NOT NULL")
        store.execute("DELETE FROM meta WHERE name = 'operator_pins'")
        gone = store.execute("DELETE FROM journal WHERE place < (SELECT max(place) FROM journal)")
    if gone:
        store.empty_log()
    return gone


def _set_acknowledged(store: LocalStore, disposition: Disposition, now: datetime) -> None:
    place = (disposition.journal_id.bytes, disposition.sequence)
    changed = store.execute(
        "UPDATE journal SET state = 'acknowledged', status = ?, code = ?, settled_at = ?"
        " WHERE journal_id = ? AND sequence = ? AND state IN ('waiting', 'rejected')",
        (disposition.status.value, disposition.code, now.timestamp(), *place),
    )
    if not changed:
        return
    set_deltas_live(store, disposition.journal_id, disposition.sequence, is_live=False)
    lost = store.row(
        "SELECT unseal(body) FROM journal WHERE journal_id = ? AND sequence = ? AND kind = ?",
        (*place, RecordKind.LOST.value),
    )
    if lost is not None:
        body = messages.decode(Lost, lost[0])
        journal_id = body.journal_id or disposition.journal_id
        set_deltas_live(store, journal_id, body.sequence, is_live=False)


def _person_of(store: LocalStore, disposition: Disposition) -> UUID | None:
    found = store.row(
        "SELECT person_id FROM journal WHERE journal_id = ? AND sequence = ?",
        (disposition.journal_id.bytes, disposition.sequence),
    )
    return id_of(found[0]) if found is not None else None


def _set_rejected(store: LocalStore, disposition: Disposition, now: datetime) -> None:
    store.execute(
        "UPDATE journal SET state = 'rejected', status = 'rejected', code = ?, tries = tries + 1,"
        " retry_at = ? + min(?, ? * (1 << min(tries, 10)))"
        " WHERE journal_id = ? AND sequence = ? AND state IN ('waiting', 'rejected')",
        (
            disposition.code,
            now.timestamp(),
            LONGEST_RETRY_S,
            FIRST_RETRY_S,
            disposition.journal_id.bytes,
            disposition.sequence,
        ),
    )


def _hash_at(store: LocalStore, journal_id: UUID, sequence: int) -> bytes | None:
    found = store.row(
        "SELECT hash FROM journal WHERE journal_id = ? AND sequence = ?",
        (journal_id.bytes, sequence),
    )
    return None if found is None else bytes(found[0])


def _has_rows(store: LocalStore, journal_id: UUID) -> bool:
    return (
        store.row("SELECT 1 FROM journal WHERE journal_id = ? LIMIT 1", (journal_id.bytes,))
        is not None
    )


def _has_acknowledged(store: LocalStore, journal_id: UUID) -> bool:
    return (
        store.row(
            "SELECT 1 FROM journal WHERE journal_id = ? AND state = 'acknowledged' LIMIT 1",
            (journal_id.bytes,),
        )
        is not None
    )


def _place_of_head(store: LocalStore, answer: HeartbeatAnswer) -> int:
    if answer.head_journal_id is None:
        return 0
    found = store.row(
        "SELECT max(place) FROM journal WHERE journal_id = ? AND sequence <= ?",
        (answer.head_journal_id.bytes, answer.head_sequence),
    )
    return found[0] or 0 if found else 0
