"""A kiosk at which phones pay by one provider, and the hands behind that provider's scenes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import httpx
from msgspec import structs

from domain.ids import attempt_number
from kiosk_profiles.schema import Profile
from server.payments.accounts import receivable_account
from server.payments.models import Attempt, Payment, Refund
from server.sandbox.entries import Order
from server.sandbox.faults import Fault, Operation
from server.sandbox.run import Running
from terminal_app.counter.machine import Phase
from terminal_app.counter.strip import RowState, StripRow
from tests.factories.payments import balance
from tests.integration.counter.bench import profile
from tests.journeys.bad_input.open_canteen import OpenCanteen, wait_for
from tests.journeys.lunch.kiosk import READ_S, Kiosk

KINDS = ("wechat", "alipay", "unionpay", "bank")
CODES = {
    "wechat": "13{:014d}{}",
    "alipay": "28{:014d}{}",
    "unionpay": "62{:015d}{}",
    "bank": "88{:016d}{}",
}
"""A payer's code of each provider; its last two digits are what the payer does."""
DECLINED, TYPES, NEVER, PAYS = "90", "91", "96", "00"
LIMIT_S = 40.0
"""Of real time, for what takes a second or two on a machine that is not loaded."""
SPEAKS_EVERY = 10
"""Looks between two turns with the server: there are some hundred of them a second."""
GUEST, STUDENT = 1800, 1200
A_DAY = timedelta(days=1)
_serials = count(1)


def without_face() -> Profile:
    """The canteen's counter without its camera: no face is needed to hold a phone."""
    made = profile("canteen", face={"mode": "off"})
    return structs.replace(
        made,
        tenders=tuple(tender for tender in made.tenders if tender != "face"),
        devices=tuple(device for device in made.devices if device.kind != "camera"),
    )


