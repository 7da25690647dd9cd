"""Take a bill in: its bytes with their digest, and its lines.

The same bytes again change nothing. A changed bill supersedes the one before: lines that say the
same keep what they were cleared with; a new or changed line is open; one that is gone is taken
back by a posting of its own, which leaves our item open to be matched again.
"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from server.channels.channel import Bill as SaidBill
from server.channels.channel import BillItem, channel_owner_id
from server.reconciliation.clear_items import undo_cleared
from server.reconciliation.models import Bill, BillLine

CHUNK = 1_000
PAID, REFUNDED = "PAID", "REFUNDED"


@dataclass(frozen=True, slots=True)
class Imported:
    """The bill as it now stands, and whether anything is new."""

    bill: Bill
    is_news: bool


def import_bill(
    organisation_id: UUID, channel: str, said: SaidBill, *, now: datetime, by: str = ""
) -> Imported:
    """Keep one day's bill, fetched or (with `by`) uploaded."""
    digest = digest_of(said)
    with transaction.atomic():
        rows = Bill.objects.select_for_update().filter(
            organisation=organisation_id, channel=channel, on=said.on
        )
        before = rows.filter(is_current=True).first()
        if before is not None and before.digest == digest:
            return Imported(before, is_news=False)
        version = 1 if before is None else before.version + 1
        if before is not None:
            rows.filter(is_current=True).update(is_current=False)
        bill = _keep(organisation_id, channel, said, digest, version, now, by)
        old = _lines_of(organisation_id, before)
        fresh = [line for line in _lines(bill, said) if not _same(old, line)]
        gone = [line.id for alike in old.values() for line in alike]
        BillLine.objects.bulk_create(fresh, batch_size=CHUNK)
        BillLine.objects.filter(organisation=organisation_id, id__in=gone).delete()
        undo_cleared(organisation_id, channel, gone, because=bill.id, now=now)
        return Imported(bill, is_news=True)


def digest_of(said: SaidBill) -> str:
    """Return the digest of a bill's bytes; of its lines when a provider has no file."""
    content = said.file or "\n".join(repr(_key(item)) for item in said.items).encode()
    return hashlib.sha256(content).hexdigest()


def item_of(said: BillItem) -> str:
    """Return the name that both sides know an item by."""
    return f"R{said.refund_number}" if said.refund_number else said.number


def _keep(
    organisation_id: UUID, channel: str, said: SaidBill, digest: str, version: int,
    now: datetime, by: str,
) -> Bill:  # fmt: skip
    owner = channel_owner_id(organisation_id, channel)
    return Bill.objects.create(
        id=uuid5(owner, f"bill/{said.on}/{version}"), organisation=organisation_id,
        channel=channel, on=said.on, version=version, digest=digest, file=said.file,
        lines=len(said.items), amount=sum(_signed(item) for item in said.items),
        fee_amount=sum(item.fee_amount for item in said.items), arrived_at=now, uploaded_by=by,
    )  # fmt: skip


def _lines(bill: Bill, said: SaidBill) -> list[BillLine]:
    return [
        BillLine(
            id=uuid5(bill.id, str(place)), organisation=bill.organisation, channel=bill.channel,
            bill=bill.id, on=bill.on, item=item_of(item)[:80], reference=item.reference[:80],
            amount=_signed(item), fee_amount=item.fee_amount, currency=item.currency.upper()[:8],
            status=REFUNDED if item.refund_number else PAID, occurred_at=item.occurred_at,
            raw=dict(item.raw),
        )
        for place, item in enumerate(said.items)
    ]  # fmt: skip


def _lines_of(organisation_id: UUID, bill: Bill | None) -> dict[object, list[BillLine]]:
    found = defaultdict(list)
    if bill is not None:
        rows = BillLine.objects.filter(
            organisation=organisation_id, channel=bill.channel, on=bill.on
        )
        for line in rows.order_by("id"):
            found[_said(line)].append(line)
    return found


def _same(old: dict[object, list[BillLine]], line: BillLine) -> bool:
    """Whether a line of the version before says the same; each serves for one."""
    alike = old.get(_said(line), [])
    if not alike:
        return False
    alike.pop()
    return True


def _said(line: BillLine) -> object:
    return line.item, line.amount, line.fee_amount, line.currency, line.status


def _key(item: BillItem) -> object:
    return item_of(item), _signed(item), item.fee_amount, item.currency, item.occurred_at


def _signed(item: BillItem) -> int:
    return -abs(item.amount) if item.refund_number else item.amount
