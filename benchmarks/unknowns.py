"""Payments whose channel's word nobody heard: made by the books' own commands, and in the bank's
books too; and the driver that lets them become due and makes new ones meanwhile.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx

from benchmarks.canteen import Canteen, Till
from domain.ids import new_id
from server.config.boot import boot

CHANNEL: Final = "bank"
AT_ONCE: Final = 250
AGE: Final = timedelta(minutes=10)
"""How long ago they were sent."""
LONG: Final = timedelta(days=1)
NEVER_ARRIVED: Final = 0.06
DECLINED: Final = 0.04
LOST_ANSWER: Final = "92"
"""The ending of a payer's code for which the sandbox charges and breaks the connection."""
LOOK_S: Final = 0.2
LIMIT_S: Final = 560.0


@dataclass(frozen=True, slots=True)
class Worked:
    """What one phase showed: how long it took, and how late each new payment's first query was."""

    payments: int
    elapsed_s: float
    late_ms: tuple[float, ...]
    run_out: int
    """Calls that nobody answered."""
    calls: int

    @property
    def rate(self) -> float:
        """Payments made definite per second."""
        return self.payments / self.elapsed_s


@dataclass(frozen=True, slots=True)
class Hang:
    """A process that stands still for `seconds`: it takes connections and answers nothing."""

    process_id: int
    seconds: float

    def start(self) -> None:
        """Let it stand; a thread lets it go on."""
        os.kill(self.process_id, signal.SIGSTOP)
        threading.Timer(self.seconds, os.kill, (self.process_id, signal.SIGCONT)).start()


def open_account(canteen: Canteen) -> None:
    """Give the canteen an account at the sandbox's bank. For `apart`."""
    boot(canteen.database)
    from server.channels.add_account import add_account

    now = datetime.now(UTC)
    organisation = canteen.tills[0].organisation_id
    add_account(organisation, new_id(int(time.time() * 1000), os.urandom), CHANNEL, now=now)


def leave_unknown(canteen: Canteen, books: Path, count: int) -> None:
    """Leave `count` payments unknown, not due before tomorrow; `books` are the bank's. For `apart`.

    Most are paid at the bank, some declined, some never arrived.
    """
    boot(canteen.database)
    from server.sandbox.books import Books
    from server.work.models import Due

    at, rng = datetime.now(UTC) - AGE, random.Random(count)
    theirs = Books(books, lambda: at)
    for first in range(0, count, AT_ONCE):
        with theirs.transaction():
            for attempt in _unheard(canteen, min(AT_ONCE, count - first), at, rng):
                _charge(theirs, attempt.id.hex, attempt.amount, rng)
    theirs.close_file()
    later = at + LONG
    Due.objects.filter(kind="payments.resolve").update(due_at=later, first_due_at=later)


def _charge(books: Any, number: str, amount: int, rng: random.Random) -> None:
    from server.sandbox.faults import Fault

    fate = rng.random()
    if fate < NEVER_ARRIVED:
        return
    part = Fault.DECLINED if fate < NEVER_ARRIVED + DECLINED else None
    books.charge(number, amount, payer_code=_code(rng), part=part)


def _unheard(canteen: Canteen, count: int, at: datetime, rng: random.Random) -> list[Any]:
    """Commit `count` payments by code, then that nobody heard what became of them."""
    from server.channels.channel import Unknown

    decided = _decide(canteen, [_code(rng) for _ in range(count)], at, rng)
    heard_at = at + timedelta(seconds=5)
    _apply([_settled(canteen, one, Unknown("time-out"), heard_at) for one in decided])
    return [one.attempt for one in decided]


def _decide(canteen: Canteen, codes: Sequence[str], at: datetime, rng: random.Random) -> list[Any]:
    from server.config.secrets import load_secrets
    from server.fleet.authenticate import load_identities
    from server.payments.choose_channel import Chosen
    from server.payments.decide_payment import DecidePayment
    from server.payments.plan import Asked, plan_payments
    from sync.messages import fingerprint

    till, secrets = canteen.tills[0], load_secrets(canteen.secrets)
    place = (till.terminal_id, till.key_id)
    terminal = load_identities([place])[place]
    assert terminal is not None
    requests = [_request(till, code, at, rng) for code in codes]
    plans = plan_payments([Asked(terminal, request, at) for request in requests])
    return _apply([
        DecidePayment(
            plan=plan, fingerprint=fingerprint(request.intent), now=at, secrets=secrets,
            chosen=Chosen(CHANNEL),
        )
        for plan, request in zip(plans, requests, strict=True)
    ])  # fmt: skip


