"""Both sides of a difference: our payment with its attempts, their line as it came; what accepting
it would post, and what was posted.
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from domain.errors import Refused
from domain.ids import attempt_id_of, attempt_number
from server.ledger.models import Account, Posting, Transfer
from server.payments.models import Attempt, Payment, Refund
from server.reconciliation.models import Bill, BillLine, ClearedItem, Difference


@dataclass(frozen=True, slots=True)
class Sides:
    """What is known of one item on either side."""

    payment: Payment | None = None
    refund: Refund | None = None
    attempts: list[Attempt] = field(default_factory=list)
    line: BillLine | None = None
    bill: Bill | None = None


def sides_of(row: Difference) -> Sides:
    """Read both sides; a line that was withdrawn since is gone."""
    line = bill = None
    if row.line is not None:
        line = BillLine.objects.filter(organisation=row.organisation, id=row.line).first()
    if line is not None:
        bills = Bill.objects.filter(organisation=row.organisation, id=line.bill)
        bill = bills.defer("file").first()
    refund, payment_id = _ours(row)
    if payment_id is None:
        return Sides(line=line, bill=bill)
    mine = {"organisation": row.organisation}
    attempts = Attempt.objects.filter(**mine, payment=payment_id).order_by("submitted_at")
    payment = Payment.objects.filter(**mine, id=payment_id).first()
    return Sides(payment, refund, list(attempts), line, bill)


def numbered(attempt: Attempt) -> str:
    """Return the order number that the channel knows an attempt by."""
    return attempt_number(attempt.id)


def would_post(row: Difference) -> list[tuple[str, int]]:
    """Return what accepting the channel's word moves: (account's word, fen), zeros left out.

    The same sums as `reconciliation.clear_items` posts, with the signs that people expect: what
    comes to us is positive.
    """
    ours, theirs, fee = row.our_amount or 0, row.their_amount or 0, row.their_fee or 0
    moves = [("receivable", -ours), ("bank", theirs - fee), ("cost", fee),
             ("variance", ours - theirs)]  # fmt: skip
    return [(name, amount) for name, amount in moves if amount]


def posted_for(row: Difference) -> list[dict[str, Any]]:
    """Return the transfers that settled this item, with their postings."""
    items = ClearedItem.objects.filter(
        organisation=row.organisation, channel=row.channel, item=row.item
    ).order_by("cleared_at")
    return [{"item": item, "postings": _postings(item)} for item in items]


def _postings(item: ClearedItem) -> list[tuple[str, int]]:
    """The transfer's postings; none of their own for what was cleared with a whole day."""
    transfer = Transfer.objects.filter(
        organisation=item.organisation, id=uuid5(item.clearing, "transfer")
    ).first()
    others = ClearedItem.objects.filter(organisation=item.organisation, clearing=item.clearing)
    if transfer is None or others.exclude(id=item.id).exists():
        return []
    rows = list(Posting.objects.filter(organisation=item.organisation, transfer=transfer.id))
    names = Account.objects.filter(id__in=[one.account for one in rows])
    kinds = {account.id: account.kind for account in names}
    # The books count what we owe as positive, people what comes to us
    return [(kinds[one.account], -one.amount) for one in rows]


def _ours(row: Difference) -> tuple[Refund | None, UUID | None]:
    try:
        id = attempt_id_of(row.item.removeprefix("R"))
    except Refused:
        return None, None
    if row.item.startswith("R"):
        refund = Refund.objects.filter(organisation=row.organisation, id=id).first()
        if refund is not None:
            return refund, refund.payment
    found = Attempt.objects.filter(organisation=row.organisation, id=id).first()
    return None, found.payment if found else None
