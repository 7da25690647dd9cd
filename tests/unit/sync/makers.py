"""Valid things to test a counter's half with: clocks, keys, intents, records, replica rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sync import messages, signing
from sync.clocks import CorrectedClock
from sync.messages import (
    Acceptance,
    AccountRow,
    ActivationAnswer,
    Balance,
    Cancellation,
    CredentialKind,
    Disposition,
    Event,
    Evidence,
    FeedKind,
    FeedPage,
    FeedRow,
    FundingRow,
    Intent,
    Line,
    Mode,
    PaymentRequest,
    PersonRow,
    Record,
    RefundRequest,
    Stamp,
    Status,
    Tender,
)
from sync.outbox import Journal
from sync.replica import Applied, Replica
from sync.store import LocalStore

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ORGANISATION = UUID(int=1)
MERCHANT = UUID(int=2)
STORE = UUID(int=3)
TERMINAL = UUID(int=4)
SHIFT = UUID(int=5)
PERSON = UUID(int=100)
PAYMENT = UUID(int=10_000)
REFUND = UUID(int=77)
NOON_STAMP = Stamp(corrected_at=NOON, raw_at=NOON, boot_id="boot-1", monotonic_s=1000.0)
CASH_ACCOUNT = UUID(int=200)
DEBT_ACCOUNT = UUID(int=201)


@dataclass
class HandClock:
    """A clock that moves when told to."""

    at: datetime = NOON
    seconds: float = 1000.0
    boot: str = "boot-1"

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def boot_id(self) -> str:
        return self.boot

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


def seeded(seed: int = 7) -> Callable[[int], bytes]:
    """A source of bytes that is the same in every run."""
    return Random(seed).randbytes


def terminal_key(key_id: str = "key-1", seed: int = 1) -> signing.TerminalKey:
    return signing.TerminalKey(bytes([seed]) * 32, key_id)


@dataclass
class Counter:
    """A store with its clock and journal, and ids that only grow."""

    path: Path
    clock: HandClock = field(default_factory=HandClock)
    random: Callable[[int], bytes] = field(default_factory=seeded)
    numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.store = LocalStore(self.path)
        self.corrected = CorrectedClock(self.clock, self.store)
        self.journal = Journal(self.store, terminal_key(), TERMINAL, self.corrected, self.random)
        self.replica = Replica(self.store, self.corrected)

    def reopen(self) -> None:
        self.store.close()
        self.open()

    def close(self) -> None:
        self.store.close()

    def feed(self, *rows: FeedRow, **changes: Any) -> Applied:
        return self.replica.apply_page(page(*rows, **changes), self.replica.position())

    def request(self, **changes: Any) -> PaymentRequest:
        number = next(self.numbers)
        return request(UUID(int=10_000 + number), stamp=self.corrected.stamp(), **changes)

    def sell(
        self,
        amount: int = 1200,
        mode: Mode = Mode.OFFLINE,
        deltas: dict[UUID, int] | None = None,
        **changes: Any,
    ) -> Record:
        asked = self.request(amount=amount, **changes)
        self.journal.freeze(asked)
        taken = {CASH_ACCOUNT: amount} if deltas is None and mode is Mode.OFFLINE else deltas
        return self.journal.append(
            messages.RecordKind.ACCEPTANCE, Acceptance(request=asked, mode=mode), deltas=taken
        )


def request(
    payment_id: UUID = PAYMENT,
    amount: int = 1200,
    tender: Tender = Tender.WALLET,
    payer: str = f"person:{PERSON}",
    credential: CredentialKind = CredentialKind.CARD,
    stamp: Stamp = NOON_STAMP,
    **changes: Any,
) -> PaymentRequest:
    intent = Intent(
        payment_id=payment_id,
        organisation_id=ORGANISATION,
        merchant_id=MERCHANT,
        store_id=STORE,
        terminal_id=TERMINAL,
        order_id=UUID(int=payment_id.int + 1_000_000),
        tender=tender,
        payer=payer,
        lines=(Line(item="meal", name="午餐", quantity=1, unit_amount=amount, amount=amount),),
        total=amount,
    )
    given: dict[str, Any] = {
        "binding_version": 1,
        "order_total": amount,
        "meal_period": "lunch",
        "shift_id": SHIFT,
    }
    given.update(changes)
    evidence = Evidence(credential=credential, assurance=2)
    return PaymentRequest(intent=intent, evidence=evidence, stamp=stamp, **given)


def cancellation(asked: PaymentRequest, reason: str = "counter.cleared") -> Cancellation:
    return Cancellation(
        payment_id=asked.intent.payment_id,
        order_id=asked.intent.order_id,
        fingerprint=messages.fingerprint(asked.intent),
        reason=reason,
        stamp=asked.stamp,
        binding_version=asked.binding_version,
        shift_id=asked.shift_id,
    )


def refund(payment_id: UUID, amount: int, refund_id: UUID = REFUND) -> RefundRequest:
    return RefundRequest(
        refund_id=refund_id,
        payment_id=payment_id,
        amount=amount,
        tender=Tender.WALLET,
        reason="counter.undone",
        stamp=NOON_STAMP,
        binding_version=1,
        shift_id=SHIFT,
    )


def event(name: str = "payment.declined") -> Event:
    return Event(name=name, data={}, stamp=NOON_STAMP)


def disposition(
    record: Record, status: Status = Status.APPLIED, balances: tuple[Balance, ...] = ()
) -> Disposition:
    return Disposition(
        journal_id=record.journal_id,
        sequence=record.sequence,
        status=status,
        code="" if status is Status.APPLIED else f"records.{status.value}",
        balances=balances,
    )


def person_row(person_id: UUID = PERSON, **changes: Any) -> PersonRow:
    given: dict[str, Any] = {
        "number": f"S{person_id.int:05d}",
        "masked_name": "张*明",
        "category": "student",
        "funding": (FundingRow(account_id=CASH_ACCOUNT, kind="cash"),),
        "debt_account_id": DEBT_ACCOUNT,
    }
    given.update(changes)
    return PersonRow(person_id=person_id, **given)


def person_feed_row(place: int = 1, **changes: Any) -> FeedRow:
    row = person_row(**changes)
    return FeedRow(
        number=place,
        kind=FeedKind.PERSON,
        entity=str(row.person_id),
        body=messages.encode(row),
    )


def account_feed_row(number: int = 2, **changes: Any) -> FeedRow:
    row = account_row(**changes)
    return FeedRow(
        number=number,
        kind=FeedKind.ACCOUNT,
        entity=str(row.account_id),
        body=messages.encode(row),
    )


def feed_row(number: int, kind: FeedKind, entity: str, row: messages.Message | None) -> FeedRow:
    body = None if row is None else messages.encode(row)
    return FeedRow(number=number, kind=kind, entity=entity, body=body)


def page(*rows: FeedRow, epoch: str = "E1", cursor: int | None = None, **changes: Any) -> FeedPage:
    last = rows[-1].number if rows else 0
    given: dict[str, Any] = {"has_more": False, "cursor": last if cursor is None else cursor}
    given.update(changes)
    return FeedPage(epoch=epoch, rows=rows, **given)


def account_row(
    account_id: UUID = CASH_ACCOUNT,
    balance: int = 5000,
    version: int = 1,
    held: int = 0,
    person_id: UUID = PERSON,
) -> AccountRow:
    return AccountRow(
        account_id=account_id,
        person_id=person_id,
        kind="cash",
        unit="CNY",
        balance=balance,
        held=held,
        floor=0,
        version=version,
    )


def activation_answer(**changes: Any) -> ActivationAnswer:
    given: dict[str, Any] = {
        "terminal_id": TERMINAL,
        "key_id": "key-1",
        "organisation_id": ORGANISATION,
        "site_id": UUID(int=6),
        "merchant_id": MERCHANT,
        "store_id": STORE,
        "binding_version": 1,
        "merchant_name": "饭堂",
        "store_name": "南区食堂",
        "terminal_name": "一号窗口",
        "currency": "CNY",
        "zone": "Asia/Shanghai",
        "day_cut_off": "03:00",
        "profile": "canteen",
        "data_key": b"d" * 32,
        "data_key_id": "d1",
        "card_key": b"c" * 32,
        "lease_days": 30,
        "epoch": "E1",
        "server_at": NOON,
    }
    given.update(changes)
    return ActivationAnswer(**given)
