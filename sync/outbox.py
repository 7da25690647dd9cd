"""The journal: what the counter froze, decided and must still hand over to the server.

Rules
- `freeze` and `append` return when the row is on disk (fsync); only then may anything be sent,
  shown, sounded or opened.
- A frozen intent gets exactly one outcome, by the row that closes it. After an acceptance there
  are only refunds.
- Rows are signed, in sequence, each with the hash of the one before. The chain proves omission;
  sameness is proved by ids alone, so handing a row over twice is harmless.
- Nothing is dropped and nothing blocks: an unreadable row becomes a signed `Lost`, a rejected one
  is offered again at growing intervals, and every other row goes on.
- The server's word, its new balances and the end of our own deltas are one local transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from domain.errors import Defect, Refused
from sync import account_rows, custody, intents, messages, signing
from sync.clocks import CorrectedClock
from sync.intents import OpenIntent
from sync.journal_rows import (
    BODIES,
    INSERT_RECORD,
    READ_COLUMNS,
    About,
    about_acceptance,
    about_cancellation,
    about_refund,
    inserted,
    record_of,
    without_secrets,
)
from sync.messages import (
    Acceptance,
    Balance,
    Cancellation,
    Disposition,
    JournalOpened,
    Lost,
    Message,
    PaymentRequest,
    Record,
    RecordKind,
    RefundRequest,
    Status,
)
from sync.sales import paid_about, refunded_amount
from sync.store import LocalStore

__all__ = ["Head", "Held", "Journal", "OpenIntent", "Waiting"]

HEAD_FACT = "journal_head"
"""The name of the fact that keeps the head: [journal, sequence, hash], hex."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of the present journal; sequence 0 and the chain's start when empty."""

    journal_id: UUID
    sequence: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is still in the counter's custody: the badge. `amount` sums the accepted sales.

    `rejected_count` of them the server would not take.
    """

    count: int
    amount: int
    rejected_count: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A record that waits for a person: parked at the server, or rejected and still here."""

    record: Record
    status: Status
    code: str