def _request(till: Till, code: str, at: datetime, rng: random.Random) -> Any:
    from sync.messages import (
        CredentialKind,
        Evidence,
        Intent,
        Line,
        PaymentRequest,
        Stamp,
        Tender,
        payer_of_code,
    )

    ms, amount = int(at.timestamp() * 1000), rng.choice((600, 850, 1_234))
    line = Line(item="keyed", name="餐", quantity=1, unit_amount=amount, amount=amount)
    intent = Intent(
        payment_id=new_id(ms, rng.randbytes), organisation_id=till.organisation_id,
        merchant_id=till.merchant_id, store_id=till.store_id, terminal_id=till.terminal_id,
        order_id=new_id(ms, rng.randbytes), tender=Tender.CHANNEL, payer=payer_of_code(code),
        lines=(line,), total=amount,
    )  # fmt: skip
    stamp = Stamp(corrected_at=at, raw_at=at, boot_id="bench", monotonic_s=1.0)
    return PaymentRequest(
        intent=intent, stamp=stamp, order_total=amount, auth_code=code, binding_version=1,
        evidence=Evidence(credential=CredentialKind.CHANNEL_CODE, assurance=0),
        shift_id=till.terminal_id,
    )  # fmt: skip


def _settled(canteen: Canteen, decided: Any, said: Any, now: datetime) -> Any:
    from server.channels.providers.bank.channel import TERMS
    from server.config.secrets import load_secrets
    from server.payments.models import Payment
    from server.payments.settle_attempt import SettleAttempt

    attempt, till = decided.attempt, canteen.tills[0]
    order = Payment.objects.values_list("order", flat=True).get(
        organisation=attempt.organisation, id=attempt.payment
    )
    return SettleAttempt(
        organisation_id=attempt.organisation, payment_id=attempt.payment, order_id=order,
        merchant_id=till.merchant_id, channel=CHANNEL, attempt_id=attempt.id, said=said, now=now,
        secrets=load_secrets(canteen.secrets), terms=TERMS,
    )  # fmt: skip


def _apply(commands: Sequence[Any]) -> list[Any]:
    from django.db import connection, transaction

    from server.ledger.apply import apply

    with transaction.atomic():
        return list(apply(connection, commands))


def _code(rng: random.Random, ending: str = "00") -> str:
    return f"88{rng.randrange(10**16):016d}{ending}"


# --- while the workers run ---------------------------------------------------------------------


def work_off(
    canteen: Canteen, sandbox: Path, count: int, per_s: float, at_least_s: float,
    hang: Hang | None = None,
) -> Worked:  # fmt: skip
    """Let `count` of those left unknown become due, make new ones at `per_s`, until all that was
    due is definite and `at_least_s` have passed. For `apart`, beside running workers.
    """
    boot(canteen.database)
    os.environ["FANPIAO_SANDBOX"] = str(sandbox)
    driver = _Driver(canteen, random.Random(f"{count} {time.time_ns()}"))
    before = driver.calls()
    if hang is not None:
        hang.start()
    backlog = driver.let_go(count)
    started, started_at = time.monotonic(), datetime.now(UTC)
    definite_s = None if backlog else 0.0
    while definite_s is None or time.monotonic() - started < at_least_s:
        elapsed_s = time.monotonic() - started
        assert elapsed_s < LIMIT_S, "not definite in time"
        driver.pay_until(elapsed_s * per_s)
        if definite_s is None and not driver.is_any_due(started_at):
            definite_s = time.monotonic() - started
        time.sleep(min(LOOK_S, 1 / per_s) if per_s else LOOK_S)
    while driver.are_open([number for number, _ in driver.new]):
        time.sleep(LOOK_S)
    after = driver.calls()
    return Worked(
        len(backlog), definite_s, driver.late_ms(), after[0] - before[0], after[1] - before[1]
    )


