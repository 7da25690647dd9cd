"""Take a network's clearing detail file: every line posted to its merchant, the file once.

A line is known by the network's own number, so that a file sent again, or another file with the
same lines, books nothing twice. Its fee is the merchant's contract with the channel on the clearing
day; it settles with the day on which it is booked, T+n as the contract says.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from uuid import UUID, uuid5

from django.db import connection, transaction

from domain.clearing_files import LAYOUTS, ClearingDamaged, ClearingItem, Layout, read_clearing
from domain.errors import Refused
from domain.fees import RefundRule, fee
from domain.settlement_net import Trade, position
from server.cases.effects import CaseOpened
from server.ledger.apply import apply
from server.ledger.commands import (
    AccountKey,
    CounterKey,
    Decision,
    Key,
    Locked,
    Posting,
    Reader,
    Transfer,
)
from server.merchants.trading_days import open_day_of
from server.payments.accounts import PAYABLE, merchant_account, receivable_account
from server.settlement.models import ClearingFile, ClearingLine, MerchantNumber
from server.settlement.terms import Terms, read_terms
from server.writes import write_now

KIND: Final = "clearing_line"
UNKNOWN_MERCHANT: Final = "clearing_merchant"
CHUNK: Final = 500
"""Lines posted at once."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file. `known` lines were booked before; `unknown` have no merchant yet."""

    booked: int
    known: int
    unknown: int
    amount: int


def take_clearing(
    organisation_id: UUID,
    channel: str,
    layout_name: str,
    file: bytes,
    cleared_on: date,
    now: datetime,
) -> Taken:
    """Book a file, whole or not at all; taken again it books what could not be booked before.

    Raises `Refused`: "settlement.clearing_layout", "settlement.clearing_damaged",
    "settlement.clearing_taken" for a file that was taken for another channel or day.
    """
    layout = LAYOUTS.get(layout_name)
    if layout is None:
        raise Refused("settlement.clearing_layout", layout=layout_name)
    items = _read(file, layout, cleared_on)
    numbers = dict(
        MerchantNumber.objects.filter(organisation=organisation_id, channel=channel).values_list(
            "number", "merchant"
        )
    )
    with transaction.atomic():
        kept = _keep_file(organisation_id, channel, layout, file, cleared_on, items, now)
        fresh = _fresh(organisation_id, channel, items)
        named = [item for item in fresh if item.merchant in numbers]
        lines = _lines(kept, named, numbers)
        ClearingLine.objects.bulk_create(lines, batch_size=CHUNK)
        _tell_unknown(kept, [item for item in fresh if item.merchant not in numbers], now)
        _post(lines, cleared_on, now)
    amount = sum(line.amount for line in lines)
    return Taken(len(lines), len(items) - len(fresh), len(fresh) - len(named), amount)


def _read(file: bytes, layout: Layout, cleared_on: date) -> list[ClearingItem]:
    noon = datetime.combine(cleared_on, time(12), layout.zone)
    try:
        return read_clearing(file, layout, noon)
    except ClearingDamaged as wrong:
        raise Refused("settlement.clearing_damaged", line=wrong.line, why=wrong.why) from wrong


def _keep_file(
    organisation_id: UUID, channel: str, layout: Layout, file: bytes, cleared_on: date,
    items: Sequence[ClearingItem], now: datetime,
) -> ClearingFile:  # fmt: skip
    digest = hashlib.sha256(file).hexdigest()
    kept, _ = ClearingFile.objects.get_or_create(
        organisation=organisation_id,
        digest=digest,
        defaults={
            "id": uuid5(organisation_id, f"clearing/{digest}"), "layout": layout.name,
            "channel": channel, "cleared_on": cleared_on, "line_count": len(items),
            "amount": sum(item.amount for item in items), "taken_at": now,
        },
    )  # fmt: skip
    if (kept.channel, kept.cleared_on) != (channel, cleared_on):
        raise Refused(
            "settlement.clearing_taken", channel=kept.channel, day=kept.cleared_on.isoformat()
        )
    return kept


