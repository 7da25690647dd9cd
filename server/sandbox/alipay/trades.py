"""Trades, from Alipay's side: what each method does to the books, and how it is put."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from server.sandbox.alipay import words
from server.sandbox.alipay.gate import Asked
from server.sandbox.alipay.words import Content, failed, fen, names, success, yuan
from server.sandbox.entries import Order, RefundState, Refused, State, Way, Why
from server.sandbox.frame import Request, World

_CODE: Final = re.compile(r"(?:2[5-9]|30)[0-9]{14,22}")
_FACE: Final = re.compile(r"fp[0-9A-Za-z]{8,62}")
_NUMBER: Final = re.compile(r"[0-9A-Za-z_]{1,64}")
_MINUTES: Final = re.compile(r"([0-9]{1,4})m")
_AMOUNT_MAX: Final = 100_000_000_00
_CODE_LIVES: Final = timedelta(hours=2)
_CANCELLABLE: Final = timedelta(hours=24)
_REFUNDABLE: Final = timedelta(days=90)


class Trades:
    """The trades of all apps of a seller. Methods raise `KeyError`, `TypeError`, `ValueError`
    for content that is not what they take.
    """

    def __init__(self, world: World) -> None:
        self._books = world.books
        self._now = world.now
        self._scanned: set[str] = set()

    def pay(self, asked: Asked, request: Request) -> Content:
        """`alipay.trade.pay`."""
        content = asked.content
        number, amount = _number(content), fen(content["total_amount"])
        form = {"bar_code": _CODE, "security_code": _FACE}[content["scene"]]
        known = self._books.peek(number)
        if known is not None and known.amount == amount:
            return self._known(known)
        if not 0 < amount <= _AMOUNT_MAX:
            return failed("ACQ.TOTAL_FEE_EXCEED")
        if form.fullmatch(content["auth_code"]) is None:
            return failed("ACQ.PAYMENT_AUTH_CODE_INVALID")
        try:
            order = self._books.charge(
                number, amount, payer_code=content["auth_code"], payer=words.BUYER,
                part=request.fault, notice_url=asked.notice_url, attributes=_attributes(asked),
            )  # fmt: skip
        except Refused as refused:
            return words.refused(refused.why)
        if order.state is State.PAID:
            return success(**words.paid(order))
        if order.state is State.PAYING:
            return _paying(order)
        return failed("ACQ.BUYER_BALANCE_NOT_ENOUGH", out_trade_no=number)

    def _known(self, order: Order) -> Content:
        """A number that was charged before, or was opened: it is never charged again."""
        if order.state in (State.OPEN, State.PAYING):
            return _paying(order)
        is_paid = self.status(order) != "TRADE_CLOSED"
        return failed("ACQ.TRADE_HAS_SUCCESS" if is_paid else "ACQ.TRADE_HAS_CLOSE")

    def precreate(self, asked: Asked, request: Request) -> Content:
        """`alipay.trade.precreate`: a code, no trade yet."""
        minutes = _MINUTES.fullmatch(str(asked.content.get("qr_code_timeout_express", "")))
        lives = timedelta(minutes=int(minutes[1])) if minutes else _CODE_LIVES
        opened = self._open(asked, Way.SCAN, self._now() + min(lives, _CODE_LIVES))
        if isinstance(opened, Order):
            code = words.qr_code(opened.reference)
            return success(out_trade_no=opened.number, qr_code=code)
        return opened

    def create(self, asked: Asked, request: Request) -> Content:
        """`alipay.trade.create`: a trade for a page inside the app."""
        payer = asked.content.get("buyer_id") or asked.content["buyer_open_id"]
        opened = self._open(asked, Way.PAGE, _expiry(asked), str(payer))
        return success(**names(opened)) if isinstance(opened, Order) else opened

    def app_pay(self, asked: Asked, request: Request) -> Content:
        """The payer's phone brings what the merchant signed."""
        opened = self._open(asked, Way.APP, _expiry(asked))
        return success(**names(opened)) if isinstance(opened, Order) else opened

    def _open(
        self, asked: Asked, way: Way, expires_at: datetime | None, payer: str = ""
    ) -> Order | Content:
        amount = fen(asked.content["total_amount"])
        if not 0 < amount <= _AMOUNT_MAX:
            return failed("ACQ.TOTAL_FEE_EXCEED")
        try:
            order = self._books.open(
                _number(asked.content), amount, way=way, expires_at=expires_at, payer=payer,
                notice_url=asked.notice_url, attributes=_attributes(asked),
            )  # fmt: skip
        except Refused as refused:
            return words.refused(refused.why)
        if order.state in (State.OPEN, State.PAYING):
            return order
        return self._known(order)

    def query(self, asked: Asked, request: Request) -> Content:
        """`alipay.trade.query`."""
        order = self._books.look(_number(asked.content))
        if order is None or not self._is_trade(order):
            return failed("ACQ.TRADE_NOT_EXIST")
        return success(**words.trade(order, self.status(order)))

    def cancel(self, asked: Asked, request: Request) -> Content:
        """`alipay.trade.cancel`: answers well for a number that was never seen."""
        number = _number(asked.content)
        order = self._books.peek(number)
        answer: Content = {"out_trade_no": number, "retry_flag": "N"}
        if order is None:
            return success(**answer)
        if order.way in (Way.PAGE, Way.APP):
            return failed("ACQ.CANCEL_NOT_ALLOWED", **answer)
        if self._now() > order.created_at + _CANCELLABLE:
            return failed("ACQ.TRADE_CANCEL_TIME_OUT", **answer)
        was_trade = self._is_trade(order)
        try:
            after = self._books.reverse(number)
        except Refused as refused:
            if refused.why is Why.PAYING:
                return failed("ACQ.SYSTEM_ERROR", **answer | {"retry_flag": "Y"})
            return words.refused(refused.why, **answer)
        if not was_trade:
            return success(**answer)
        action = "refund" if after.state is State.REVERSED else "close"
        return success(**answer, trade_no=after.reference, action=action)

    def close(self, asked: Asked, request: Request) -> Content:
        """`alipay.trade.close`: only what nobody paid."""
        try:
            order = self._books.close(_number(asked.content))
        except Refused as refused:
            return words.refused(refused.why)
        return success(**names(order))

    def refund(self, asked: Asked, request: Request) -> Content:
        """`alipay.trade.refund`: once per request number."""
        content = asked.content
        number, amount = _number(content), fen(content["refund_amount"])
        refund_number = str(content.get("out_request_no") or number)
        order = self._books.peek(number)
        objection = self._objection(order, refund_number, amount)
        if objection:
            return failed(objection)
        is_repeat = self._books.look_refund(refund_number) is not None
        try:
            refund = self._books.refund(
                number, refund_number, amount, part=request.fault,
                notice_url=order.notice_url if order else "",
            )  # fmt: skip
        except Refused as refused:
            if refused.why is Why.DIFFERENT:
                return failed("ACQ.DISCORDANT_REPEAT_REQUEST")
            return words.refused(refused.why)
        if refund.state is RefundState.FAILED:
            return failed("ACQ.REFUND_ACCOUNT_NOT_EXIST")
        assert order is not None
        is_done = refund.state is RefundState.SUCCEEDED and not is_repeat
        return success(
            **names(order),
            fund_change="Y" if is_done else "N",
            refund_fee=yuan(self.returned_amount(order)),
            send_back_fee=yuan(amount if is_done else 0),
        )

    def _objection(self, order: Order | None, refund_number: str, amount: int) -> str:
        if order is None or not self._is_trade(order):
            return "ACQ.TRADE_NOT_EXIST"
        if self._is_finished(order):
            return "ACQ.TRADE_HAS_FINISHED"
        if order.state is State.REVERSED:
            return "ACQ.TRADE_HAS_CLOSE"
        if refund_number == order.number and amount != order.amount:
            return "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
        return "" if amount > 0 else "ACQ.INVALID_PARAMETER"

    def query_refund(self, asked: Asked, request: Request) -> Content:
        """`alipay.trade.fastpay.refund.query`: says nothing of what is not done."""
        number = _number(asked.content)
        refund_number = str(asked.content["out_request_no"])
        order = self._books.look(number)
        if order is None or not self._is_trade(order):
            return failed("ACQ.TRADE_NOT_EXIST")
        refund = self._books.look_refund(refund_number)
        if refund is not None and refund.number == number:
            is_done, amount = refund.state is RefundState.SUCCEEDED, refund.amount
            if refund.state is RefundState.PROCESSING:
                return success(**names(order), refund_status="REFUND_PROCESSING")
        else:
            # What a cancellation gave back goes under the order's own number
            is_done = order.state is State.REVERSED and refund_number == number
            amount = order.amount
        if not is_done:
            return success()
        return success(
            **names(order),
            out_request_no=refund_number,
            refund_status="REFUND_SUCCESS",
            refund_amount=yuan(amount),
            total_amount=yuan(order.amount),
        )

    # --- what a trade is ------------------------------------------------------------------

    def _is_trade(self, order: Order) -> bool:
        """A code that nobody scanned is no trade, not even when it has ended."""
        if order.way is not Way.SCAN or order.state in (State.PAYING, State.PAID, State.REVERSED):
            self._scanned.add(order.number)
        return order.number in self._scanned

    def status(self, order: Order) -> str:
        """Tell a trade's status."""
        return words.status_of(order, self.returned_amount(order), self._is_finished(order))

    def returned_amount(self, order: Order) -> int:
        """Sum what refunds gave back of a trade."""
        done = (r for r in self._books.refunds_of(order.number) if r.state is RefundState.SUCCEEDED)
        return sum(refund.amount for refund in done)

    def _is_finished(self, order: Order) -> bool:
        return order.paid_at is not None and self._now() > order.paid_at + _REFUNDABLE


def _paying(order: Order) -> Content:
    return {
        "code": "10003",
        "msg": "order success pay inprocess",
        **names(order),
        "buyer_logon_id": "159****5620",
        "total_amount": yuan(order.amount),
    }


def _number(content: Mapping[str, Any]) -> str:
    number = content["out_trade_no"]
    if _NUMBER.fullmatch(number) is None:
        raise ValueError("out_trade_no")
    return str(number)


def _attributes(asked: Asked) -> dict[str, str]:
    subject = asked.content["subject"]
    if not subject or len(subject) > 256:
        raise ValueError("subject")
    return {"app_id": asked.app.app_id, "subject": subject}


def _expiry(asked: Asked) -> datetime | None:
    text = asked.content.get("time_expire")
    if not text:
        return None
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=words.CALENDAR)
