"""What must hold when the day is over; each that does not is one sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fanpiao.demo.books import Books
from fanpiao.demo.canteen import Canteen
from fanpiao.demo.tally import Tally

SALES_MIN, FACES_MIN = 200, 15


@dataclass(frozen=True, slots=True)
class Proof:
    """The audits' result, and every sentence about what did not hold."""

    problems: tuple[str, ...]
    transfers: int
    checks: int
    rules: tuple[str, ...]
    waiting: int
    parked: int

    @property
    def ok(self) -> bool:
        """Whether everything held."""
        return not self.problems

    def broken(self, rule: str) -> bool:
        """Whether this rule of the audit found something."""
        return any(one.startswith(f"audit {rule}:") for one in self.problems)


def prove(canteen: Canteen, tally: Tally, books: Books, known: Sequence[str]) -> Proof:
    """Audit the server and both counters, and hold what was shown against the books.

    `known` are problems that the day already had; they stand first.
    """
    from server.audit.run_audit import run_audit

    report = run_audit(canteen.clock.now())
    problems = list(known)
    problems += [f"audit {one.rule}: {one.text} [{one.subject}]" for one in report.findings]
    checks, waiting = report.checks, 0
    for bench in canteen.benches:
        found, left = _counter(bench.store)
        checks, waiting = checks + 1, waiting + left
        problems += [f"{bench.name}: {sentence}" for sentence in found]
    problems += _shown_is_booked(tally, books)
    problems += _enough(books)
    if waiting or books.parked():
        problems.append(f"{waiting} records wait and {books.parked()} are parked")
    return Proof(tuple(problems), report.transfers, checks, report.rules, waiting, books.parked())


def _counter(path: Path) -> tuple[list[str], int]:
    from sync.audit import audit_store
    from sync.keystore import FileKeyStore, store_key
    from sync.store import LocalStore
    from terminal_app.terminal import KEYS

    key = store_key(FileKeyStore(path.parent / KEYS), os.urandom)
    with LocalStore(path, is_read_only=True, seal_key=key) as store:
        found = [f"audit {one.check}: {one.what} [{one.subject}]" for one in audit_store(store)]
        rows = store.rows("SELECT count(*) FROM journal WHERE state IN ('waiting', 'rejected')")
    return found, int(rows[0][0])


def _shown_is_booked(tally: Tally, books: Books) -> Iterator[str]:
    """Every approval a counter showed is in the books with its amount, and nothing else is."""
    booked = books.payments()
    undone = set(tally.undone)
    expected = {sale.payment_id: sale.amount for sale in tally.sales}
    for payment_id, amount in expected.items():
        payment = booked.get(payment_id)
        due = 0 if payment_id in undone else amount
        if payment is None or payment.charged_amount != due:
            yield f"{payment_id}: shown {due} fen, booked {payment}"
    known = expected.keys() | set(tally.recovered)
    for payment_id, payment in booked.items():
        if payment.charged_amount and payment_id not in known:
            yield f"{payment_id}: {payment.charged_amount} fen that no counter ever showed"


def _enough(books: Books) -> Iterator[str]:
    """The run was the run that it claims to be."""
    counts = books.by_tender()
    if sum(counts.values()) < SALES_MIN:
        yield f"only {sum(counts.values())} sales"
    if counts["face"] < FACES_MIN:
        yield f"only {counts['face']} sales by face"
    for tender, count in counts.items():
        if count == 0:
            yield f"no sale by {tender}"
    if books.offline() == 0:
        yield "no sale without the server"
