"""WeChat Pay v3 as a `Channel`: one merchant account (or one sub-merchant of a service provider).

Every answer is matched with what was asked: a signed answer about another order, another merchant
or another amount is no answer to this question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar

from server.channels.channel import (
    Account,
    AwaitingPayer,
    Bill,
    BillKind,
    Charge,
    Created,
    CreateOutcome,
    Declined,
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
    Succeeded,
    Terms,
    Unknown,
    Way,
)
from server.channels.providers.wechat import answers, bills, notices, self_test, signing
from server.channels.providers.wechat.orders import (
    PATHS,
    Parties,
    charge_body,
    order_body,
    order_target,
    refund_body,
    refund_target,
)
from server.channels.providers.wechat.payers import Payers
from server.channels.providers.wechat.self_test import Identity
from server.channels.providers.wechat.wire import Answer, Lost, Wire

Said = TypeVar("Said")

TERMS: Final = Terms(
    query_delays=tuple(timedelta(seconds=s) for s in (2, 3, 5)),
    give_up_after=timedelta(seconds=45),
    reverse_after=timedelta(seconds=15),
    unseen_after=timedelta(seconds=60),
    reversal_window=timedelta(days=7),
    refund_window=timedelta(days=365),
    refunds_at_most=50,
    refund_gap=timedelta(minutes=1),
)
"""Documentation: after an unclear answer query from 5 s on, while a payer types every 5 s up to
45 s; reverse not before 15 s and within 7 days; refunds for 365 days, 50 an order, 1 min apart."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What an account is made of once its settings were read."""

    account: Account
    parties: Parties
    merchant: signing.Merchant
    api_key: bytes = field(repr=False)
    identity: Identity
    payers: Payers


