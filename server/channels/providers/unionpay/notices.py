"""UnionPay's notices: a signed form, repeated up to five times until it is answered with 200.

It carries neither a time of sending nor a nonce, so a repeat cannot be told from a replay: it has
the same `id`, and taken twice it changes nothing. What it says is held against our own order.
"""

from datetime import datetime
from typing import Protocol

from server.channels.channel import Forged, Notice
from server.channels.providers.unionpay.answers import ACCEPTED, int_of, pay_state, refund_state
from server.channels.providers.unionpay.signing import read_form


class Judge(Protocol):
    """Who says whether a message is UnionPay's."""

    def flaw(self, fields: dict[str, str], now: datetime) -> str | None:
        """Say what is wrong with a message, or None."""


def read_notice(body: bytes, judge: Judge, now: datetime) -> Notice | Forged:
    """Verify and read a notice of a payment or a refund."""
    try:
        fields = read_form(body)
    except ValueError:
        return Forged("not a form")
    wrong = judge.flaw(fields, now)
    if wrong is not None or "merId" not in fields:
        return Forged(wrong or "names no merchant")
    amount, currency = int_of(fields.get("txnAmt", "")), fields.get("currencyCode", "156")
    if amount == 0 or currency != "156" or not fields.get("orderId"):
        return Forged("no order, or no amount in yuan")
    code, reference = fields.get("respCode", ""), fields.get("queryId", "")
    # Code for code what a query would say
    asked = {"respCode": ACCEPTED, "origRespCode": code, "queryId": reference}
    id = f"{fields.get('txnType', '')}/{reference}/{code}"
    kind, order = fields.get("txnType"), fields["orderId"]
    if kind == "04":
        return Notice(id, fields.get("origOrderId", ""), amount, refund_state(asked), order)
    return Notice(id, order, amount, pay_state(asked)) if kind == "01" else Forged(f"a {kind}")
