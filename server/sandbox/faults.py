"""What may go wrong between a merchant and a provider, named the same for every provider.

A fault is asked for per operation and count (through `/_control/faults`), or by the last two
digits of a payer's code, or a seed plays fate. Some are done by the frame (a connection that
breaks, an answer without a signature), some by the books (how the payer behaves), the rest by a
peer's own words.
"""

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Final


class Operation(StrEnum):
    """What a merchant asks of a provider, whatever the provider calls it."""

    PAY = "pay"
    CREATE = "create"
    QUERY = "query"
    REVERSE = "reverse"
    CLOSE = "close"
    REFUND = "refund"
    QUERY_REFUND = "query_refund"
    BILL = "bill"
    BILL_FILE = "bill_file"
    SIGN = "sign"
    DEBIT = "debit"
    CANCEL_MANDATE = "cancel_mandate"
    NOTICE = "notice"
    """The other way round: the provider calls the merchant."""
    OTHER = "other"


class Fault(StrEnum):
    """One thing that goes wrong (or merely its own way)."""

    # The connection: done by the frame
    LOST_REQUEST = "lost_request"
    """The connection breaks before the provider did anything."""
    LOST_ANSWER = "lost_answer"
    """The provider did it, and the connection breaks before its answer."""
    HELD_REQUEST = "held_request"
    """The connection breaks; the request arrives `HELD_S` later, when nobody waits any more."""
    SLOW_ANSWER = "slow_answer"
    """The answer takes `Faults.slow_ms`."""
    GARBAGE = "garbage"
    """The provider did it, and something on the way answers 200 with a page of its own."""
    RATE_LIMITED = "rate_limited"
    """Refused for asking too often; nothing was done."""
    SYSTEM_ERROR = "system_error"
    """The provider's own trouble, nothing done; it does not say that nothing was done."""
    SYSTEM_ERROR_AFTER = "system_error_after"
    """The same words, although it was done."""
    STRANGE_CODE = "strange_code"
    """Done, and answered with a code that no documentation has."""
    UNSIGNED = "unsigned"
    """Done, and the answer's signature is missing."""
    BADLY_SIGNED = "badly_signed"
    """Done, and the answer is signed with somebody else's key."""

    # The payer: done by the books
    DECLINED = "declined"
    PAYER_TYPES = "payer_types"
    """The payer types a password for `TYPING_S`, then has paid."""
    PAYER_GIVES_UP = "payer_gives_up"
    """The payer types for `TYPING_S`, then cancels: the order has failed."""
    PAYER_NEVER = "payer_never"
    """The payer's phone waits for a password for ever."""
    SILENT = "silent"
    """No answer about this order to anybody until it is reversed."""
    REFUSE_REVERSAL = "refuse_reversal"
    """The payer types, and the first reversals are refused for that; then he has paid."""
    LATE_AFTER_REVERSAL = "late_after_reversal"
    """The first reversal is lost, and the payer's money arrives after it."""

    # Refunds: done by the books
    REFUND_PENDING = "refund_pending"
    """Accepted; done only `REFUND_S` later."""
    REFUND_FAILS = "refund_fails"
    """Accepted, and failed `REFUND_S` later: the payer's account is gone."""

    # Bills: done by the peer with `Books.moves`
    BILL_NOT_READY = "bill_not_ready"
    BILL_SHIFTED = "bill_shifted"
    """The day is cut `CUT_OFF_S` early: its last minutes stand in the next day's bill."""
    BILL_DAMAGED = "bill_damaged"
    """The file does not match its checksum, or is cut off."""

    # Notices: done by `server.sandbox.notices`
    NOTICE_LOST = "notice_lost"
    NOTICE_TWICE = "notice_twice"
    NOTICE_LATE = "notice_late"
    NOTICE_FORGED = "notice_forged"
    NOTICE_WRONG_AMOUNT = "notice_wrong_amount"


HELD_S: Final = 20.0
TYPING_S: Final = 20.0
REFUND_S: Final = 120.0
CUT_OFF_S: Final = 600.0

