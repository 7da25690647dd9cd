"""The operating bank's own account as a channel, over the bank direct link (docs/bank-link.md).

Rules
- The bank posts before it answers: "paid" is money on the account, and needs no notice.
- Every write is a PUT under our number: sent again it is the same order, whatever became of it.
- A reversal closes its number for ever, also one that the bank has not seen: a request that
  arrives after it is refused.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from domain.emvco import CURRENCY_CNY, Malformed, MerchantCode, build, template
from server.channels.channel import (
    Account,
    AwaitingPayer,
    Bill,
    BillKind,
    Charge,
    Created,
    CreateOutcome,
    Debit,
    Declined,
    Finding,
    Forged,
    NoBill,
    Notice,
    NoticeAnswer,
    PayeeOrder,
    PayOutcome,
    QueryOutcome,
    RefundOutcome,
    RefundQueryOutcome,
    ReverseOutcome,
    Succeeded,
    Terms,
    Tools,
    Unknown,
    Way,
)
from server.channels.providers.bank import answers, bills, notices, self_test
from server.channels.providers.bank.nonces import Nonces
from server.channels.providers.bank.wire import FETCH, Answer, Lost, Parties, Wire

TERMS: Final = Terms(
    query_delays=tuple(timedelta(seconds=s) for s in (1, 2, 3, 5)),
    give_up_after=timedelta(seconds=45),
    reverse_after=timedelta(seconds=5),
    unseen_after=timedelta(seconds=60),
    reversal_window=timedelta(hours=24),
    refund_window=timedelta(days=365),
)
GUID: Final = "cn.fanpiao.banklink"


class BankChannel:
    """One merchant's account at its bank. Also takes debits by mandate."""

    def __init__(self, account: Account, tools: Tools, parties: Parties) -> None:
        self._account = account
        self._wire = Wire(account, tools, parties)
        self._nonces = Nonces()

    @property
    def name(self) -> str:
        """The name under which accounts and attempts are kept."""
        return self._account.name

    @property
    def terms(self) -> Terms:
        """The link's schedule and limits."""
        return TERMS

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        """Charge a payer's code; the answer comes after the posting."""
        content = self._order(charge.amount, charge.subject, charge.store, charge.device)
        said = self._wire.ask(
            "pay", "PUT", f"/charges/{charge.number}", charge.number, now,
            {**content, "code": charge.auth_code},
        )  # fmt: skip
        return _charged(said, charge.number, charge.amount)

    def create(self, order: PayeeOrder, now: datetime) -> CreateOutcome:
        """Open an order: a code to scan, or what an app hands to the bank's."""
        content = {
            **self._order(order.amount, order.subject, order.store, order.device),
            "way": order.way.value,
            "expires_at": order.expires_at.astimezone(UTC).isoformat(),
            "payer": order.payer,
        }
        said = self._wire.ask(
            "create", "PUT", f"/orders/{order.number}", order.number, now, content
        )
        if isinstance(said, Lost) and not said.was_sent:
            return Declined("channels.unreachable")
        present = answers.order_state(said, order.number, order.amount)
        token = said.text("token") if isinstance(said, Answer) else ""
        if isinstance(present, AwaitingPayer) and token:
            return self._created(order, token)
        if isinstance(present, (Declined, Unknown)):
            return present
        return Unknown(f"opened, yet {type(present).__name__}", is_alert=True)

    def query(self, number: str, now: datetime) -> QueryOutcome:
        """Tell what became of a number; a query that was refused says nothing about it."""
        said = self._wire.ask("query", "GET", f"/orders/{number}", number, now)
        if isinstance(said, Answer) and not said.is_done and said.status != 404:
            return Unknown(f"query refused: {said.text('code')}", is_alert=said.status < 429)
        return answers.order_state(said, number)

    def reverse(self, number: str, now: datetime) -> ReverseOutcome:
        """Undo a number and close it for ever, paid or not, seen or not."""
        said = self._wire.ask("reverse", "PUT", f"/orders/{number}/reversal", number, now, {})
        return answers.reversal(said, number)

    def refund(
        self, number: str, refund_number: str, amount: int, total_amount: int, now: datetime
    ) -> RefundOutcome:
        """Give back; posted before the answer, unless that says "processing"."""
        content = {
            "number": number, "amount": amount, "total_amount": total_amount, "currency": "CNY",
            "notice_url": self._account.notice_url,
        }  # fmt: skip
        path = f"/refunds/{refund_number}"
        said = self._wire.ask("refund", "PUT", path, refund_number, now, content)
        present = answers.refund_state(said, refund_number, amount)
        if isinstance(present, (Succeeded, Declined, Unknown)):
            return present
        return Declined("refunds.nothing_paid")

    def query_refund(self, number: str, refund_number: str, now: datetime) -> RefundQueryOutcome:
        """Tell what became of a refund; a query that was refused says nothing about it."""
        said = self._wire.ask("query_refund", "GET", f"/refunds/{refund_number}", number, now)
        if isinstance(said, Answer) and not said.is_done and said.status != 404:
            return Unknown(f"query refused: {said.text('code')}", is_alert=said.status < 429)
        return answers.refund_state(said, refund_number)

    def bill(self, kind: BillKind, on: date, now: datetime) -> Bill | NoBill:
        """Fetch a day's statement; the answer is signed over the file itself."""
        path = f"/bills/{on.isoformat()}?kind={kind.value}"
        said = self._wire.ask("bill", "GET", path, on.isoformat(), now, timeout=FETCH)
        if isinstance(said, Lost):
            return NoBill("bills.unavailable", said.why)
        return bills.read_bill(said, kind, on)

    def read_notice(
        self, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> Notice | Forged:
        """Verify and read a notice."""
        return notices.read_notice(headers, body, self._wire, self._nonces, now)

    def answer_notice(self, *, is_taken: bool) -> NoticeAnswer:
        """Anything but 204 is repeated."""
        return NoticeAnswer(204 if is_taken else 500, b"", "text/plain")

    def self_test(self, now: datetime) -> Sequence[Finding]:
        """Say which key is wrong, if any."""
        return self_test.run(self._wire, now)

    def sign(self, mandate: str, payer: Mapping[str, str], now: datetime) -> PayOutcome:
        """Ask for a mandate; asked again with the same number it tells how that stands."""
        content = {"payer": dict(payer), "notice_url": self._account.notice_url}
        said = self._wire.ask("sign", "PUT", _mandate(mandate), "", now, content)
        if isinstance(said, Lost) and not said.was_sent:
            return Declined("channels.unreachable")
        return answers.mandate_state(said, mandate)

    def debit(self, debit: Debit, now: datetime) -> PayOutcome:
        """Deduct under a mandate; the answer comes after the posting."""
        content = {**self._order(debit.amount, debit.subject, "", ""), "mandate": debit.mandate}
        said = self._wire.ask("debit", "PUT", f"/debits/{debit.number}", debit.number, now, content)
        return _charged(said, debit.number, debit.amount)

    def cancel_mandate(self, mandate: str, now: datetime) -> PayOutcome:
        """End a mandate; ended is success, also when it had ended before."""
        said = self._wire.ask("cancel_mandate", "DELETE", _mandate(mandate), "", now)
        present = answers.mandate_state(said, mandate)
        return Succeeded(mandate) if present == Declined("mandates.ended") else present

    def _order(self, amount: int, subject: str, store: str, device: str) -> dict[str, Any]:
        return {
            "amount": amount,
            "currency": "CNY",
            "subject": subject[:64],
            "store": store,
            "device": device,
            "notice_url": self._account.notice_url,
        }

    def _created(self, order: PayeeOrder, token: str) -> CreateOutcome:
        if order.way is not Way.SCAN:
            return Created(launch={"merchant": self._wire.parties.merchant, "token": token})
        settings = self._account.settings
        payee = {"00": GUID, "01": self._wire.parties.merchant, "02": token}
        try:
            text = build(
                MerchantCode(
                    accounts={"26": template(payee)},
                    name=settings.get("display_name") or "MERCHANT",
                    city=settings.get("display_city") or "CHINA",
                    amount=order.amount,
                    currency=CURRENCY_CNY,
                    category="5812",
                )
            )
        except Malformed as wrong:
            return Unknown(f"no code can be drawn: {wrong}", is_alert=True)
        return Created(text)


def _charged(said: Answer | Lost, number: str, amount: int) -> PayOutcome:
    if isinstance(said, Lost) and not said.was_sent:
        return Declined("channels.unreachable")
    return answers.paid_or_not(answers.order_state(said, number, amount))


def _mandate(mandate: str) -> str:
    return f"/mandates/{quote(mandate, safe='')}"
