"""A payer whose bank account stands behind the wallet, at the bank's own sandbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.ids import attempt_number
from server.channels.channel import PayOutcome
from server.ledger.models import Account
from server.payments.ask_bank import debit
from server.payments.follow_mandate import MandateForm, ask_mandate, cancel_mandate, follow
from server.payments.models import Attempt
from server.payments.resolve_payment import Resolver
from server.payments.rows import AttemptRow
from server.payments.settle_attempt import SettleAttempt
from server.wallets.models import Mandate
from server.work.handlers import Claimed
from server.work.models import Due
from sync.messages import PaymentAnswer, PaymentRequest
from tests.contract.channels.benches import Bench
from tests.factories.due_work import work
from tests.factories.payments import Till, only, run
from tests.factories.server_rows import SECRETS, Rows


class Payer:
    """A till, its payer with ¥50, and the bank that the payer signed at."""

    def __init__(self, bench: Bench, seed: int, **limits: int) -> None:
        self.bench = bench
        self.till = Till(Rows(seed, now=bench.clock.now()))
        self.channels = only(bench.channel)
        self.mandate = self.ask(**limits)

    def ask(self, **changes: Any) -> Mandate:
        """Ask for a mandate at the desk."""
        values: dict[str, Any] = {
            "payment_cap_amount": 20_000, "day_cap_amount": 50_000, "claim_cap_amount": 5_000,
            "channel": self.bench.channel.name, "account_tail": "0001", "holder": "张父",
            "evidence": "柜 7", **changes,
        }  # fmt: skip
        form = MandateForm(**values)
        return ask_mandate(
            self.channels, self.till.person, form,
            now=self.till.now, random=self.till.rows.random, by="desk",
        )  # fmt: skip

    def sign(self) -> Payer:
        """Let the bank be asked, the payer confirm in its app, and the bank be asked again."""
        self.look()
        self.bench.books.mandates.confirm(self.mandate.number)
        self.pass_time(minutes=1)
        self.look()
        assert self.state() == "active"
        return self

    def cancel(self) -> None:
        """Cancel at the desk."""
        cancel_mandate(self.mandate, now=self.till.now, by="desk")

    def state(self) -> str:
        """How the mandate stands here."""
        self.mandate.refresh_from_db()
        return self.mandate.state

    def look(self) -> None:
        """Let the worker follow the mandate, when it is due."""
        rows = Due.objects.filter(
            organisation=self.till.organisation, kind="payments.mandate",
            due_at__lte=self.till.now,
        )  # fmt: skip
        for row in rows:
            due = Claimed(
                row.id, row.organisation, row.kind, row.subject_id, row.due_at, row.data, 1
            )
            again_at = follow(self.channels, due, self.till.now)
            if again_at is None:
                Due.objects.filter(id=row.id).delete()
            else:
                Due.objects.filter(id=row.id).update(due_at=again_at)

    def pass_time(self, **step: float) -> None:
        """Let time pass for us and the bank alike."""
        self.till.now = self.bench.clock.at = self.till.now + timedelta(**step)

    # --- sales ---------------------------------------------------------------------------

    def buy(self, total: int, **changes: Any) -> PaymentRequest:
        """Ask the server, as the API does: decide, call the bank, commit its word."""
        sale = self.till.request(total=total, **changes)
        self.online(sale)
        return sale

    def online(self, sale: PaymentRequest) -> PaymentAnswer:
        """Decide a sale, and have the bank debited for its part."""
        decided = self.till.decide(sale)
        if decided.attempt is None:
            return decided.answer
        return self.told(sale, decided.attempt, self.call(decided.attempt))

    def call(self, attempt: AttemptRow) -> PayOutcome:
        """Call the bank, and tell nobody."""
        now = self.till.now
        mandate = self.mandate.number
        return debit(self.bench.channel, attempt.id, attempt.amount, mandate, "Lunch", now)

    def told(self, sale: PaymentRequest, attempt: AttemptRow, said: PayOutcome) -> PaymentAnswer:
        """Commit the bank's word."""
        intent, till = sale.intent, self.till
        answer: PaymentAnswer = run(SettleAttempt(
            organisation_id=till.organisation, payment_id=intent.payment_id,
            order_id=intent.order_id, merchant_id=till.terminal.merchant_id,
            channel=self.bench.channel.name, attempt_id=attempt.id, said=said, now=till.now,
            secrets=SECRETS, terms=self.bench.channel.terms,
        )).answer  # fmt: skip
        return answer

    def settle(self, calm_after: int = 25) -> None:
        """Let the worker look whenever something is due, until nothing is."""
        resolver = Resolver(self.channels, run, SECRETS)
        for count in range(200):
            if count == calm_after:
                self.bench.faults.clear()
            self.look()
            work(self.till, resolver)
            rows = Due.objects.filter(organisation=self.till.organisation).order_by("due_at")
            following = rows.first()
            if following is None:
                return
            self.till.now = self.bench.clock.at = max(self.till.now, following.due_at)
        left = Due.objects.filter(organisation=self.till.organisation).values("kind", "due_at")
        raise AssertionError(f"never definite: {list(left)}")

    # --- what both books say -------------------------------------------------------------

    def wallet(self) -> dict[str, int]:
        """The payer's cash and debt, without what is nothing; "held" is of the cash."""
        found: dict[str, int] = {}
        for row in Account.objects.filter(owner_id=self.till.person.id):
            found[row.kind] = row.balance
            found["held"] = found.get("held", 0) + row.held
        return {kind: amount for kind, amount in found.items() if amount}

    def debited(self, sale: PaymentRequest) -> int:
        """What the bank says the payer is out of pocket for a sale."""
        attempt = self.attempt(sale)
        return 0 if attempt is None else self.bench.net_amount(attempt_number(attempt.id))

    def attempt(self, sale: PaymentRequest) -> Attempt | None:
        """The attempt at the bank."""
        return Attempt.objects.filter(payment=sale.intent.payment_id).first()

    @property
    def person(self) -> UUID:
        """Who pays."""
        return self.till.person.id
