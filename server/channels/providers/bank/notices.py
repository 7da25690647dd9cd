"""The bank's notices: JSON, signed with a time and a nonce; repeated until answered with 204."""

import json
from collections.abc import Mapping
from datetime import datetime

from server.channels.channel import Forged, Notice, QueryOutcome
from server.channels.providers.bank import signing
from server.channels.providers.bank.answers import refund_stands, stands
from server.channels.providers.bank.nonces import Nonces
from server.channels.providers.bank.wire import Wire


def read_notice(
    headers: Mapping[str, str], body: bytes, wire: Wire, nonces: Nonces, now: datetime
) -> Notice | Forged:
    """Verify and read a notice of a payment or a refund."""
    stamp = signing.read_stamp(headers)
    if stamp is None:
        return Forged("not signed")
    message = signing.notice_message(stamp.party, stamp.timestamp, stamp.nonce, body)
    if not wire.is_banks(stamp) or not signing.is_signed(
        wire.parties.bank_key, message, stamp.signature
    ):
        return Forged("the signature is wrong")
    if not signing.is_fresh(stamp.timestamp, now):
        return Forged("signed at another time")
    if not nonces.take(stamp.nonce, now):
        return Forged("seen before", is_replay=True)
    return _read(body, wire.parties.merchant)


def _read(body: bytes, merchant: str) -> Notice | Forged:
    try:
        said = json.loads(body)
    except ValueError:
        return Forged("not JSON")
    if not isinstance(said, dict) or said.get("merchant") != merchant:
        return Forged("for another merchant")
    names = ("id", "number", "state", "reference")
    texts = [said.get(name) for name in names]
    amount = said.get("amount")
    if not all(isinstance(text, str) for text in texts) or not isinstance(amount, int):
        return Forged("a field is missing")
    if said.get("currency") != "CNY" or isinstance(amount, bool) or amount <= 0:
        return Forged("no amount in yuan")
    id, number, state, reference = (str(text) for text in texts)
    refund, reason = str(said.get("refund_number") or ""), str(said.get("reason") or "")
    outcome: QueryOutcome = (
        refund_stands(state, reason, reference) if refund else stands(state, reason, reference)
    )
    return Notice(id, number, amount, outcome, refund)