class _Driver:
    def __init__(self, canteen: Canteen, rng: random.Random) -> None:
        self._canteen, self._rng = canteen, rng
        self._pay = _bank(canteen)
        self.new: list[tuple[UUID, datetime]] = []
        """Attempts made meanwhile, each with the time recommended for its first query."""

    def let_go(self, count: int) -> list[UUID]:
        """Make the next `count` due, now."""
        from server.work.models import Due

        now = datetime.now(UTC)
        waiting = Due.objects.filter(due_at__gt=now + LONG / 2, kind="payments.resolve")
        ids = list(waiting.order_by("id").values_list("id", flat=True)[:count])
        assert len(ids) == count, "too few were left unknown"
        Due.objects.filter(id__in=ids).update(due_at=now, first_due_at=now)
        return ids

    def are_open(self, attempts: Sequence[UUID]) -> bool:
        """Whether any of them still waits for a channel's word."""
        from server.work.models import Due

        return Due.objects.filter(id__in=attempts).exists()

    def is_any_due(self, before: datetime) -> bool:
        """Whether anything that was left unknown before, and was let go, is still unknown."""
        from server.work.models import Due

        old = Due.objects.filter(kind="payments.resolve", since__lt=before - AGE / 2)
        return old.filter(due_at__lt=before + LONG / 2).exists()

    def pay_until(self, count: float) -> None:
        """Make new payments until there are `count`; the bank charges and nobody hears of it."""
        while len(self.new) < count:
            code = _code(self._rng, LOST_ANSWER)
            at = datetime.now(UTC)
            [decided] = _decide(self._canteen, [code], at, self._rng)
            said = self._pay(decided.attempt, code, at)
            now = datetime.now(UTC)
            [settled] = _apply([_settled(self._canteen, decided, said, now)])
            self.new.append((settled.attempt.id, _due_at(settled.attempt.id)))

    def late_ms(self) -> tuple[float, ...]:
        """How long after the recommended time each new payment was first asked about."""
        from django.db.models import Min

        from server.channels.models import ChannelExchange

        numbers = [id.hex for id, _ in self.new]
        asked = dict(
            ChannelExchange.objects.filter(operation="query", number__in=numbers)
            .values_list("number")
            .annotate(Min("at"))
        )
        return tuple((asked[id.hex] - at).total_seconds() * 1000 for id, at in self.new)

    def calls(self) -> tuple[int, int]:
        """How many calls nobody answered, and how many there were."""
        from server.channels.models import ChannelExchange

        return (
            ChannelExchange.objects.filter(status=0, operation__in=("query", "reverse")).count(),
            ChannelExchange.objects.filter(operation__in=("query", "reverse")).count(),
        )


def _due_at(id: UUID) -> datetime:
    from server.work.models import Due

    return Due.objects.values_list("due_at", flat=True).get(id=id)


def _bank(canteen: Canteen) -> Callable[[Any, str, datetime], Any]:
    """The bank's channel as the server opens it, over HTTP."""
    from server.channels.channel import Charge
    from server.channels.exchanges import Listener
    from server.channels.open_accounts import OpenAccounts
    from server.channels.providers.bank.provider import PROVIDER
    from server.config.clock import SystemClock
    from server.config.sandboxes import OwnSandbox
    from server.config.secrets import load_secrets

    accounts = OpenAccounts(
        providers={CHANNEL: PROVIDER},
        secrets=load_secrets(canteen.secrets),
        tools=Listener(httpx.Client(trust_env=False), os.urandom),
        clock=SystemClock(),
        sandbox=OwnSandbox(canteen.secrets.with_name("sandbox")).account,
        notices="http://127.0.0.1:9/v1/notices/",
    )
    channel = accounts(canteen.tills[0].organisation_id, is_current=True)[CHANNEL].channel

    def pay(attempt: Any, code: str, at: datetime) -> Any:
        return channel.pay(Charge(attempt.id.hex, attempt.amount, code), at)

    return pay


def prove(canteen: Canteen, books: Path) -> tuple[int, int]:
    """Hold our books against the bank's, order by order, and audit ours. For `apart`.

    Returns how many payments there are and what the bank owes; raises AssertionError.
    """
    boot(canteen.database)
    from server.audit.run_audit import run_audit
    from server.ledger.models import Account
    from server.payments.accounts import receivable_account
    from server.payments.models import Attempt
    from server.sandbox.books import Books

    theirs = Books(books, lambda: datetime.now(UTC))
    there = {order.number: theirs.net_amount(order.number) for order in theirs.orders()}
    theirs.close_file()
    ours = list(Attempt.objects.values_list("id", "state", "amount"))
    assert {state for _, state, _ in ours} <= {"succeeded", "declined", "reversed"}, "not definite"
    for id, state, amount in ours:
        kept = amount if state == "succeeded" else 0
        assert there.pop(id.hex, 0) == kept, f"{id}: {state}"
    assert not any(there.values()), "an order that we do not know"
    receivable = receivable_account(canteen.tills[0].organisation_id, CHANNEL)
    owed = -Account.objects.get(id=receivable.id).balance
    assert owed == sum(amount for _, state, amount in ours if state == "succeeded")
    report = run_audit(datetime.now(UTC))
    assert not report.findings, report.findings[:5]
    return len(ours), owed
