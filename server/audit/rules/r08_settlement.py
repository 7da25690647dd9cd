"""Rule 8, settlement's half: each payee's account holds exactly what is not paid out yet, payout
in transit is the unconfirmed payouts, and every settled transfer sits in one day and at most one
batch, a disputed one in none.
A merchant is owed: what moved its payable and is in no closed day yet, what is in a closed day and
in no batch, and what its last batch carried on. An agent is owed its shares of closed days, a
receiver its shares of batches, both less what was paid out and with what came back.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from server import sql
from server.audit.findings import Finding
from server.audit.query import findings, rows

RULE = "r08_settlement"

PAYABLES = """
SELECT a.owner_id, a.balance FROM ledger_account a
WHERE a.owner_kind = 'merchant' AND a.kind = 'payable' AND a.unit = 'CNY'
"""
UNSETTLED = """
SELECT a.owner_id, sum(p.amount) FROM ledger_posting p
JOIN ledger_account a ON a.id = p.account AND a.owner_kind = 'merchant' AND a.kind = 'payable'
JOIN ledger_transfer t ON t.id = p.transfer
WHERE t.cause_kind NOT IN ('day_close', 'settlement_batch') AND NOT EXISTS (
    SELECT 1 FROM settlement_item i WHERE i.organisation = p.organisation
      AND i.transfer = p.transfer)
GROUP BY a.owner_id
"""
UNPAID = """
SELECT merchant, sum(amount - discount_amount - fee_amount) FROM settlement_item
WHERE batch_id IS NULL GROUP BY merchant
"""
CARRIED = """
SELECT b.payee, b.carried_out_amount FROM settlement_batch b
WHERE b.payee_kind = 'merchant' AND NOT EXISTS (
    SELECT 1 FROM settlement_batch later WHERE later.organisation = b.organisation
      AND later.payee_kind = b.payee_kind AND later.payee = b.payee AND later.due_on > b.due_on)
"""
OTHERS = """
SELECT a.owner_id, a.balance FROM ledger_account a
WHERE (a.owner_kind = 'agent' AND a.kind = 'commission')
   OR (a.owner_kind = 'receiver' AND a.kind = 'payable')
"""
SHARES = "SELECT agent, sum(amount) FROM settlement_agentshare GROUP BY agent"
RECEIVED = """
SELECT a.owner_id, sum(p.amount) FROM ledger_posting p
JOIN ledger_account a ON a.id = p.account AND a.owner_kind = 'receiver'
JOIN ledger_transfer t ON t.id = p.transfer AND t.cause_kind = 'settlement_batch'
JOIN settlement_batch b ON b.id = t.cause_id AND b.payee_kind = 'merchant'
GROUP BY a.owner_id
"""
PAID_OUT = """
SELECT payee, sum(CASE state WHEN 'failed' THEN 0 WHEN 'returned' THEN bank_fee_amount
    ELSE amount END) FROM settlement_payout WHERE payee_kind <> 'merchant' GROUP BY payee
"""
IN_TRANSIT = """
SELECT a.organisation, a.balance, coalesce((
    SELECT sum(o.amount) FROM settlement_payout o WHERE o.organisation = a.organisation
      AND o.state IN ('created', 'submitted', 'unknown')), 0)
FROM ledger_account a WHERE a.owner_kind = 'organisation' AND a.kind = 'payout_in_transit'
"""
UNTOLD_TRANSIT = """
SELECT o.id, o.amount FROM settlement_payout o
LEFT JOIN ledger_transfer t ON t.organisation = o.organisation
  AND t.cause_kind = 'settlement_batch' AND t.cause_id = o.batch_id
WHERE t.id IS NULL
"""
WRONG_ITEM = """
SELECT i.transfer, i.amount, coalesce(p.amount, 0) FROM settlement_item i
LEFT JOIN ledger_account a ON a.organisation = i.organisation AND a.owner_kind = 'merchant'
  AND a.owner_id = i.merchant AND a.kind = 'payable' AND a.unit = 'CNY'
