"""A counter's half of a sale by a payer's code: its real journal, signature and wire."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from uuid import UUID, uuid4

from domain.errors import Refused, Unavailable
from server.config.clock import SystemClock
from sync.activation import activate_terminal
from sync.client import Client, Unanswered
from sync.clocks import CorrectedClock
from sync.keystore import FileKeyStore
from sync.messages import (
    Acceptance,
    Cancellation,
    CredentialKind,
    Evidence,
    Intent,
    Line,
    Mode,
    Outcome,
    PaymentRequest,
    RecordKind,
    RefundRequest,
    Tender,
    fingerprint,
    payer_of_code,
)
from sync.outbox import Journal
from sync.store import LocalStore

CODES = {
    "wechat": "13{:014d}{}",
    "alipay": "28{:014d}{}",
    "unionpay": "62{:015d}{}",
    "bank": "88{:016d}{}",
}
"""A payer's code of each provider; the last two digits are its part in the play."""
LASTING = (Outcome.APPROVED, Outcome.DECLINED, Outcome.CANCELLED, Outcome.REVERSED)


@dataclass
class Sale:
    """One sale, and the thread that asks the server about it."""

    request: PaymentRequest
    asking: Thread | None = None
    refunded_amount: int = 0

    @property
    def id(self) -> UUID:
        """The payment's id."""
        return self.request.intent.payment_id


@dataclass
class ScanTill:
    """Sells by one provider's codes. Its sales are closed one by one, as a counter does."""

    kind: str
    folder: Path
    url: str
    chance: random.Random
    open_sales: list[Sale] = field(default_factory=list)
    accepted: dict[UUID, Sale] = field(default_factory=dict)

    def activate(self, code: str) -> None:
        """Become a terminal of the server."""
        self.folder.mkdir()
        keys = FileKeyStore(self.folder / "keys.json")
        activate_terminal(
            keys, self.url, code, serial=self.kind, software="crash", random=os.urandom
        )
        secrets = keys.load()
        assert secrets is not None
        assert secrets.binding is not None
        self.binding = secrets.binding
        self.store = LocalStore(self.folder / "counter.sqlite3")
        self.clock = CorrectedClock(SystemClock(), self.store)
        terminal_id = self.binding.terminal_id
        self.journal = Journal(self.store, secrets.key, terminal_id, self.clock, os.urandom)
        self.client = Client(self.url, secrets.key, terminal_id, self.clock)
        self.shift = uuid4()

    def sell(self, ending: str) -> Sale:
        """Freeze a sale and ask the server in a thread: it may be killed meanwhile."""
        code = CODES[self.kind].format(self.chance.randrange(10**14), ending)
        sale = Sale(self._request(code, self.chance.choice((600, 850, 1_234))))
        self.journal.freeze(sale.request)
        self.open_sales.append(sale)
        sale.asking = Thread(target=self.client.authorise, args=(sale.request,), daemon=True)
        sale.asking.start()
        return sale

    def outcome(self, sale: Sale) -> Outcome | None:
        """The server's word, None without one."""
        if sale.asking is not None:
            sale.asking.join()
        answer = self.client.ask(sale.id)
        return None if isinstance(answer, Unanswered) else answer.outcome

    def close(self, sale: Sale) -> None:
        """Give an open sale its outcome: accepted when the server approved it, else cancelled."""
        if sale not in self.open_sales:
            return
        if self.outcome(sale) is Outcome.APPROVED:
            self.journal.append(
                RecordKind.ACCEPTANCE, Acceptance(request=sale.request, mode=Mode.ONLINE)
            )
            self.accepted[sale.id] = sale
        else:
            self.journal.append(RecordKind.CANCELLATION, self._cancellation(sale))
        self.open_sales.remove(sale)

    def refund(self, sale: Sale, amount: int) -> None:
        """Give part of an accepted sale back."""
        sale.refunded_amount += amount
        self.journal.append(RecordKind.REFUND, RefundRequest(
            refund_id=uuid4(), payment_id=sale.id, amount=amount, tender=Tender.CHANNEL,
            reason="spilt", stamp=self.clock.stamp(),
            binding_version=self.binding.binding_version, shift_id=self.shift,
        ))  # fmt: skip

    def push(self) -> bool:
        """Hand over what waits; whether nothing does any more."""
        records = self.journal.lease(100, self.clock.now())
        if records:
            try:
                answer = self.client.push(records)
            except (Refused, Unavailable):
                return False
            self.journal.acknowledge(answer.dispositions, self.clock.now())
        return self.journal.waiting().count == 0

    def end(self) -> None:
        """Close connections and files."""
        for sale in self.open_sales:
            if sale.asking is not None:
                sale.asking.join()
        self.client.close()
        self.store.close()

    def _request(self, code: str, amount: int) -> PaymentRequest:
        bound = self.binding
        intent = Intent(
            payment_id=uuid4(), organisation_id=bound.organisation_id,
            merchant_id=bound.merchant_id, store_id=bound.store_id,
            terminal_id=bound.terminal_id, order_id=uuid4(), tender=Tender.CHANNEL,
            payer=payer_of_code(code), total=amount,
            lines=(Line(item="keyed", name="餐", quantity=1, unit_amount=amount, amount=amount),),
        )  # fmt: skip
        return PaymentRequest(
            intent=intent, stamp=self.clock.stamp(), order_total=amount, auth_code=code,
            evidence=Evidence(credential=CredentialKind.CHANNEL_CODE, assurance=0),
            binding_version=bound.binding_version, shift_id=self.shift,
        )  # fmt: skip

    def _cancellation(self, sale: Sale) -> Cancellation:
        return Cancellation(
            payment_id=sale.id, order_id=sale.request.intent.order_id,
            fingerprint=fingerprint(sale.request.intent), reason="counter.cleared",
            stamp=self.clock.stamp(), binding_version=sale.request.binding_version,
            shift_id=self.shift,
        )  # fmt: skip