class ChannelKiosk(Kiosk):
    """One kiosk and the peer of `kind`."""

    def __init__(self, canteen: OpenCanteen, folder: Path, kind: str, peer: Running) -> None:
        super().__init__(canteen, folder, without_face())
        self.kind, self.peer = kind, peer

    # --- at the counter --------------------------------------------------------------------

    def pays_by_phone(self, ending: str) -> None:
        """A phone over the scanner, and away again."""
        self.until(Phase.ARMED)
        self.wait(READ_S)
        self.shows_phone(CODES[self.kind].format(next(_serials), ending))

    def pays_by_card(self, amount: int) -> None:
        """The next in line."""
        self.until(Phase.ARMED)
        self.wait(READ_S)
        self.lays_card(self.canteen.next_diner().card_uid)
        self.sees_paid(amount)
        self.lifts_card()

    def until_so(self, is_so: Callable[[], bool], *, skips_s: float = 0.0) -> None:
        """Step until it is so: the server works in real time, `skips_s` goes by at each look."""

        looks = count()

        def looked() -> bool:
            self.canteen.noon.skip(skips_s)
            self.step()
            if next(looks) % SPEAKS_EVERY == 0:
                self.speak()
            return is_so()

        wait_for(looked, LIMIT_S)

    def until_answered(self) -> None:
        """Ask in real time, but let a cancellation take the provider's time."""
        if self.phase is not Phase.CANCELLING:
            super().until_answered()

    def until_phase(self, phase: Phase) -> None:
        """Wait for what the server and the provider say."""
        self.until_so(lambda: self.phase is phase)

    def row(self, payment_id: UUID) -> StripRow:
        """Its row of the strip."""
        (row,) = [one.row for one in self.view.strip if one.row.payment_id == payment_id]
        return row

    def is_row(self, payment_id: UUID, state: RowState) -> Callable[[], bool]:
        """Whether a row of the strip has come to this state."""
        return lambda: self.row(payment_id).state is state

    def parks(self) -> UUID:
        """下一位: the phone is waited for beside the line."""
        self.cashier.tap("next")
        self.until(Phase.ARMED)
        row = self.view.strip[0].row
        assert row.state is RowState.AWAITING
        assert self.word("awaiting") in self.cashier.words()
        return row.payment_id

    def gets_ready(self) -> None:
        """The provider is calm, nobody's phone lies on the glass, the next one may pay."""
        self.peer.faults.clear()
        self.until_so(lambda: self.phase is Phase.ARMED, skips_s=0.5)

    def is_definite(self, payment_id: UUID) -> bool:
        """Whether the server knows that nothing is taken any more."""
        state = Payment.objects.get(id=payment_id).state
        return state in ("cancelled", "reversed")

    def is_over(self, payment_id: UUID) -> bool:
        """Whether the counter knows it too, on the glass or in the strip."""
        rows = [one.row for one in self.view.strip if one.row.payment_id == payment_id]
        is_parked_over = bool(rows) and rows[0].state is RowState.REVERSED
        return is_parked_over or self.phase in (Phase.REVERSED, Phase.ARMED) and not rows

    # --- at the provider -------------------------------------------------------------------

    def goes_down(self, *operations: Operation) -> None:
        """From now on the connection breaks before the provider has done anything."""
        for operation in operations:
            self.peer.faults.ask(operation, Fault.LOST_REQUEST, None)

    def orders_of(self, payment_id: UUID) -> list[Order]:
        """What the provider has under the payment's numbers."""
        numbers = {
            attempt_number(id)
            for id in Attempt.objects.filter(payment=payment_id).values_list("id", flat=True)
        }
        return [order for order in self.peer.peer.books.orders() if order.number in numbers]

    def charged(self, payment_id: UUID) -> int:
        """What its payer has paid there, less what came back, in fen."""
        books = self.peer.peer.books
        return sum(books.net_amount(order.number) for order in self.orders_of(payment_id))

    def opens_page(self, page: str) -> None:
        """A payer's app opens the page that the code names, and chooses its own provider."""
        api = page.replace("/pay/", "/v1/pay/")
        kinds = httpx.get(api, trust_env=False).json()["kinds"]
        assert "scan" in kinds[self.kind], kinds
        choice = {"kind": self.kind, "way": "scan"}
        answer = httpx.post(api, json=choice, trust_env=False, timeout=20)
        assert answer.status_code == 200, answer.text
        assert answer.json()["channel"] == self.kind

    # --- the books -------------------------------------------------------------------------

    def books_agree(self) -> None:
        """Every fen the provider holds of us stands in our ledger; each payer was charged once."""
        self.until_so(lambda: not self._open(), skips_s=5.0)
        books = self.peer.peer.books
        there = {order.number: books.net_amount(order.number) for order in books.orders()}
        moves = books.moves(self.canteen.noon.now() - A_DAY, self.canteen.noon.now() + A_DAY)
        paid = Counter(move.order.number for move in moves if move.kind == "paid")
        assert set(paid.values()) <= {1}, paid
        ours = self._ours()
        assert {number: left for number, left in there.items() if left} == ours
        account = receivable_account(self.canteen.sample.organisation_id, self.kind)
        assert -balance(account) == sum(there.values())
        self.books_hold()

    def _open(self) -> bool:
        live = ("submitted", "reversing")
        is_paying = Payment.objects.filter(channel=self.kind, state__in=live).exists()
        waiting = Refund.objects.filter(payment__in=self._payments())
        return is_paying or waiting.exclude(state__in=("succeeded", "refused")).exists()

    def _payments(self) -> list[UUID]:
        return list(Payment.objects.filter(channel=self.kind).values_list("id", flat=True))

    def _ours(self) -> dict[str, int]:
        """What our books say of each number: paid, less what was refunded."""
        rows = Attempt.objects.filter(channel=self.kind, state="succeeded")
        kept = {}
        for row in rows:
            payment = Payment.objects.get(id=row.payment)
            kept[attempt_number(row.id)] = row.amount - payment.refunded_amount
        return {number: left for number, left in kept.items() if left}
