"""The journal: what the counter froze, decided and must still hand over to the server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sync.messages import Balance, Disposition, Message, PaymentRequest, Record, RecordKind


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of the present journal; sequence 0 and the chain's start when empty."""

    journal_id: UUID
    sequence: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the server does not have yet: the badge on the screen."""

    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """A frozen sale without an outcome; `request` has no secrets."""

    request: PaymentRequest
    fingerprint: bytes


class Journal:
    """SIGNATURES FIRST; the body follows. One terminal's journal in its store.

    Journal(store, key: signing.TerminalKey, terminal_id: UUID, clock: clocks.CorrectedClock,
    random: Callable[[int], bytes])
    """

    def freeze(self, request: PaymentRequest) -> OpenIntent:
        """Put the intent on disk before anything is sent or decided; secrets are left out.

        Freezing the same intent again is nothing; another one under its id is `Refused`
        ("payments.key_reused")."""
        raise NotImplementedError

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
        """One local transaction, on disk on return: the signed row, the outcome of the intent
        `closes` (by kind: acceptance → accepted, cancellation → cancelled, event → declined),
        own `deltas` ({account: units taken, positive}, offline only) and `balances` of an answer."""
        raise NotImplementedError

    def open_intents(self) -> list[OpenIntent]:
        """Oldest first; each gets an outcome before the first sale (MONEY §2)."""
        raise NotImplementedError

    def head(self) -> Head: ...  # type: ignore[empty-body]
    def waiting(self) -> Waiting: ...  # type: ignore[empty-body]
    def lease(self, limit: int) -> list[Record]: ...  # type: ignore[empty-body]
    def acknowledge(self, dispositions: Sequence[Disposition]) -> None: ...
