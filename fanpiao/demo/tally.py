"""What the run saw with its own eyes: every approval a counter showed, every case, every latency.

The books are asked separately (`books.py`) and held against this; nothing here is reported as a
number of payments.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Sale:
    """An approval that a counter showed."""

    counter: str
    meal: str
    tender: str
    payment_id: str
    amount: int
    is_online: bool
    person_id: UUID | None = None
    latency_ms: float | None = None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: what was played, how long it took, whether it held (`problem` "" if so)."""

    code: str
    zh: str
    en: str
    told: str
    took_s: float
    problem: str = ""


@dataclass(slots=True)
class Tally:
    """All of it; every method may be called on any thread."""

    sales: list[Sale] = field(default_factory=list)
    cases: list[CaseResult] = field(default_factory=list)
    not_charged: Counter[str] = field(default_factory=Counter)
    face_ms: list[float] = field(default_factory=list)
    replayed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    recovered: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    cash_taken: Counter[str] = field(default_factory=Counter)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def sold(self, sale: Sale) -> None:
        """Keep an approval."""
        with self._turn:
            self.sales.append(sale)
            if sale.tender == "cash":
                self.cash_taken[sale.counter] += sale.amount

    def spared(self, reason: str) -> None:
        """Somebody was in front of a counter and was charged nothing."""
        with self._turn:
            self.not_charged[reason] += 1

    def knew_face(self, took_ms: float) -> None:
        """From the first frame with a face in the zone to a name."""
        with self._turn:
            self.face_ms.append(took_ms)

    def was_refused(self, code: str) -> None:
        """The server refused something that was wrong."""
        with self._turn:
            self.refused[code or "none"] += 1

    def was_replayed(self, count: int = 1) -> None:
        """The server recognised something it had already booked."""
        with self._turn:
            self.replayed += count