LEFT JOIN ledger_posting p ON p.transfer = i.transfer AND p.account = a.id
WHERE coalesce(p.amount, 0) <> i.amount
"""
DISPUTED = """
SELECT i.transfer, a.kind FROM settlement_item i
JOIN ledger_posting p ON p.transfer = i.transfer
JOIN ledger_account a ON a.id = p.account AND a.kind = 'disputed'
WHERE i.kind IN ('payment', 'refund')
"""
BATCH_SUMS = """
SELECT b.id, b.item_count, count(i.id), b.amount - b.discount_amount - b.fee_amount,
    coalesce(sum(i.amount - i.discount_amount - i.fee_amount), 0)
FROM settlement_batch b LEFT JOIN settlement_item i ON i.batch_id = b.id
WHERE b.payee_kind = 'merchant'
GROUP BY b.id, b.item_count, b.amount, b.discount_amount, b.fee_amount
HAVING b.item_count <> count(i.id) OR b.amount - b.discount_amount - b.fee_amount
    <> coalesce(sum(i.amount - i.discount_amount - i.fee_amount), 0)
"""
CARRIED_OVER = """
SELECT b.id, b.carried_in_amount, coalesce(e.carried_out_amount, 0) FROM settlement_batch b
LEFT JOIN settlement_batch e ON e.organisation = b.organisation AND e.payee_kind = b.payee_kind
  AND e.payee = b.payee AND e.due_on = (
    SELECT max(x.due_on) FROM settlement_batch x WHERE x.organisation = b.organisation
      AND x.payee_kind = b.payee_kind AND x.payee = b.payee AND x.due_on < b.due_on)
WHERE b.carried_in_amount <> coalesce(e.carried_out_amount, 0)
"""
PAYOUT_OF_BATCH = """
SELECT b.id, b.payout_amount, coalesce(o.amount, 0) FROM settlement_batch b
LEFT JOIN settlement_payout o ON o.batch_id = b.id WHERE b.payout_amount <> coalesce(o.amount, 0)
"""


def check(connection: Any) -> Iterator[Finding]:
    """Compare what settlement says with what the accounts hold."""
    owed = _sums(connection, UNSETTLED, UNPAID, CARRIED)
    yield from _differences(connection, PAYABLES, owed, "merchant's payable")
    owed = _sums(connection, SHARES, RECEIVED)
    for payee, amount in rows(connection, PAID_OUT):
        owed[sql.to_uuid(payee)] -= int(amount)
    yield from _differences(connection, OTHERS, owed, "agent's or receiver's account")
    for organisation, balance, unconfirmed in rows(connection, IN_TRANSIT):
        if balance != unconfirmed:
            text = f"payout in transit is {balance}, unconfirmed payouts are {unconfirmed}"
            yield Finding(RULE, text, str(organisation))
    for statement, text in (
        (UNTOLD_TRANSIT, "a payout of {} was never taken from its payee"),
        (WRONG_ITEM, "settled with {}, its posting on the payable is {}"),
        (DISPUTED, "a {} sale is settled"),
        (BATCH_SUMS, "a batch of {} items has {}; they come to {}, it says {}"),
        (CARRIED_OVER, "took over {}, the batch before it carried {}"),
        (PAYOUT_OF_BATCH, "a batch pays {}, its payout is {}"),
    ):
        yield from findings(connection, RULE, statement, text)


def _sums(connection: Any, *statements: str) -> Counter[UUID]:
    found: Counter[UUID] = Counter()
    for statement in statements:
        for owner, amount in rows(connection, statement):
            found[sql.to_uuid(owner)] += int(amount)
    return found


def _differences(
    connection: Any, statement: str, owed: Counter[UUID], what: str
) -> Iterator[Finding]:
    held = {sql.to_uuid(owner): balance for owner, balance in rows(connection, statement)}
    for owner in sorted({*held, *owed}):
        has, should = held.get(owner, 0), owed[owner]
        if has != should:
            yield Finding(RULE, f"a {what} is {has}, settlement says {should}", str(owner))
