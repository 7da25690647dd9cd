"""What every case stands on: the canteen, its people, and the books before and after."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanpiao.demo.bench import Bench
from fanpiao.demo.books import Booked, Books
from fanpiao.demo.canteen import Canteen
from fanpiao.demo.hands import Hands
from fanpiao.demo.meals import Crowd
from fanpiao.demo.processes import DemoFailed
from fanpiao.demo.tally import Tally

if TYPE_CHECKING:
    from server.config.sample import SamplePerson


class CaseBroken(DemoFailed):
    """A case came out otherwise than it must."""


def must(held: object, what: str) -> None:
    """The one assertion of the cases."""
    if not held:
        raise CaseBroken(what)


@dataclass(slots=True)
class Stage:
    """Where cases are played."""

    canteen: Canteen
    hands: Hands
    tally: Tally
    books: Books
    crowd: Crowd

    @property
    def first(self) -> Bench:
        """The counter with camera and reader."""
        return self.canteen.first

    @property
    def second(self) -> Bench:
        """The counter beside it."""
        return self.canteen.second

    def face(self, place: int) -> SamplePerson:
        """One of the two whose faces are enrolled."""
        return self.canteen.sample.with_faces()[place]

    def settle(self) -> None:
        """Wait until every counter has handed over what it knows."""
        self.hands.wait_for_queues()

    @contextmanager
    def costs_nothing(self, reason: str, count: int = 1, approvals: int = 0) -> Iterator[None]:
        """What happens inside must leave no payment and no fen moved.

        `approvals`: how many sales were shown as approved before they were taken back.
        """
        self.settle()
        before, balance = _charged(self.books), self.books.balance()
        shown = _approvals(self)
        yield
        self.settle()
        must(_charged(self.books) == before, f"{reason}: a payment appeared in the books")
        must(self.books.balance() == balance, f"{reason}: a wallet moved")
        must(_approvals(self) == shown + approvals, f"{reason}: a counter showed an approval")
        for _ in range(count):
            self.tally.spared(reason)

    @contextmanager
    def costs_once(self, person: SamplePerson, amount: int | None = None) -> Iterator[list[Booked]]:
        """What happens inside must leave exactly one payment, of exactly this person.

        Afterwards the list holds it.
        """
        self.settle()
        before, balance = _charged(self.books), self.books.balance(person.person_id)
        found: list[Booked] = []
        yield found
        self.settle()
        after = self.books.payments()
        new = [after[one] for one in _charged(self.books).keys() - before.keys()]
        must(len(new) == 1, f"{person.number}: {len(new)} payments instead of one")
        must(new[0].person_id == str(person.person_id), f"{person.number}: somebody else paid")
        paid = balance - self.books.balance(person.person_id)
        must(paid == new[0].charged_amount, f"{person.number}: {paid} fen moved")
        must(amount in (None, paid), f"{person.number}: {paid} fen instead of {amount}")
        found += new

    def linger(self, seconds: float) -> None:
        """Let real and simulated time pass together, as people stand about."""
        time.sleep(seconds)


def _charged(books: Books) -> dict[str, int]:
    payments = books.payments().values()
    return {one.payment_id: one.charged_amount for one in payments if one.charged_amount}


def _approvals(stage: Stage) -> int:
    return sum(
        len({seen.what["payment"] for seen in bench.views if seen.what["phase"] == "approved"})
        for bench in stage.canteen.benches
    )
