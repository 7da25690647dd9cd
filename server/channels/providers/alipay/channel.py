"""One account at Alipay, by its OpenAPI gateway: the port `server.channels.channel`.

A trade exists for Alipay only when a payer has come to it: a code to show that nobody has scanned,
and an app's order that nobody has opened, are `NotFound`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlencode

from server.channels.channel import (
    Account,
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
    ReverseOutcome,
    Terms,
    Tools,
    Unknown,
    Way,
)
from server.channels.providers.alipay import answers, bills, notices, orders
from server.channels.providers.alipay.keys import Keys
from server.channels.providers.alipay.self_test import self_test
from server.channels.providers.alipay.wire import Answer, Lost, Wire

Said = TypeVar("Said")
TERMS: Final = Terms(
    query_delays=tuple(timedelta(seconds=s) for s in (3, 3, 4, 5)),
    give_up_after=timedelta(seconds=60),
    reverse_after=timedelta(0),
    unseen_after=timedelta(seconds=60),
    reversal_window=timedelta(hours=24),
    refund_window=timedelta(days=90),
    refund_gap=timedelta(seconds=3),
)
"""Queries every 3–5 s for a minute, then cancelled at once, within 24 h (payments.md §8.4)."""


class AlipayChannel:
    """May be used from many threads."""

    def __init__(self, account: Account, tools: Tools, keys: Keys) -> None:
        self._name = account.name
        self._seller_id = account.settings["seller_id"].strip()
        self._wire = Wire(account, tools, keys)
        self._seen = notices.Seen()

    @property
    def name(self) -> str:
        """The name under which accounts and attempts are kept."""
        return self._name

    @property
    def terms(self) -> Terms:
        """Alipay's schedule for payments face to face."""
        return TERMS

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        """Charge the payer's code."""
        heard = self._wire.call("alipay.trade.pay", orders.charge(charge), now, notify=True)
        said = answers.of_pay(heard, charge.number, charge.amount)
        return self._kept("pay", charge.number, heard, now, said)

    def create(self, order: PayeeOrder, now: datetime) -> CreateOutcome:
        """Open an order: a code to show, a trade for the JS bridge, or an app's order text."""
        if order.way is Way.APP and not order.payer:
            params = self._wire.signed("alipay.trade.app.pay", orders.app(order), now, notify=True)
            return Created(launch={"orderString": urlencode(params)})
        if order.way is Way.SCAN:
            method, content = "alipay.trade.precreate", orders.code_to_show(order, now)
        elif order.payer:
            method, content = "alipay.trade.create", orders.page(order, self._wire.app_id)
        else:
            return Declined("channels.payer_needed")
        heard = self._wire.call(method, content, now, notify=True)
        return self._kept("create", order.number, heard, now, _opened(heard, order))

    def query(self, number: str, now: datetime) -> QueryOutcome:
        """Tell what became of `number`."""
        heard = self._call("query", number, now)
        return self._kept("query", number, heard, now, answers.of_query(heard, number))

    def reverse(self, number: str, now: datetime) -> ReverseOutcome:
        """Cancel; a trade of a product that knows no cancelling is closed, which needs no money."""
        heard = self._call("cancel", number, now)
        if isinstance(heard, Answer) and heard.sub_code == "ACQ.CANCEL_NOT_ALLOWED":
            self._kept("cancel", number, heard, now, Declined(heard.sub_code))
            heard = self._call("close", number, now)
            return self._kept("close", number, heard, now, answers.of_close(heard, number))
        return self._kept("cancel", number, heard, now, answers.of_cancel(heard, number))

    def refund(
        self, number: str, refund_number: str, amount: int, total_amount: int, now: datetime
    ) -> RefundOutcome:
        """Give back part of a charge. That it was taken says little: the money must have moved."""
        content = orders.refund(number, refund_number, amount)
        heard = self._wire.call("alipay.trade.refund", content, now)
        said = answers.of_refund(heard, number)
        if said is not None:
            return self._kept("refund", refund_number, heard, now, said)
        self._kept("refund", refund_number, heard, now, Unknown("taken, no money moved"))
        present = self.query_refund(number, refund_number, now)
        return Unknown("taken, not done") if isinstance(present, NotFound) else present

    def query_refund(self, number: str, refund_number: str, now: datetime) -> RefundQueryOutcome:
        """Tell what became of a refund."""
        content = {"out_trade_no": number, "out_request_no": refund_number}
        heard = self._wire.call("alipay.trade.fastpay.refund.query", content, now)
        said = answers.of_query_refund(heard, number, refund_number)
        return self._kept("query_refund", refund_number, heard, now, said)

    def bill(self, kind: BillKind, on: date, now: datetime) -> Bill | NoBill:
        """Fetch the statement of one day (UTC+8)."""
        return bills.fetch(self._wire, kind, on, now)

    def read_notice(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Notice | Forged:
        """Verify and read what came to our notice address."""
        return notices.read(self._wire, self._seller_id, self._seen, body, now)

    def answer_notice(self, *, is_taken: bool) -> NoticeAnswer:
        """The seven characters that end the repeats (4, 10, 10 min, 1, 2, 6, 15 h)."""
        return notices.TAKEN if is_taken else notices.REFUSED

    def self_test(self, now: datetime) -> Sequence[Finding]:
        """Say which key or certificate is wrong, if any."""
        return self_test(self._wire, self._seller_id, now)

    def _call(self, action: str, number: str, now: datetime) -> Answer | Lost:
        return self._wire.call(f"alipay.trade.{action}", {"out_trade_no": number}, now)

    def _kept(
        self, operation: str, number: str, heard: Answer | Lost, now: datetime, said: Said
    ) -> Said:
        self._wire.keep(operation, number, heard, now, said)
        return said


def _opened(heard: Answer | Lost, order: PayeeOrder) -> CreateOutcome:
    refused = answers.of_create(heard)
    if refused is not None or isinstance(heard, Lost):
        return refused or Unknown("no answer")
    if heard.text("out_trade_no") not in ("", order.number):
        return Unknown("the answer is about another order", is_alert=True)
    code_text, trade_no = heard.text("qr_code"), heard.text("trade_no")
    if not (code_text if order.way is Way.SCAN else trade_no):
        return Unknown("an order without its code", is_alert=True)
    # `tradeNO` is what `AlipayJSBridge.call("tradePay", …)` and `my.tradePay` take
    return Created(code_text, {"tradeNO": trade_no} if trade_no else {})
