"""Rule 8: a channel owes what its payments took and did not give back, the open items of its bill;
a merchant is owed the net of its payments, disputed ones apart.

What settlement and reconciliation have taken of it are rule 8's other halves, `r08_settlement` and
`r08_bills`.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from server import sql
from server.audit.findings import Finding
from server.audit.query import rows
from server.channels.channel import channel_owner_id
from server.payments.legs import Leg, read_legs

RULE = "r08_receivables"

RETURNED = """
SELECT p.id, p.organisation, p.merchant, p.channel, p.tender, p.state, p.merchant_side,
       CASE p.state WHEN 'reversed' THEN p.refunded_amount ELSE p.total_amount END,
       coalesce(sum(CASE WHEN r.tender = 'cash' THEN r.posted_amount END), 0),
       coalesce(sum(CASE WHEN r.tender <> 'cash' THEN r.posted_amount END), 0)
FROM payments_payment p
LEFT JOIN payments_refund r ON r.payment = p.id AND r.reason <> 'late_success'
WHERE p.merchant_side <> '' AND p.state IN ('succeeded', 'reversing', 'reversed')
GROUP BY p.id, p.organisation, p.merchant, p.channel, p.tender, p.state, p.merchant_side,
         p.total_amount, p.refunded_amount
"""
BANKS = """
SELECT p.organisation, p.channel, p.state, p.legs FROM payments_payment p
WHERE p.tender = 'wallet' AND p.channel <> '' AND p.merchant_side <> ''
  AND p.state IN ('succeeded', 'reversing', 'reversed')
"""
BANK_REFUNDS = """
SELECT p.organisation, p.channel, r.legs FROM payments_refund r
JOIN payments_payment p ON p.id = r.payment AND p.tender = 'wallet' AND p.channel <> ''
WHERE r.state = 'succeeded' AND r.tender = 'wallet'
"""
LATE = """
SELECT p.organisation, p.channel, r.amount FROM payments_refund r
JOIN payments_payment p ON p.id = r.payment
WHERE r.reason = 'late_success' AND r.state <> 'succeeded'
"""
RECEIVABLES = """
SELECT a.organisation, a.owner_id, coalesce(c.amount, 0) - a.balance FROM ledger_account a
LEFT JOIN (
  SELECT p.account, sum(p.amount) AS amount FROM ledger_posting p
  JOIN ledger_transfer t ON t.id = p.transfer AND t.cause_kind IN ('clearing', 'clearing_line')
  GROUP BY p.account
) c ON c.account = a.id
WHERE a.owner_kind = 'channel' AND a.kind = 'receivable'
"""
OWED = """
SELECT a.organisation, a.owner_id, a.kind, sum(p.amount) FROM ledger_posting p
JOIN ledger_account a ON a.id = p.account AND a.owner_kind = 'merchant'
  AND a.kind IN ('payable', 'disputed', 'cash_takings')
JOIN ledger_transfer t ON t.id = p.transfer AND t.cause_kind IN ('payment', 'refund')
GROUP BY a.organisation, a.owner_id, a.kind
"""
Place = tuple[Any, ...]


def check(connection: Any) -> Iterator[Finding]:
    """Compare what the payments say with what the accounts hold."""
    merchants, channels = _expected(connection)
    owed = {
        (sql.to_uuid(organisation), sql.to_uuid(merchant), kind): amount
        for organisation, merchant, kind, amount in rows(connection, OWED)
    }
    yield from _differences(owed, merchants, "merchant")
    receivables = {
        (sql.to_uuid(organisation), sql.to_uuid(owner)): amount
        for organisation, owner, amount in rows(connection, RECEIVABLES)
    }
    yield from _differences(receivables, channels, "channel")


def _expected(connection: Any) -> tuple[Counter[Place], Counter[Place]]:
    merchants: Counter[Place] = Counter()
    channels: Counter[Place] = Counter()
    for _, org, merchant, channel, tender, _, side, total, cash, own in rows(connection, RETURNED):
        organisation, owner = sql.to_uuid(org), sql.to_uuid(merchant)
        # A reversal gives back what refunds have left; what they gave in cash the merchant is owed
        kept = total - own
        merchants[organisation, owner, "cash_takings"] -= cash
        merchants[organisation, owner, side] += kept
        if tender == "channel" and side == "payable":
            channels[_channel(organisation, channel)] += kept
    for org, channel, amount in rows(connection, LATE):
        channels[_channel(sql.to_uuid(org), channel)] += amount
    _add_banks(connection, channels)
    return merchants, channels


def _add_banks(connection: Any, channels: Counter[Place]) -> None:
    """Of a wallet's payment a channel owes what its legs say that the payer's bank gave."""
    for org, channel, state, legs in rows(connection, BANKS):
        kept = sum(
            leg.refunded_amount if state == "reversed" else leg.amount for leg in _of_channel(legs)
        )
        channels[_channel(sql.to_uuid(org), channel)] += kept
    for org, channel, legs in rows(connection, BANK_REFUNDS):
        back = sum(leg.amount for leg in _of_channel(legs))
        channels[_channel(sql.to_uuid(org), channel)] -= back


def _of_channel(legs: Any) -> list[Leg]:
    return [leg for leg in read_legs(sql.from_json(legs)) if leg.is_of_channel]


def _channel(organisation_id: UUID, name: str) -> Place:
    return organisation_id, channel_owner_id(organisation_id, name)


def _differences(held: dict[Place, int], expected: Counter[Place], what: str) -> Iterator[Finding]:
    for place in sorted({*held, *expected}, key=str):
        has, should = held.get(place, 0), expected[place]
        if has != should:
            kind = f" {place[2]}" if len(place) > 2 else " receivable"
            yield Finding(
                RULE, f"a {what}'s{kind} is {has}, its payments say {should}", str(place[1])
            )