BEFORE: Final = frozenset(
    {Fault.LOST_REQUEST, Fault.HELD_REQUEST, Fault.RATE_LIMITED, Fault.SYSTEM_ERROR}
)
"""Nothing is done (yet) when one of these happens."""
AFTER: Final = frozenset(
    {
        Fault.LOST_ANSWER,
        Fault.SLOW_ANSWER,
        Fault.GARBAGE,
        Fault.SYSTEM_ERROR_AFTER,
        Fault.STRANGE_CODE,
        Fault.UNSIGNED,
        Fault.BADLY_SIGNED,
    }
)
"""It is done, and the answer suffers."""
PAYER: Final = frozenset(
    {
        Fault.DECLINED,
        Fault.PAYER_TYPES,
        Fault.PAYER_GIVES_UP,
        Fault.PAYER_NEVER,
        Fault.SILENT,
        Fault.REFUSE_REVERSAL,
        Fault.LATE_AFTER_REVERSAL,
    }
)
"""How the payer of an order behaves; stays with the order."""
REFUNDS: Final = frozenset({Fault.REFUND_PENDING, Fault.REFUND_FAILS})
BILLS: Final = frozenset({Fault.BILL_NOT_READY, Fault.BILL_SHIFTED, Fault.BILL_DAMAGED})
NOTICES: Final = frozenset(fault for fault in Fault if fault.value.startswith("notice_"))

ENDINGS: Final[Mapping[str, Fault]] = {
    "90": Fault.DECLINED,
    "91": Fault.PAYER_TYPES,
    "92": Fault.LOST_ANSWER,
    "93": Fault.SILENT,
    "94": Fault.LATE_AFTER_REVERSAL,
    "95": Fault.REFUSE_REVERSAL,
    "96": Fault.PAYER_NEVER,
    "97": Fault.SYSTEM_ERROR_AFTER,
    "98": Fault.PAYER_GIVES_UP,
}
"""The last two digits of a payer's code; any other code simply pays."""


def faults_of(operation: Operation) -> tuple[Fault, ...]:
    """List what may happen to an operation, in the enum's order."""
    extra: frozenset[Fault] = {
        Operation.PAY: PAYER,
        Operation.DEBIT: frozenset({Fault.DECLINED, Fault.SILENT}),
        Operation.REFUND: REFUNDS,
        Operation.BILL: BILLS,
    }.get(operation, frozenset())
    possible = NOTICES if operation is Operation.NOTICE else BEFORE | AFTER | extra
    return tuple(fault for fault in Fault if fault in possible)


@dataclass(slots=True)
class Fate:
    """A seeded crowd of faults: `share` of the calls suffer one, slow answers left out."""

    seed: int
    share: float = 0.3
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def fault(self, operation: Operation) -> Fault | None:
        """Draw for one call: always the same for the same seed and order of calls."""
        if self._random.random() >= self.share:
            return None
        possible = [f for f in faults_of(operation) if f is not Fault.SLOW_ANSWER]
        return self._random.choice(possible)


class Faults:
    """What is going to happen next, per operation. Thread-safe."""

    def __init__(self) -> None:
        self.slow_ms = 1_000
        self._lock = Lock()
        self._next: dict[Operation, deque[tuple[Fault | None, int | None]]] = {}
        self._fate: Fate | None = None

    def ask(self, operation: Operation, fault: Fault | None, count: int | None = 1) -> None:
        """Let `fault` happen to the next `count` calls (None: to all), after what was asked before.

        A fault of None lets calls pass, so that a later one is hit. Raises `ValueError` for a
        fault that cannot happen to this operation.
        """
        if fault is not None and fault not in faults_of(operation):
            raise ValueError(f"{fault} cannot happen to {operation}")
        if count is not None and count < 1:
            raise ValueError("count is 1 or more")
        with self._lock:
            self._next.setdefault(operation, deque()).append((fault, count))

    def play(self, fate: Fate | None) -> None:
        """Let a seed decide about every call for which nothing was asked; None ends it."""
        with self._lock:
            self._fate = fate

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._next.clear()
            self._fate = None

    def take(self, operation: Operation, payer_code: str = "") -> Fault | None:
        """Return what happens to this call: what was asked, else the code's ending, else fate."""
        with self._lock:
            waiting = self._next.get(operation)
            if waiting:
                return self._take_asked(waiting)
            if operation is Operation.PAY and payer_code[-2:] in ENDINGS:
                return ENDINGS[payer_code[-2:]]
            return self._fate.fault(operation) if self._fate is not None else None

    def asked(self) -> dict[str, list[tuple[str | None, int | None]]]:
        """Show what is still going to happen, for people."""
        with self._lock:
            return {
                operation.value: [(fault and fault.value, count) for fault, count in waiting]
                for operation, waiting in self._next.items()
                if waiting
            }

    @staticmethod
    def _take_asked(waiting: deque[tuple[Fault | None, int | None]]) -> Fault | None:
        fault, count = waiting[0]
        if count == 1:
            waiting.popleft()
        elif count is not None:
            waiting[0] = (fault, count - 1)
        return fault