def _fresh(
    organisation_id: UUID, channel: str, items: Sequence[ClearingItem]
) -> list[ClearingItem]:
    mine = ClearingLine.objects.filter(organisation=organisation_id, channel=channel)
    first = {_reference(item): item for item in reversed(items)}
    references, known = list(first), set[str]()
    for start in range(0, len(references), CHUNK):
        part = mine.filter(reference__in=references[start : start + CHUNK])
        known.update(part.values_list("reference", flat=True))
    return [item for reference, item in reversed(first.items()) if reference not in known]


def _reference(item: ClearingItem) -> str:
    """A network's number is its own for a day and a direction: a refund repeats the sale's."""
    return f"{item.at:%Y%m%d}-{item.reference}{'-R' if item.amount < 0 else ''}"


def _lines(
    kept: ClearingFile, items: Sequence[ClearingItem], numbers: Mapping[str, UUID]
) -> list[ClearingLine]:
    merchants = sorted({numbers[item.merchant] for item in items})
    terms = read_terms(kept.organisation, merchants)
    return [
        ClearingLine(
            id=uuid5(kept.organisation, f"{kept.channel}/{_reference(item)}"),
            organisation=kept.organisation, file=kept, reference=_reference(item),
            channel=kept.channel, merchant_number=item.merchant,
            merchant=numbers[item.merchant], amount=item.amount, occurred_at=item.at,
            fee_amount=_fee(terms[numbers[item.merchant]], kept, item.amount),
        )
        for item in items
    ]  # fmt: skip


def _fee(terms: Terms, kept: ClearingFile, amount: int) -> int:
    """What the contract keeps of a sale, or gives back of one: a refund's is that of its amount.

    The file does not say of which sale a refund is: what comes back is reckoned on the refund.
    """
    card = terms.card(kept.channel, kept.cleared_on)
    if amount >= 0:
        return position(card, Trade(amount))
    return -fee(card, -amount) if card.refund is RefundRule.SHARED else 0


def _tell_unknown(kept: ClearingFile, items: Sequence[ClearingItem], now: datetime) -> None:
    by_number: dict[str, int] = {}
    for item in items:
        by_number[item.merchant] = by_number.get(item.merchant, 0) + item.amount
    cases = [
        CaseOpened(
            kept.organisation, UNKNOWN_MERCHANT, "merchant_number",
            uuid5(kept.organisation, f"{kept.channel}/{number}"), amount, now,
            {"number": number, "channel": kept.channel},
        )
        for number, amount in sorted(by_number.items())
    ]  # fmt: skip
    with connection.cursor() as cursor:
        write_now(cursor, cases)


def _post(lines: Sequence[ClearingLine], cleared_on: date, now: datetime) -> None:
    days: dict[UUID | None, date] = {}
    for line in lines:
        if line.merchant is not None and line.merchant not in days:
            days[line.merchant] = open_day_of(line.organisation, line.merchant, now)
    for start in range(0, len(lines), CHUNK):
        part = lines[start : start + CHUNK]
        apply(connection, [PostLine(line, cleared_on, days[line.merchant]) for line in part])


@dataclass(frozen=True, slots=True)
class PostLine:
    """The command that posts one line: the network owes it to us, we to the merchant."""

    line: ClearingLine
    cleared_on: date
    booked_on: date

    @property
    def keys(self) -> Sequence[Key]:
        """The line."""
        return (Key(self.line.organisation, KIND, self.line.id),)

    @property
    def counters(self) -> Sequence[CounterKey]:
        """None."""
        return ()

    @property
    def accounts(self) -> Sequence[AccountKey]:
        """The merchant's payable and the channel's receivable."""
        assert self.line.merchant is not None
        return (
            merchant_account(self.line.organisation, self.line.merchant, PAYABLE),
            receivable_account(self.line.organisation, self.line.channel),
        )

    @property
    def reader(self) -> Reader | None:
        """Nothing is read: the line is new in this transaction."""
        return None

    def decide(self, locked: Locked) -> Decision:
        """Post it."""
        payable, receivable = self.accounts
        transfer = Transfer(
            id=uuid5(self.line.id, "posted"),
            organisation_id=self.line.organisation,
            cause_kind=KIND,
            cause_id=self.line.id,
            purpose="cleared",
            postings=(Posting(payable, self.line.amount), Posting(receivable, -self.line.amount)),
            occurred_at=self.line.occurred_at,
            business_on=min(self.cleared_on, self.booked_on),
            booked_on=self.booked_on,
        )
        return Decision("posted", transfers=(transfer,))
