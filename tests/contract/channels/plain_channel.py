"""The channel to the made-up provider of `plain_peer`: the port's rules in the fewest lines."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from server.channels.channel import (
    Account,
    AwaitingPayer,
    Bill,
    BillItem,
    BillKind,
    Charge,
    Created,
    CreateOutcome,
    Debit,
    Declined,
    FieldKind,
    Finding,
    Forged,
    NoBill,
    NotFound,
    Notice,
    NoticeAnswer,
    PayeeOrder,
    PayOutcome,
    QueryOutcome,
    RefundOutcome,
    RefundQueryOutcome,
    Reversed,
    ReverseOutcome,
    Sent,
    Setting,
    Succeeded,
    Terms,
    Tools,
    Unknown,
    Way,
)
from server.sandbox.keys import KeyPair, is_signed
from tests.contract.channels.plain_peer import signed

Said = Mapping[str, Any]
_TIMEOUT = httpx.Timeout(connect=1, read=5, write=1, pool=1)
_WINDOW_S = 300
REFUSALS: Mapping[str, Declined] = {
    "code_used": Declined("channels.code_used"),
    "different": Declined("channels.number_used"),
    "paying": Declined("channels.still_paying"),
    "has_refunds": Declined("channels.not_reversible"),
    "not_open": Declined("channels.not_reversible"),
    "not_paid": Declined("refunds.nothing_paid"),
    "no_order": Declined("refunds.nothing_paid"),
    "beyond": Declined("refunds.exceeds_paid"),
    "no_mandate": Declined("channels.mandate_ended"),
}


class PlainChannel:
    terms = Terms()

    def __init__(self, account: Account, tools: Tools) -> None:
        self.name = account.name
        self._account = account
        self._tools = tools
        key = load_pem_private_key(account.secrets["private_key"].encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self._key = KeyPair(key)
        public = load_pem_public_key(account.settings["provider_key"].encode())
        assert isinstance(public, rsa.RSAPublicKey)
        self._public = public
        self._nonces: set[str] = set()

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        said = self._ask(
            "pay", charge.number, now,
            number=charge.number, amount=charge.amount, code=charge.auth_code,
        )  # fmt: skip
        return said if isinstance(said, Unknown | Declined) else _paid(said)

    def create(self, order: PayeeOrder, now: datetime) -> CreateOutcome:
        said = self._ask(
            "create", order.number, now, number=order.number, amount=order.amount,
            way=order.way, expires_at=order.expires_at.isoformat(),
            notice_url=self._account.notice_url,
        )  # fmt: skip
        if isinstance(said, Unknown | Declined):
            return said
        return Created(said["code_text"]) if "code_text" in said else _refusal(said)

    def query(self, number: str, now: datetime) -> QueryOutcome:
        said = self._ask("query", number, now, number=number)
        if isinstance(said, Unknown | Declined):
            return Unknown("unreachable") if isinstance(said, Declined) else said
        return NotFound() if said.get("code") == "no_order" else _order(said)

    def reverse(self, number: str, now: datetime) -> ReverseOutcome:
        said = self._ask("reverse", number, now, number=number)
        if isinstance(said, Unknown | Declined):
            return Unknown("unreachable") if isinstance(said, Declined) else said
        order = _order(said)
        return order if isinstance(order, Reversed | Declined) else Unknown(str(order))

    def refund(
        self, number: str, refund_number: str, amount: int, total_amount: int, now: datetime
    ) -> RefundOutcome:
        said = self._ask(
            "refund", refund_number, now, number=number, refund_number=refund_number,
            amount=amount, notice_url=self._account.notice_url,
        )  # fmt: skip
        return Unknown("unreachable") if isinstance(said, Declined) else _refund(said)

    def query_refund(self, number: str, refund_number: str, now: datetime) -> RefundQueryOutcome:
        said = self._ask("query_refund", refund_number, now, refund_number=refund_number)
        if isinstance(said, Declined):
            return Unknown("unreachable")
        if not isinstance(said, Unknown) and said.get("code") == "no_order":
            return NotFound()
        return _refund(said)

    def sign(self, mandate: str, payer: Mapping[str, str], now: datetime) -> PayOutcome:
        said = self._ask("sign", mandate, now, mandate=mandate, payer=payer["account"])
        return _mandate(said, AwaitingPayer())

    def debit(self, debit: Debit, now: datetime) -> PayOutcome:
        said = self._ask(
            "debit", debit.number, now,
            number=debit.number, amount=debit.amount, mandate=debit.mandate,
        )  # fmt: skip
        return said if isinstance(said, Unknown | Declined) else _paid(said)

    def cancel_mandate(self, mandate: str, now: datetime) -> PayOutcome:
        return _mandate(self._ask("cancel_mandate", mandate, now, mandate=mandate), Succeeded())

    def bill(self, kind: BillKind, on: date, now: datetime) -> Bill | NoBill:
        said = self._ask("bill", str(on), now, on=str(on))
        if isinstance(said, Unknown | Declined):
            return NoBill("bills.unavailable")
        if "lines" not in said:
            return NoBill(f"bills.{said.get('code')}")
        if len(said["lines"]) != said["count"]:
            return NoBill("bills.damaged")
        return Bill(kind, on, [_item(line) for line in said["lines"]], b"")

    def read_notice(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Notice | Forged:
        wrong = self._wrong(headers, body, now)
        if wrong:
            return Forged(wrong)
        if headers["plain-nonce"] in self._nonces:
            return Forged("seen before")
        self._nonces.add(headers["plain-nonce"])
        told = json.loads(body)
        if told["merchant"] != self._account.settings["merchant"]:
            return Forged("for somebody else")
        said = Declined("refunds.failed") if told["state"] == "failed" else Succeeded()
        return Notice(told["id"], told["number"], told["amount"], said, told["refund_number"])

    def answer_notice(self, *, is_taken: bool) -> NoticeAnswer:
        return NoticeAnswer(200 if is_taken else 500, b"", "text/plain")

    def self_test(self, now: datetime) -> Sequence[Finding]:
        said = self._ask("query", "self-test", now, number="self-test")
        is_known = not isinstance(said, Unknown | Declined) and said.get("code") == "no_order"
        refused = isinstance(said, Unknown) and said.why == "bad_signature"
        return [
            Finding("private_key", not refused),
            Finding("provider_key", is_known or refused),
        ]

    def _ask(
        self, operation: str, about: str, now: datetime, /, **asked: Any
    ) -> Said | Unknown | Declined:
        body = json.dumps(asked).encode()
        nonce = self._tools.random(16).hex()
        signature = base64.b64encode(self._key.sign(signed(now, nonce, body))).decode()
        headers = {
            "Plain-Time": str(int(now.timestamp())),
            "Plain-Nonce": nonce,
            "Plain-Signature": signature,
        }
        url = f"{self._account.host}/{operation}"
        try:
            answer = self._tools.http().post(url, content=body, headers=headers, timeout=_TIMEOUT)
        except httpx.ConnectError:
            return Declined("channels.unreachable")
        except httpx.HTTPError as error:
            return Unknown(type(error).__name__)
        sent = Sent(operation, about, now, answer.status_code, answer.content)
        self._tools.keep(self._account, sent)
        return self._heard(answer, now)

    def _heard(self, answer: httpx.Response, now: datetime) -> Said | Unknown | Declined:
        wrong = self._wrong(answer.headers, answer.content, now)
        if wrong:
            return Unknown(wrong, is_alert=True)
        said: dict[str, Any] = json.loads(answer.content)
        code = said.get("code", "")
        if code in ("too_often", "system_error", "bad_signature"):
            return Unknown(code)
        return said

    def _wrong(self, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
        time = float(headers.get("plain-time", "0"))
        message = signed(datetime.fromtimestamp(time, UTC), headers.get("plain-nonce", ""), body)
        signature = base64.b64decode(headers.get("plain-signature", ""))
        if not is_signed(self._public, message, signature):
            return "not signed by the provider"
        return "" if abs(now.timestamp() - time) <= _WINDOW_S else "too old"


class PlainProvider:
    kind = "plain"
    settings = (
        Setting("merchant"),
        Setting("provider_key", FieldKind.PUBLIC_KEY),
        Setting("private_key", FieldKind.PRIVATE_KEY, is_secret=True),
    )
    ways = frozenset(Way)
    code_kinds = frozenset({"wechat"})
    production_host = ""

    def open(self, account: Account, tools: Tools) -> PlainChannel:
        return PlainChannel(account, tools)


def _refusal(said: Said) -> Declined | Unknown:
    code = str(said.get("code", ""))
    return REFUSALS.get(code) or Unknown(code, is_alert=True)


def _paid(said: Said) -> PayOutcome:
    order = _order(said)
    return Declined("channels.closed") if isinstance(order, Reversed) else order


def _order(said: Said) -> PayOutcome | Reversed:
    match said.get("state"):
        case "paid":
            return Succeeded(said["reference"])
        case "paying" | "open":
            return AwaitingPayer()
        case "declined":
            return Declined("channels.insufficient_funds")
        case "closed" | "reversed":
            return Reversed(said["took_money"])
        case _:
            return _refusal(said)


def _refund(said: Said | Unknown) -> RefundOutcome:
    if isinstance(said, Unknown):
        return said
    match said.get("state"):
        case "succeeded":
            return Succeeded(said["reference"])
        case "processing":
            return Unknown("processing")
        case "failed":
            return Declined("refunds.channel_payer_gone")
        case _:
            return _refusal(said)


def _mandate(said: Said | Unknown | Declined, otherwise: PayOutcome) -> PayOutcome:
    if isinstance(said, Unknown | Declined):
        return said
    states = {"active": Succeeded(), "asked": otherwise, "ended": otherwise}
    return states.get(str(said.get("state"))) or _refusal(said)


def _item(line: Said) -> BillItem:
    at = datetime.fromtimestamp(line["at"], UTC)
    return BillItem(
        line["number"],
        line["reference"],
        line["amount"],
        0,
        line["kind"],
        at,
        line["refund_number"],
    )


PROVIDER = PlainProvider()


class _Believer(PlainChannel):
    """A broken twin: takes whatever is not success for failure, as some counters did."""

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        said = super().pay(charge, now)
        return Declined("no") if isinstance(said, Unknown) else said


class _Guesser(PlainChannel):
    """A broken twin: takes an order that nobody can tell of for a reversed one."""

    def query(self, number: str, now: datetime) -> QueryOutcome:
        said = super().query(number, now)
        return Reversed(took_money=False) if isinstance(said, Unknown) else said


class _Shrugger(PlainChannel):
    """A broken twin: never learns anything."""

    def query(self, number: str, now: datetime) -> QueryOutcome:
        return Unknown()


class _Optimist(PlainChannel):
    """A broken twin: takes a typing payer for one who has paid."""

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        said = super().pay(charge, now)
        return Succeeded() if isinstance(said, AwaitingPayer) else said


BROKEN_TWINS = (_Believer, _Guesser, _Shrugger, _Optimist)
"""Channels that must not pass: a suite that lets one through checks nothing."""
