"""A canteen that takes every provider's codes, whose server and worker are killed in mid-call."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from domain.payment_states import LIVE_ATTEMPT_STATES
from server.channels.add_account import add_account
from server.channels.models import ChannelAccount
from server.config.clock import SystemClock
from server.config.sample import Sample, create_sample
from server.config.secrets import load_secrets
from server.fresh import fresh_id
from server.payments.models import Attempt
from server.work.models import Due
from sync.messages import Outcome
from tests.crash.channels.processes import Life, pause, read_hosts, wait_until
from tests.crash.channels.till import Sale, ScanTill
from tests.crash.whole.test_kill_nine import free_ports, wait_until_up

KINDS = ("wechat", "alipay", "unionpay", "bank")
OPERATIONS = ("pay", "query", "reverse", "refund")
SLOW_MS = 400
"""How long a provider that has done its part keeps its answer back: the kill falls around it."""
LONGEST_PAUSE_S = 0.6
TYPED_S = 240
"""Every typing payer of the sandbox is through by then, and no signature is stale yet."""
UNSEEN = timedelta(minutes=6)
"""Longer than any provider may take to see a number."""


class House:
    """The processes, one till per provider, and the providers' side."""

    def __init__(self, folder: Path, database: str, sandbox: Path, chance: random.Random) -> None:
        self.database, self.chance = database, chance
        secrets = folder / "secrets"
        now = SystemClock().now()
        self.sample: Sample = create_sample(
            now=now, random=os.urandom, secrets=load_secrets(secrets), counters=len(KINDS), people=8
        )
        self._open_accounts()
        [self.port] = free_ports(1)
        self.environment = {"FANPIAO_SANDBOX": str(sandbox), "FANPIAO_SECRETS": str(secrets)}
        is_postgres = database.startswith("postgres")
        arguments = ["server", "--database", database, "--port", str(self.port)]
        alone = ["--no-worker"] if is_postgres else []
        self.server = Life(arguments + alone, self.environment, folder / "server.log")
        worker = ["worker", "--database", database]
        self.worker = (
            Life(worker, self.environment, folder / "worker.log") if is_postgres else self.server
        )
        self.hosts = read_hosts(sandbox)
        url = f"http://127.0.0.1:{self.port}"
        self.tills = {kind: ScanTill(kind, folder / kind, url, chance) for kind in KINDS}
        self.struck: list[tuple[str, str]] = []

    def _open_accounts(self) -> None:
        organisation, now = self.sample.organisation_id, SystemClock().now()
        ChannelAccount.objects.filter(organisation_id=organisation).delete()
        for kind in KINDS:
            add_account(organisation, fresh_id(now, os.urandom), kind, now=now)

    def open(self) -> None:
        """Start the processes and activate the tills."""
        self.server.start()
        wait_until_up(self.port)
        if self.worker is not self.server:
            self.worker.start()
        for till, counter in zip(self.tills.values(), self.sample.counters, strict=True):
            till.activate(counter.activation_code)
        for kind in KINDS:
            self.control(kind, "faults", operation="bill", fault=None, slow_ms=SLOW_MS)

    def stop(self) -> None:
        """End what is still running."""
        for life in (self.worker, self.server):
            life.stop()
        for till in self.tills.values():
            with contextlib.suppress(AttributeError):  # it was never activated
                till.end()

    @property
    def kills(self) -> int:
        """Of either process."""
        return self.server.kills + (self.worker.kills if self.worker is not self.server else 0)

    def control(self, kind: str, what: str, **asked: Any) -> Any:
        """Stand behind a provider's scenes."""
        url = f"{self.hosts[kind]}/_control/{what}"
        with httpx.Client(trust_env=False, timeout=20) as client:
            answer = client.post(url, json=asked) if asked else client.get(url)
        assert answer.status_code == 200, answer.text
        return answer.json()

    # --- killing ---------------------------------------------------------------------------

    def strike(self, operation: str, kind: str) -> None:
        """Kill whoever is calling `kind` for `operation`, around the answer; start it again."""
        till = self.tills[kind]
        sale = self._lead_up(till, operation)
        other = self.tills[self.chance.choice([one for one in KINDS if one != kind])]
        beside = other.sell(self.chance.choice(("00", "92", "97", "90")))
        wait_until(lambda: self._is_called(kind, operation), f"{kind} is asked: {operation}")
        pause(self.chance.uniform(0, LONGEST_PAUSE_S))
        is_asked_at_once = operation == "pay" or (operation, kind) == ("query", "unionpay")
        victim = self.server if is_asked_at_once else self.worker
        victim.kill()
        self._free_claims()
        victim.start()
        self.struck.append((operation, kind))
        if victim is self.server:
            wait_until_up(self.port)
        for one, sold in ((till, sale), (other, beside)):
            self._go_on(one, sold)

    def _lead_up(self, till: ScanTill, operation: str) -> Sale:
        """Bring a sale to the point where its provider is going to be asked for `operation`."""
        if operation in ("pay", "query"):
            self._slow(till.kind, operation)
            # Nobody tells us by himself what became of it: we have to ask
            self.control(till.kind, "faults", operation="notice", fault="notice_lost", count=2)
            part = self.chance.choice(("92", "97")) if operation == "query" else "00"
            return till.sell(part)
        is_reverse = operation == "reverse"
        part = self.chance.choice(("96", "96", "94")) if is_reverse else "00"
        sale = till.sell(part)
        wanted = (Outcome.AWAITING, Outcome.UNKNOWN) if is_reverse else (Outcome.APPROVED,)
        wait_until(lambda: till.outcome(sale) in wanted, f"{till.kind} {part}: {wanted}")
        self._slow(till.kind, operation)
        till.close(sale)
        if not is_reverse:
            till.refund(sale, self.chance.choice((1, 400, sale.request.intent.total)))
        wait_until(till.push, "the counter hands over")
        return sale

    def _slow(self, kind: str, operation: str) -> None:
        self.control(kind, "faults", operation=operation, fault="slow_answer", count=1)

    def _is_called(self, kind: str, operation: str) -> bool:
        self.hasten()
        return operation not in self.control(kind, "faults")

    def _go_on(self, till: ScanTill, sale: Sale) -> None:
        """The counter asks once more after the cut: it accepts, cancels, or comes back later."""
        if sale in till.open_sales and self.chance.random() < 0.7:
            till.close(sale)
        has_rest = sale.refunded_amount < sale.request.intent.total
        if sale.id in till.accepted and has_rest and self.chance.random() < 0.3:
            till.refund(sale, 1)
        till.push()

    # --- time ------------------------------------------------------------------------------

    def hasten(self) -> None:
        """Make due work due now, as from the console; a reversal's first wait is over."""
        now = SystemClock().now()
        Attempt.objects.filter(
            state="reversing", submitted_at__gt=now - timedelta(seconds=30)
        ).update(submitted_at=now - timedelta(seconds=31))
        Due.objects.filter(kind__startswith="payments.", due_at__gt=now, claimed_until=None).update(
            due_at=now
        )

    def _free_claims(self) -> None:
        """The dead hold no lease: in life it runs out after five minutes."""
        Due.objects.filter(claimed_until__isnull=False).update(claimed_until=None)

    def settle(self) -> None:
        """Close every sale, let minutes pass, and wait until nothing is due."""
        for till in self.tills.values():
            for sale in list(till.open_sales):
                till.close(sale)
            wait_until(till.push, "the counter hands over")
        for kind in KINDS:
            self.control(kind, "clock", offset_s=TYPED_S)
        live = [state.value for state in LIVE_ATTEMPT_STATES]
        Attempt.objects.filter(state__in=live).update(submitted_at=SystemClock().now() - UNSEEN)
        wait_until(self._is_settled, "nothing is due any more")

    def _is_settled(self) -> bool:
        self.hasten()
        pause(0.1)
        return not Due.objects.filter(kind__startswith="payments.").exists()


@contextlib.contextmanager
def house(folder: Path, database: str, sandbox: Path, chance: random.Random) -> Iterator[House]:
    """A house that is stopped whatever happens."""
    made = House(folder, database, sandbox, chance)
    try:
        made.open()
        yield made
    finally:
        made.stop()