class WechatChannel:
    """One account at WeChat Pay. Used from many threads."""

    terms = TERMS

    def __init__(self, opened: Opened, wire: Wire) -> None:
        self._opened = opened
        self._parties = opened.parties
        self._wire = wire
        self._nonces = notices.Nonces()

    @property
    def name(self) -> str:
        """The name that attempts keep."""
        return self._opened.account.name

    # --- taking money ---------------------------------------------------------------------

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        """Charge the payer's code (付款码支付)."""
        body = charge_body(self._parties, charge)
        heard = self._wire.post(f"{self._parties.base}/codepay", body, now)
        said = self._charged(heard, charge)
        self._wire.keep("pay", charge.number, heard, now, said)
        return said

    def create(self, order: PayeeOrder, now: datetime) -> CreateOutcome:
        """Open an order: the text of a code (Native), or what a page or app launches with."""
        if order.way is Way.PAGE and not order.payer:
            return Declined("channels.payer_needed")
        body = order_body(self._parties, order, self._opened.account.notice_url)
        heard = self._wire.post(f"{self._parties.base}/{PATHS[order.way]}", body, now)
        said = self._created(heard, order.way, now)
        # What launches a payment is for the payer alone: only what kind of answer it was is kept
        self._wire.keep("create", order.number, heard, now, type(said).__name__)
        return said

    def query(self, number: str, now: datetime) -> QueryOutcome:
        """Tell what became of an order by its number."""
        heard, said = self._look(number, now)
        self._wire.keep("query", number, heard, now, said)
        return said

    def reverse(self, number: str, now: datetime) -> ReverseOutcome:
        """Undo an order. WeChat has two ways, and one look tells which is right.

        A charged code is reversed (撤销), which gives the money back or closes the order. An order
        opened for somebody to pay is closed; once paid it cannot be undone, only refunded. Of an
        unpaid one WeChat does not say which it is: closing is tried first, since it harms neither.
        """
        heard, seen = self._look(number, now)
        self._wire.keep("query", number, heard, now, seen)
        match seen:
            case Reversed():
                return seen
            case Succeeded() if not _is_code_pay(heard):
                return Declined("channels.not_reversible")
            case AwaitingPayer() if _state(heard) == "NOTPAY":
                closed = self._close(number, now)
                if isinstance(closed, Reversed):
                    return closed
        return self._revoke(number, now)

    # --- who pays on a page ---------------------------------------------------------------

    def sign_in_url(self, return_url: str) -> str:
        """Where WeChat is sent to say who holds the phone; "" without an AppSecret."""
        return self._opened.payers.sign_in_url(return_url)

    def payer_of(self, code: str) -> str:
        """The openid of who came back with `code`."""
        return self._opened.payers.payer_of(code, self._wire.client())

    # --- giving back ----------------------------------------------------------------------

    def refund(
        self, number: str, refund_number: str, amount: int, total_amount: int, now: datetime
    ) -> RefundOutcome:
        """Ask for a refund. Accepted is not done: that is `Unknown` until a query says so."""
        notice_url = self._opened.account.notice_url
        body = refund_body(self._parties, number, refund_number, amount, total_amount, notice_url)
        heard = self._wire.post("/v3/refund/domestic/refunds", body, now)
        said = self._refunded(heard, answers.REFUND, number, refund_number, amount)
        self._wire.keep("refund", refund_number, heard, now, said)
        return said

    def query_refund(self, number: str, refund_number: str, now: datetime) -> RefundQueryOutcome:
        """Tell what became of a refund."""
        heard = self._wire.get(refund_target(self._parties, refund_number), now)
        said = self._refunded(heard, answers.QUERY_REFUND, number, refund_number, None)
        self._wire.keep("query_refund", refund_number, heard, now, said)
        return said

    # --- bills, notices, self-test --------------------------------------------------------

    def bill(self, kind: BillKind, on: date, now: datetime) -> Bill | NoBill:
        """Fetch the trade or fund-flow bill of one day."""
        return bills.fetch(self._wire, self._parties, kind, on, now)

    def read_notice(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Notice | Forged:
        """Verify and read a notice; header names are lower case."""
        wrong = self._wire.verdict(headers, body, now)
        if wrong is not None:
            return Forged(wrong.why)
        if not self._nonces.is_new(headers.get("wechatpay-nonce", ""), now):
            return Forged("replayed", is_replay=True)
        return notices.read(self._parties, self._opened.api_key, body)

    def answer_notice(self, *, is_taken: bool) -> NoticeAnswer:
        """204 ends WeChat's repeats; 500 asks for another one."""
        return notices.TAKEN if is_taken else notices.REFUSED

    def self_test(self, now: datetime) -> Sequence[Finding]:
        """Say which key, certificate, number or clock is wrong, if any."""
        opened = self._opened
        return self_test.run(self._wire, opened.merchant, opened.api_key, opened.identity, now)

    # --- reading answers ------------------------------------------------------------------

    def _charged(self, heard: Answer | Lost, charge: Charge) -> PayOutcome:
        if isinstance(heard, Lost):
            return answers.lost(heard) if heard.was_sent else Declined("channels.unreachable")
        if "trade_state" not in heard.data:
            return answers.PAY.get(heard.code) or answers.strange(heard)
        wrong = self._mismatch(heard.data, charge.number, charge.amount)
        if wrong is not None:
            return wrong
        said = answers.by_state(heard.data)
        # A charge is not asked to undo anything: closed under our feet is for a query to tell
        return Unknown("closed already") if isinstance(said, Reversed | NotFound) else said

    def _created(self, heard: Answer | Lost, way: Way, now: datetime) -> CreateOutcome:
        if isinstance(heard, Lost):
            return answers.lost(heard) if heard.was_sent else Declined("channels.unreachable")
        code_text, prepay_id = heard.data.get("code_url"), heard.data.get("prepay_id")
        if heard.status == 200 and way is Way.SCAN and isinstance(code_text, str):
            return Created(code_text=code_text)
        if heard.status == 200 and way is not Way.SCAN and isinstance(prepay_id, str):
            return Created(launch=self._launch(way, prepay_id, now))
        return answers.CREATE.get(heard.code) or answers.strange(heard)

    def _launch(self, way: Way, prepay_id: str, now: datetime) -> Mapping[str, str]:
        """What the page (`WeixinJSBridge`, `wx.requestPayment`) or the app's SDK is given."""
        key, stamp, nonce = self._opened.merchant.key, int(now.timestamp()), self._wire.nonce()
        appid = self._parties.sub_appid or self._parties.appid
        if way is Way.APP:
            return {
                "appid": appid,
                "partnerid": self._parties.sub_mchid or self._parties.mchid,
                "prepayid": prepay_id,
                "package": "Sign=WXPay",
                "noncestr": nonce,
                "timestamp": str(stamp),
                "sign": signing.launch_signature(key, appid, stamp, nonce, prepay_id),
            }
        package = f"prepay_id={prepay_id}"
        return {
            "appId": appid,
            "timeStamp": str(stamp),
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": signing.launch_signature(key, appid, stamp, nonce, package),
        }

    def _look(self, number: str, now: datetime) -> tuple[Answer | Lost, QueryOutcome]:
        heard = self._wire.get(order_target(self._parties, number), now)
        if isinstance(heard, Lost):
            return heard, answers.lost(heard)
        if "trade_state" not in heard.data:
            return heard, answers.QUERY.get(heard.code) or answers.strange(heard)
        wrong = self._mismatch(heard.data, number, None)
        return heard, wrong or answers.by_state(heard.data)

    def _close(self, number: str, now: datetime) -> ReverseOutcome:
        target = order_target(self._parties, number, "close")
        heard = self._wire.post(target, self._parties.names(with_app=False), now)
        said = _undone(heard, answers.CLOSE, 204)
        self._wire.keep("close", number, heard, now, said)
        return said

    def _revoke(self, number: str, now: datetime) -> ReverseOutcome:
        target = order_target(self._parties, number, "reverse")
        heard = self._wire.post(target, self._parties.names(), now)
        said = _undone(heard, answers.REVERSE, 200)
        self._wire.keep("reverse", number, heard, now, said)
        return said

    def _refunded(
        self,
        heard: Answer | Lost,
        table: Mapping[str, Said],
        number: str,
        refund_number: str,
        amount: int | None,
    ) -> Said | RefundOutcome:
        if isinstance(heard, Lost):
            return answers.lost(heard)
        if "status" not in heard.data:
            return table.get(heard.code) or answers.strange(heard)
        wanted = {"out_trade_no": number, "out_refund_no": refund_number}
        if any(heard.data.get(name) != value for name, value in wanted.items()):
            return Unknown("answered about another refund", is_alert=True)
        if amount is not None and _amount(heard.data, "refund") != amount:
            return Unknown("refunds another amount", is_alert=True)
        return answers.of_refund(heard.data)

    def _mismatch(
        self, transaction: Mapping[str, Any], number: str, amount: int | None
    ) -> Unknown | None:
        if transaction.get("out_trade_no") != number or not self._parties.are_meant(transaction):
            return Unknown("answered about another order", is_alert=True)
        told = _amount(transaction, "total")
        if amount is not None and told is not None and told != amount:
            return Unknown("charged another amount", is_alert=True)
        if amount is not None and told is None and transaction.get("trade_state") == "SUCCESS":
            return Unknown("does not say how much was charged", is_alert=True)
        return None


def _undone(heard: Answer | Lost, table: Mapping[str, ReverseOutcome], done: int) -> ReverseOutcome:
    """`took_money` is not told by this answer: the query that confirms it says so."""
    if isinstance(heard, Lost):
        return answers.lost(heard)
    if heard.status == done:
        return Reversed(took_money=False)
    return table.get(heard.code) or answers.strange(heard)


def _amount(said: Mapping[str, Any], name: str) -> int | None:
    """Return an amount in fen; None when there is none, or not in yuan's own unit."""
    amount = said.get("amount")
    if not isinstance(amount, dict) or amount.get("currency", "CNY") != "CNY":
        return None
    value = amount.get(name)
    return value if type(value) is int else None


def _state(heard: Answer | Lost) -> str:
    return str(heard.data.get("trade_state", "")) if isinstance(heard, Answer) else ""


def _is_code_pay(heard: Answer | Lost) -> bool:
    return isinstance(heard, Answer) and heard.data.get("trade_type") == answers.CODE_PAY