class Journal:
    """The journal of one terminal in its store. One process at a time, any thread."""

    def __init__(
        self,
        store: LocalStore,
        key: signing.TerminalKey,
        terminal_id: UUID,
        clock: CorrectedClock,
        random: Callable[[int], bytes],
    ) -> None:
        self.store = store
        self.clock = clock
        self._key = key
        self._terminal_id = terminal_id
        self._random = random
        with store.transaction():
            self._keep_signer()
            if self._read_head() is None:
                self.open_journal()

    # --- Freezing and writing -------------------------------------------------------------

    def freeze(self, request: PaymentRequest) -> OpenIntent:
        """Put the intent on disk before anything is sent or decided; secrets are left out.

        Freezing the same intent again is nothing; another one under its id is `Refused`
        ("payments.key_reused").
        """
        return intents.freeze(self.store, request)

    def append(
        self,
        kind: RecordKind,
        message: Message,
        *,
        closes: UUID | None = None,
        deltas: Mapping[UUID, int] | None = None,
        balances: Sequence[Balance] = (),
        person_id: UUID | None = None,
    ) -> Record:
        """Write one signed row, in one local transaction with all that follows from it.

        `closes` is the payment whose intent this row gives its outcome; an acceptance and a
        cancellation close their own. `deltas` ({account: units taken, positive}) are what an
        offline acceptance takes from each account until it is acknowledged; `balances` come from
        the server's answer to an online one.

        `Refused`: "journals.intent_unknown", "journals.intent_closed", "payments.contradiction"
        (a cancellation after an acceptance), "payments.key_reused" (not the frozen intent),
        "refunds.exceeds_paid". `Unavailable` ("storage.full"): nothing was written.
        """
        if not isinstance(message, BODIES[kind]):
            raise Defect(f"a {type(message).__name__} is no {kind} record")
        if isinstance(message, Acceptance):
            message = msgspec.structs.replace(message, request=without_secrets(message.request))
        with self.store.transaction():
            about = self._about(message, closes, person_id)
            self._check_refund(message, about)
            record = self._write(kind, message, about)
            intents.close_intent(self.store, record, message, closes)
            account_rows.store_deltas(self.store, record, deltas or {})
            account_rows.store_balances(self.store, balances, about.person_id)
        return record

    # --- Handing over ---------------------------------------------------------------------

    def lease(self, limit: int, now: datetime) -> list[Record]:
        """The oldest rows the server does not have, at most `limit`, then rejected ones due again.

        A row stays until it is acknowledged; leasing it twice is harmless. A row that cannot be
        read back is owned up to as `Lost` and is not in the answer.
        """
        rows = self.store.rows(
            f"SELECT {READ_COLUMNS}, place FROM journal WHERE state = 'waiting'"
            " ORDER BY place LIMIT ?",
            (limit,),
        )
        rows += self.store.rows(
            f"SELECT {READ_COLUMNS}, place FROM journal WHERE state = 'rejected'"
            " AND NOT (retry_at > ?1 AND retry_at <= ?1 + ?2) ORDER BY place LIMIT ?3",
            (now.timestamp(), custody.LONGEST_RETRY_S, limit - len(rows)),
        )
        records = []
        for row in rows:
            record = self._readable(row)
            if record is None:
                self._own_up(row)
            else:
                records.append(record)
        return records

    def acknowledge(self, dispositions: Sequence[Disposition], now: datetime) -> None:
        """Take the server's word on pushed rows, in any order and any number of times.

        All but `rejected` pass custody to the server. Balances, the end of the deltas and the
        row's state are one transaction.
        """
        custody.acknowledge(self.store, dispositions, now)

    # --- Questions ------------------------------------------------------------------------

    def open_intents(self) -> list[OpenIntent]:
        """Frozen sales without an outcome, oldest first; each gets one before the first sale."""
        return intents.open_intents(self.store)

    def outcome(self, payment_id: UUID) -> str | None:
        """The outcome of an intent: accepted, cancelled or declined; None while open or unknown."""
        return intents.outcome(self.store, payment_id)

    def head(self) -> Head:
        """The last row of the present journal, from the disk: two threads write it."""
        head = self._read_head()
        if head is None:
            raise Defect("a journal without its first row")
        return head

    def acknowledged_sequence(self) -> int:
        """The highest sequence of this journal up to which the server has every row."""
        found = self.store.row(
            "SELECT min(sequence) FROM journal INDEXED BY journal_custody WHERE journal_id = ?"
            " AND state IN ('waiting', 'rejected')",
            (self.head().journal_id.bytes,),
        )
        first_open = found[0] if found else None
        return self.head().sequence if first_open is None else first_open - 1

    def waiting(self) -> Waiting:
        """Count and sum of the rows whose custody is still here."""
        found = self.store.row(
            "SELECT count(*), coalesce(sum(waiting_amount), 0),"
            " coalesce(sum(state = 'rejected'), 0) FROM journal"
            " INDEXED BY journal_custody WHERE state IN ('waiting', 'rejected')"
        )
        return Waiting(*found) if found else Waiting(0, 0)

    def parked(self) -> list[Held]:
        """Records that wait for a person: parked (until the decision comes), or rejected here."""
        rows = self.store.rows(
            f"SELECT {READ_COLUMNS}, status, code FROM journal j WHERE state = 'rejected'"
            " OR (status = 'parked' AND NOT EXISTS (SELECT 1 FROM feed_row f WHERE"
            " f.kind = 'decision' AND f.lookup = lower(hex(j.journal_id)) || '/' || j.sequence))"
            " ORDER BY place"
        )
        return [Held(record_of(row), Status(row[9]), row[10]) for row in rows]

    def last_entry_at(self) -> datetime | None:
        """The corrected time of the last row, for `CorrectedClock.is_behind`."""
        found = self.store.row("SELECT written_at FROM journal ORDER BY place DESC LIMIT 1")
        return None if found is None else messages.instant(found[0])

    # --- Inside ---------------------------------------------------------------------------

    def open_journal(self) -> None:
        """Begin a new journal; its first row names the head it follows, if there is one.

        For a new store, and for one that was restored from an older image (`sync.custody`).
        """
        old = self._read_head()
        journal_id = UUID(bytes=self._random(16), version=4)
        opened = JournalOpened(
            old_journal_id=old.journal_id if old else None,
            old_head_sequence=old.sequence if old else 0,
            old_head_hash=old.hash if old else b"",
            stamp=self.clock.stamp(),
        )
        with self.store.transaction():
            start = Head(journal_id, 0, signing.CHAIN_START)
            self._write(RecordKind.JOURNAL_OPENED, opened, About(), after=start)

    def _write(
        self, kind: RecordKind, message: Message, about: About, after: Head | None = None
    ) -> Record:
        head = after or self.head()
        record = self._key.sign_record(
            Record(
                terminal_id=self._terminal_id,
                key_id=self._key.key_id,
                journal_id=head.journal_id,
                sequence=head.sequence + 1,
                previous_hash=head.hash,
                kind=kind,
                body=messages.encode(message),
            )
        )
        written_at = self.clock.now().timestamp()
        self.store.execute(INSERT_RECORD, inserted(record, about, written_at))
        self.store.put_meta(
            HEAD_FACT,
            [record.journal_id.hex, record.sequence, signing.record_hash(record).hex()],
        )
        return record

    def _read_head(self) -> Head | None:
        kept = self.store.meta(HEAD_FACT)
        if kept is None:
            return None
        return Head(UUID(hex=kept[0]), kept[1], bytes.fromhex(kept[2]))

    def _keep_signer(self) -> None:
        self.store.execute(
            "INSERT OR IGNORE INTO signer (key_id, public_key) VALUES (?, ?)",
            (self._key.key_id, self._key.public_key),
        )

    def _about(self, message: Message, closes: UUID | None, person_id: UUID | None) -> About:
        if isinstance(message, Acceptance):
            return about_acceptance(message, person_id)
        if isinstance(message, Cancellation):
            return about_cancellation(message)
        if isinstance(message, RefundRequest):
            return about_refund(message, paid_about(self.store, message.payment_id))
        shift_id = getattr(message, "shift_id", None)
        return About(payment_id=closes, shift_id=shift_id, person_id=person_id)

    def _check_refund(self, message: Message, about: About) -> None:
        if not isinstance(message, RefundRequest):
            return
        paid = paid_about(self.store, message.payment_id)
        refunded = refunded_amount(self.store, message.payment_id)
        if paid is not None and refunded + message.amount > paid.amount:
            raise Refused("refunds.exceeds_paid", payment=message.payment_id.hex)

    def _readable(self, row: tuple[Any, ...]) -> Record | None:
        try:
            record = record_of(row)
        except (ValueError, TypeError):
            return None
        public_key = self._signer(record.key_id)
        signed = signing.record_bytes(record)
        return record if signing.verify(public_key, signed, record.signature) else None

    def _signer(self, key_id: str) -> bytes:
        found = self.store.row("SELECT public_key FROM signer WHERE key_id = ?", (key_id,))
        return b"" if found is None else bytes(found[0])

    def _own_up(self, row: tuple[Any, ...]) -> None:
        place = row[-1]
        kept = self.store.row(
            "SELECT journal_id, sequence, is_offline_wallet FROM journal WHERE place = ?", (place,)
        )
        if kept is None:
            raise Defect("a leased row is gone")
        journal_id, sequence, is_offline_wallet = kept
        lost = Lost(
            sequence=sequence,
            why="journals.lost",
            stamp=self.clock.stamp(),
            journal_id=UUID(bytes=journal_id),
        )
        with self.store.transaction():
            self.store.execute(
                "UPDATE journal SET state = 'lost', code = 'journals.lost', settled_at = ?"
                " WHERE place = ?",
                (self.clock.now().timestamp(), place),
            )
            self._write(RecordKind.LOST, lost, About())
            self._write_again(journal_id, sequence, is_offline=bool(is_offline_wallet))

    def _write_again(self, journal_id: bytes, sequence: int, *, is_offline: bool) -> None:
        """Journal the outcome of a lost row's intent anew: the intent still knows the sale."""
        message = intents.outcome_again(
            self.store, journal_id, sequence, self.clock.stamp(), is_offline=is_offline
        )
        if message is None:
            return
        is_sale = isinstance(message, Acceptance)
        kind = RecordKind.ACCEPTANCE if is_sale else RecordKind.CANCELLATION
        record = self._write(kind, message, self._about(message, None, None))
        new_place = (record.journal_id.bytes, record.sequence, journal_id, sequence)
        for table in ("intent", "delta"):
            self.store.execute(
                f"UPDATE {table} SET journal_id = ?, sequence = ?"
                " WHERE journal_id = ? AND sequence = ?",
                new_place,
            )
