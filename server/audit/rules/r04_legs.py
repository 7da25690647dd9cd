"""Rule 4: the payer's legs are the sale's own postings and add up to it, lines add up to the
total, and refunds never exceed what was paid: per payment, leg and line. A payment's fee is what
the rate it carries makes of it.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from domain.fees import fee, read_card
from server import sql
from server.audit.findings import Finding
from server.audit.query import findings, rows
from server.payments.legs import Leg, read_legs

RULE = "r04_legs"

REFUNDED = """
SELECT p.id, p.refunded_amount, coalesce(r.amount, 0), p.total_amount FROM payments_payment p
LEFT JOIN (
    SELECT payment, sum(CASE WHEN state = 'submitted' THEN amount ELSE posted_amount END) AS amount
    FROM payments_refund WHERE reason <> 'late_success' GROUP BY payment
) r ON r.payment = p.id
WHERE p.refunded_amount <> coalesce(r.amount, 0) OR p.refunded_amount > p.total_amount
"""
PAID = """
SELECT id, organisation, total_amount, refunded_amount, legs, lines, discounts, line_refunds
FROM payments_payment WHERE merchant_side <> '' AND state IN ('succeeded', 'reversing')
ORDER BY id
"""
FEES = """
SELECT id, total_amount, fee_amount, rate FROM payments_payment
WHERE tender = 'channel' OR fee_amount <> 0 ORDER BY id
"""
SALES = """
SELECT t.cause_id, t.purpose, p.account, p.amount FROM ledger_transfer t
JOIN ledger_posting p ON p.transfer = t.id
WHERE t.cause_kind = 'payment' AND t.purpose IN ('sale', 'sale_again')
ORDER BY t.cause_id, t.purpose
"""
COLLECTIONS = """
SELECT t.cause_id, p.account, p.amount FROM ledger_transfer t
JOIN ledger_posting p ON p.transfer = t.id
JOIN ledger_account a ON a.id = p.account AND a.owner_kind = 'channel'
WHERE t.cause_kind = 'payment' AND t.purpose = 'collection'
"""
COLLECTED = """
SELECT c.cause_id, c.amount, coalesce(d.amount, 0) FROM (
    SELECT t.cause_id, -sum(p.amount) AS amount FROM ledger_transfer t
    JOIN ledger_posting p ON p.transfer = t.id
    JOIN ledger_account a ON a.id = p.account AND a.owner_kind = 'channel'
    WHERE t.cause_kind = 'payment' AND t.purpose = 'collection' GROUP BY t.cause_id
) c LEFT JOIN (
    SELECT t.cause_id, -sum(p.amount) AS amount FROM ledger_transfer t
    JOIN ledger_posting p ON p.transfer = t.id
    JOIN ledger_account a ON a.id = p.account AND a.kind = 'debt'
    WHERE t.cause_kind = 'payment' AND t.purpose IN ('sale', 'sale_again') GROUP BY t.cause_id
) d ON d.cause_id = c.cause_id
WHERE c.amount <> coalesce(d.amount, 0)
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check amounts of refunds by the database, legs and lines one by one."""
    text = "{} refunded, but its refunds say {}, of {} paid"
    yield from findings(connection, RULE, REFUNDED, text)
    text = "{} collected from a bank, but the sale left {} owing"
    yield from findings(connection, RULE, COLLECTED, text)
    yield from _wrong_fees(connection)
    sales = _sales(connection)
    for id, _, total, refunded, legs, lines, discounts, line_refunds in rows(connection, PAID):
        wrongs = _wrongs(
            total,
            refunded,
            read_legs(sql.from_json(legs)),
            (sql.from_json(lines), sql.from_json(discounts), sql.from_json(line_refunds)),
            sales.get(sql.to_uuid(id), {}),
        )
        for wrong in wrongs:
            yield Finding(RULE, wrong, str(id))


def _wrong_fees(connection: Any) -> Iterator[Finding]:
    for id, total, kept, rate in rows(connection, FEES):
        card = (sql.from_json(rate) or {}).get("card")
        expected = 0 if card is None else fee(read_card(card), total)
        if kept != expected:
            yield Finding(RULE, f"a fee of {kept}, its rate says {expected}", str(id))


def _sales(connection: Any) -> dict[Any, dict[Any, int]]:
    """What each payment's last sale posted, by account: "sale_again" sorts after "sale"."""
    found = {}
    for cause, group in groupby(rows(connection, SALES), key=lambda row: row[0]):
        postings = list(group)
        last = postings[-1][1]
        found[sql.to_uuid(cause)] = {
            sql.to_uuid(account): amount
            for _, purpose, account, amount in postings
            if purpose == last
        }
    # What a bank paid of a debt afterwards is its leg, in the debt's place
    for cause, account, amount in rows(connection, COLLECTIONS):
        found.setdefault(sql.to_uuid(cause), {})[sql.to_uuid(account)] = amount
    return found


def _wrongs(
    total: int,
    refunded: int,
    legs: tuple[Leg, ...],
    parts: tuple[list[int], list[int], list[int]],
    sale: dict[Any, int],
) -> Iterator[str]:
    left = sum(leg.left_amount for leg in legs)
    if left != total - refunded:
        yield f"legs have {left} left of {total} less {refunded} refunded"
    for leg in legs:
        if not 0 <= leg.refunded_amount <= leg.amount:
            yield f"a leg of {leg.amount} gave back {leg.refunded_amount}"
        if sale.get(leg.account.id) != -leg.units:
            yield f"a leg of {leg.units} was posted as {sale.get(leg.account.id)}"
    lines, discounts, line_refunds = parts
    if lines and sum(lines) - sum(discounts) != total:
        yield f"lines of {sum(lines)} less discounts of {sum(discounts)} are not {total}"
    if any(back > line for back, line in zip(line_refunds, lines, strict=False)):
        yield "a line gave back more than it cost"
    if sum(line_refunds) > refunded:
        yield f"lines gave back {sum(line_refunds)} of {refunded} refunded"
