"""UnionPay as a channel: a payer's 62 code, a code to scan, an app's order; reversal and refunds.

Rules
- 00 to a request is only "accepted": a payment, refund or reversal counts when a query says so.
- A number goes out under the time of its first sending for ever (`diary.py`), which is also what
  a repeated request is recognised by.
- A payment is undone by 冲正 (99/01), which the gateway takes within the clearing day, 23:00 to
  23:00 in Beijing; later it refuses, and the payment is refunded.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from domain.emvco import CURRENCY_CNY, Malformed, parse
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
    Terms,
    Tools,
    Unknown,
    Way,
)
from server.channels.providers.unionpay import answers, bills, notices, self_test, wire
from server.channels.providers.unionpay.diary import Times, written
from server.channels.providers.unionpay.signing import Signer, Trust
from server.channels.providers.unionpay.wire import Lost, Wire

TERMS: Final = Terms(
    # 2 to the n seconds, six times (二维码支付产品接口规范 5.5.1)
    query_delays=tuple(timedelta(seconds=s) for s in (1, 2, 4, 8, 16, 32)),
    give_up_after=timedelta(seconds=60),
    reverse_after=timedelta(seconds=15),
    # A code that nobody scanned yet is not found either, so not before it has expired
    unseen_after=timedelta(minutes=5),
    reversal_window=timedelta(hours=24),
    refund_window=timedelta(days=30),
)
_NOT_DATED: Final = Unknown("nobody remembers when this number was sent", is_alert=True)


class UnionPayChannel:
    """One merchant at the gateway."""

    def __init__(self, account: Account, tools: Tools, signer: Signer, trust: Trust) -> None:
        self._account = account
        self._wire = Wire(account, tools, signer, trust)
        self._times = Times(account, tools)
        self._signer, self._trust = signer, trust

    @property
    def name(self) -> str:
        """The name under which accounts and attempts are kept."""
        return self._account.name

    @property
    def terms(self) -> Terms:
        """The gateway's schedule and limits."""
        return TERMS

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        """Charge a payer's code (01/06), and ask at once what became of it."""
        sent_at = self._times.first(charge.number, now)
        if not sent_at:
            return Declined("channels.unavailable")
        fields = {
            **self._order(charge.number, charge.amount, sent_at),
            "txnSubType": "06",
            "qrNo": charge.auth_code,
            "termId": charge.device[-8:] or "00000001",
        }
        said = self._wire.ask("pay", wire.BACK, charge.number, fields, now)
        if isinstance(said, Lost):
            return _lost(said)
        refused = answers.refusal(said.code)
        if refused is not None:
            return refused
        present = self._look(charge.number, now, charge.amount)
        if isinstance(present, (Reversed, NotFound)):
            return AwaitingPayer()
        return present

    def create(self, order: PayeeOrder, now: datetime) -> CreateOutcome:
        """Apply for a code to scan (01/07), or for an app's order number (01/01)."""
        if order.way is Way.PAGE:
            return Declined("channels.misconfigured")
        sent_at = self._times.first(order.number, now)
        if not sent_at:
            return Declined("channels.unavailable")
        is_app = order.way is Way.APP
        fields = {
            **self._order(order.number, order.amount, sent_at),
            "payTimeout": written(order.expires_at),
            **({"txnSubType": "01", "bizType": "000201"} if is_app else {"txnSubType": "07"}),
        }
        path = wire.APP if is_app else wire.BACK
        said = self._wire.ask("create", path, order.number, fields, now)
        if isinstance(said, Lost):
            lost = _lost(said)
            return lost if isinstance(lost, Declined) else Unknown(said.why, said.is_alert)
        if said.code != answers.ACCEPTED:
            refused = answers.refusal(said.code)
            return refused if isinstance(refused, Declined) else Unknown(said.code, is_alert=True)
        return _created(order, said.fields)

    def query(self, number: str, now: datetime) -> QueryOutcome:
        """Tell what became of a number."""
        return self._look(number, now)

    def reverse(self, number: str, now: datetime) -> ReverseOutcome:
        """Undo a payment of today (99/01), or close an order that nobody paid."""
        sent_at = self._times.of(number)
        if not sent_at:
            return _NOT_DATED
        fields = {
            "txnType": "99",
            "txnSubType": "01",
            "channelType": "08",
            "orderId": number,
            "txnTime": sent_at,
        }
        said = self._wire.ask("reverse", wire.BACK, number, fields, now)
        if isinstance(said, Lost):
            return _unknown(said)
        refused = answers.refusal_to_reverse(said.code)
        if refused is not None:
            return refused
        present = self.query(number, now)
        return present if isinstance(present, Reversed) else Unknown("reversal is under way")

    def refund(
        self, number: str, refund_number: str, amount: int, total_amount: int, now: datetime
    ) -> RefundOutcome:
        """Give back (04/00), and ask at once whether it is done."""
        paid_at = self._times.of(number)
        sent_at = self._times.first(refund_number, now) if paid_at else ""
        if not sent_at:
            return _NOT_DATED
        fields = {
            "txnType": "04",
            "txnSubType": "00",
            "channelType": "08",
            "backUrl": self._account.notice_url,
            "orderId": refund_number,
            "txnTime": sent_at,
            "txnAmt": str(amount),
            "origOrderId": number,
            "origTxnTime": paid_at,
        }
        said = self._wire.ask("refund", wire.BACK, refund_number, fields, now)
        if isinstance(said, Lost):
            return _unknown(said)
        refused = answers.refund_refusal(said.code)
        present = self.query_refund(number, refund_number, now) if refused is None else refused
        return Unknown("accepted") if isinstance(present, NotFound) else present

    def query_refund(self, number: str, refund_number: str, now: datetime) -> RefundQueryOutcome:
        """Tell what became of a refund."""
        sent_at = self._times.of(refund_number)
        if not sent_at:
            # Noted before the first byte: what is not there was never sent
            return NotFound()
        said = self._ask_about("query_refund", refund_number, number, sent_at, now)
        return _unknown(said) if isinstance(said, Lost) else answers.refund_state(said.fields)

    def bill(self, kind: BillKind, on: date, now: datetime) -> Bill | NoBill:
        """Fetch the file of one clearing day, which begins at 23:00 of the day before."""
        if kind is not BillKind.TRADE:
            return NoBill("bills.unavailable", "UnionPay has no list of funds")
        fields = {
            "txnType": "76",
            "txnSubType": "01",
            "fileType": "00",
            "settleDate": f"{on:%m%d}",
            "txnTime": written(now),
        }
        usual = wire.FILE_HOSTS.get(self._account.host, "")
        host = self._account.settings.get("file_host") or usual
        said = self._wire.ask(
            "bill", wire.FILE, f"{on}", fields, now, timeout=wire.FETCH, host=host
        )
        if isinstance(said, Lost):
            return NoBill("bills.unavailable", said.why)
        return bills.read_bill(said.fields, on, now)

    def read_notice(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Notice | Forged:
        """Verify and read a notice."""
        return notices.read_notice(body, self._wire, now)

    def answer_notice(self, *, is_taken: bool) -> NoticeAnswer:
        """Anything but 200 is repeated after 1, 2, 4 and 5 minutes."""
        return NoticeAnswer(200 if is_taken else 500, b"ok" if is_taken else b"fail", "text/plain")

    def self_test(self, now: datetime) -> Sequence[Finding]:
        """Say which key or certificate is wrong, if any."""
        return self_test.run(self._account, self._signer, self._trust, self._wire, now)

    def _order(self, number: str, amount: int, sent_at: str) -> dict[str, str]:
        return {
            "txnType": "01",
            "channelType": "08",
            "backUrl": self._account.notice_url,
            "orderId": number,
            "txnTime": sent_at,
            "txnAmt": str(amount),
            "currencyCode": CURRENCY_CNY,
        }

    def _look(self, number: str, now: datetime, amount: int | None = None) -> QueryOutcome:
        """Ask about a number; with `amount`, the gateway has to mean the same."""
        sent_at = self._times.of(number)
        if not sent_at:
            return _NOT_DATED
        said = self._ask_about("query", number, number, sent_at, now)
        if isinstance(said, Lost):
            return _unknown(said)
        if amount is not None and said.fields.get("txnAmt", str(amount)) != str(amount):
            return Unknown("an order of another amount", is_alert=True)
        return answers.pay_state(said.fields)

    def _ask_about(
        self, operation: str, order: str, number: str, sent_at: str, now: datetime
    ) -> wire.Answer | Lost:
        fields = {"txnType": "00", "txnSubType": "00", "orderId": order, "txnTime": sent_at}
        return self._wire.ask(operation, wire.QUERY, number, fields, now)


def _created(order: PayeeOrder, fields: Mapping[str, str]) -> CreateOutcome:
    if order.way is Way.APP:
        token = fields.get("tn", "")
        return Created(launch={"tn": token}) if token else Unknown("no tn", is_alert=True)
    code = fields.get("qrCode", "")
    if code.startswith("https://"):
        return Created(code)
    try:
        read = parse(code)
    except Malformed as wrong:
        return Unknown(f"a code that cannot be shown: {wrong}", is_alert=True)
    if (read.amount, read.currency) != (order.amount, CURRENCY_CNY):
        return Unknown("a code for another amount", is_alert=True)
    return Created(code)


def _lost(lost: Lost) -> Declined | Unknown:
    return _unknown(lost) if lost.was_sent else Declined("channels.unreachable")


def _unknown(lost: Lost) -> Unknown:
    return Unknown(lost.why, is_alert=lost.is_alert)
