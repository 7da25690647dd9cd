"""UnionPay's gateway for code payments (ACP 5.1.0), from the gateway's side.

Source: "二维码支付产品接口规范" 2.3 and "平台接入接口规范". A request is accepted with 00, and only
a query says what became of it; a number is known together with its time; 冲正 (99/01) is taken
until 23:00 in Beijing, when the clearing day ends.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from server.sandbox.books import CALENDAR
from server.sandbox.entries import (
    Event,
    Order,
    Refund,
    RefundState,
    Refused,
    State,
    Way,
    Why,
)
from server.sandbox.faults import Fault, Operation
from server.sandbox.frame import (
    Peer,
    Posting,
    Reply,
    Request,
    Route,
    SampleAccount,
    Seal,
    Tampering,
)
from server.sandbox.keys import certificate_pem
from server.sandbox.unionpay import files, messages
from server.sandbox.unionpay.codes import code_text, query_id

MERCHANT: Final = "777290058110048"
SIGNED_FOR: Final = "中国银联股份有限公司"
CLOCK_S: Final = 900
"""How far a `txnTime` may be from the gateway's clock."""
PLAIN: Final = "text/plain; charset=UTF-8"
FILE_READY: Final = timedelta(hours=9)
_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("01", "06"): Operation.PAY,
    ("01", "07"): Operation.CREATE,
    ("01", "01"): Operation.CREATE,
    ("99", "01"): Operation.REVERSE,
    ("04", "00"): Operation.REFUND,
    ("76", "01"): Operation.BILL,
}
_REFUSALS: Final[Mapping[Why, str]] = {
    Why.NO_ORDER: "34",
    Why.DIFFERENT: "12",
    Why.CODE_USED: "86",
    Why.PAYING: "35",
    Why.NOT_OPEN: "35",
    Why.NOT_PAID: "35",
    Why.BEYOND: "36",
    Why.HAS_REFUNDS: "45",
}
_WORDS: Final[Mapping[str, str]] = {"00": "成功[0000000]", "04": "交易状态未明，请查询对账结果"}

Fields = dict[str, str]


class UnionPayPeer(Peer):
    """The gateway and its sample merchant."""

    kind = "unionpay"
    notice_delays_s = (60.0, 120.0, 240.0, 300.0)

    def routes(self) -> Sequence[Route]:
        """Everything is posted to few addresses; `txnType` tells what is meant."""
        return (
            Route("POST", "/gateway/api/backTransReq.do", Operation.OTHER, self._take),
            Route("POST", "/gateway/api/appTransReq.do", Operation.CREATE, self._take),
            Route("POST", "/gateway/api/queryTrans.do", Operation.QUERY, self._take),
            Route("POST", "/", Operation.BILL, self._take),
        )

    def account(self) -> SampleAccount:
        """The merchant as it is entered into the console."""
        root = self.keys.certificate("root", common_name="Sandbox UnionPay root")
        middle = self.keys.certificate("middle", common_name="Sandbox OCA", issuer="root")
        return SampleAccount(
            self.kind,
            {
                "merchant": MERCHANT,
                "certificate": certificate_pem(self._merchant()),
                "root_certificate": certificate_pem(root),
                "middle_certificate": certificate_pem(middle),
            },
            {"private_key": self.keys.pair("merchant").private_pem},
        )

    def operation(self, request: Request) -> Operation:
        """Tell what is asked from the form."""
        fields = messages.read(request.body)
        if fields.get("txnType") == "00":
            is_refund = self.books.look_refund(fields.get("orderId", "")) is not None
            return Operation.QUERY_REFUND if is_refund else Operation.QUERY
        key = (fields.get("txnType", ""), fields.get("txnSubType", ""))
        return _OPERATIONS.get(key, Operation.OTHER)

    def payer_code(self, request: Request) -> str:
        """Return the code that the merchant scanned."""
        return messages.read(request.body).get("qrNo", "")

    def seal(self, request: Request, reply: Reply, seal: Seal) -> Reply:
        """Sign the fields of an answer."""
        if seal is Seal.MISSING:
            return reply
        fields = self._signed(messages.unplain(reply.body), is_stranger=seal is Seal.WRONG)
        return replace(reply, body=messages.plain(fields))

    def rate_limited(self, request: Request) -> Reply:
        """37: too often."""
        return self._said(request, "37")

    def system_error(self, request: Request) -> Reply:
        """04: the state is not clear."""
        return self._said(request, "04")

    def strange(self, request: Request, reply: Reply) -> Reply:
        """A code of the moon, wherever the answer's meaning stands."""
        fields = messages.unplain(reply.body)
        name = "origRespCode" if "origRespCode" in fields else "respCode"
        return replace(reply, body=messages.plain({**fields, name: "ZZ"}))

    def compose(self, event: Event, tampering: Tampering) -> Posting:
        """Write the notice of a payment or a refund."""
        order = self.books.peek(event.number)
        assert order is not None
        refund = self.books.look_refund(event.refund_number) if event.refund_number else None
        fields = self._told(order, refund)
        if tampering is Tampering.WRONG_AMOUNT:
            fields["txnAmt"] = str(int(fields["txnAmt"]) + 1)
        if tampering is Tampering.WRONG_APP:
            fields["merId"] = "777290058110097"
        if tampering is not Tampering.UNSIGNED:
            fields = self._signed(
                fields,
                is_stranger=tampering is Tampering.FORGED,
                is_expired=tampering is Tampering.STALE,
            )
        form = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
        return Posting(form, urlencode(fields).encode())

    def is_taken(self, status: int, body: bytes) -> bool:
        """Only the status counts."""
        return status in (200, 302)

    def _take(self, request: Request) -> Reply:
        fields = messages.read(request.body)
        if not self._is_merchant(fields):
            return self._said(request, "11")
        acts: Mapping[tuple[str, str], Callable[[Fields, Fault | None], Fields]] = {
            ("01", "06"): self._pay,
            ("01", "07"): self._create,
            ("01", "01"): self._create,
            ("99", "01"): self._reverse,
            ("04", "00"): self._refund,
            ("00", "00"): self._query,
            ("76", "01"): self._file,
        }
        act = acts.get((fields.get("txnType", ""), fields.get("txnSubType", "")))
        if act is None or not fields.get("txnTime", "").isdigit():
            return self._said(request, "10")
        try:
            return self._said(request, **act(fields, request.fault))
        except Refused as refused:
            return self._said(request, _REFUSALS[refused.why])

    def _pay(self, fields: Fields, fault: Fault | None) -> Fields:
        refused = self._refusal(fields, "qrNo")
        if refused:
            return {"code": refused}
        order = self.books.charge(
            fields["orderId"],
            int(fields["txnAmt"]),
            payer_code=fields["qrNo"],
            part=fault,
            notice_url=fields.get("backUrl", ""),
            attributes={"txnTime": fields["txnTime"]},
        )
        return {
            "code": "64" if order.state is State.DECLINED else "00",
            "queryId": query_id(order.reference),
        }

    def _create(self, fields: Fields, fault: Fault | None) -> Fields:
        refused = self._refusal(fields, "payTimeout")
        if refused and not (refused == "12" and self._is_same(fields)):
            return {"code": refused}
        is_app = fields["txnSubType"] == "01"
        order = self.books.open(
            fields["orderId"],
            int(fields["txnAmt"]),
            way=Way.APP if is_app else Way.SCAN,
            expires_at=_instant(fields["payTimeout"]),
            notice_url=fields.get("backUrl", ""),
            attributes={"txnTime": fields["txnTime"]},
        )
        if is_app:
            return {"code": "00", "tn": order.reference}
        return {"code": "00", "qrCode": code_text(MERCHANT, order.reference, order.amount)}

    def _reverse(self, fields: Fields, fault: Fault | None) -> Fields:
        order = _dated(self.books.peek(fields["orderId"]), fields["txnTime"])
        if order is None:
            return {"code": "34"}
        if order.state is State.REVERSED or (
            order.state is State.CLOSED and not _is_expired(order)
        ):
            return {"code": "46"}
        now = self.world.now()
        if order.paid_at is not None and files.day_of(order.paid_at) != files.day_of(now):
            return {"code": "39"}
        self.books.reverse(order.number)
        return {"code": "00"}

    def _refund(self, fields: Fields, fault: Fault | None) -> Fields:
        if self.books.look_refund(fields["orderId"]) is not None:
            return {"code": "12"}
        order = _dated(
            self.books.peek(fields.get("origOrderId", "")), fields.get("origTxnTime", "")
        )
        if order is None:
            return {"code": "35"}
        if not self._is_now(fields["txnTime"]):
            return {"code": "39"}
        refund = self.books.refund(
            order.number,
            fields["orderId"],
            int(fields["txnAmt"]),
            part=fault,
            notice_url=fields.get("backUrl", ""),
        )
        return {"code": "00", "queryId": query_id(refund.reference)}

    def _query(self, fields: Fields, fault: Fault | None) -> Fields:
        refund = self.books.look_refund(fields["orderId"])
        if refund is not None:
            return _refund_state(refund)
        order = _dated(self.books.look(fields["orderId"]), fields["txnTime"])
        if order is None or order.state is State.OPEN or _is_expired(order):
            return {"code": "34"}
        return _order_state(order)

    def _file(self, fields: Fields, fault: Fault | None) -> Fields:
        now = self.world.now().astimezone(CALENDAR)
        day = f"{now.year}{fields.get('settleDate', '')}"
        on = date(int(day[:4]), int(day[4:6]), int(day[6:8]))
        on = on.replace(year=on.year - 1) if on > now.date() + timedelta(days=1) else on
        ready = datetime.combine(on + timedelta(days=1), datetime.min.time(), CALENDAR) + FILE_READY
        if now < ready or fault is Fault.BILL_NOT_READY:
            return {"code": "98"}
        text = files.content(MERCHANT, on, self.books.moves(*files.span(on, fault)), fault)
        if not text:
            return {"code": "98"}
        return {"code": "00", "fileName": f"{MERCHANT}_{on:%Y%m%d}.zip", "fileContent": text}

    def _refusal(self, fields: Fields, must: str) -> str:
        """Return the code that an order is refused with, if it is."""
        number, amount = fields.get("orderId", ""), fields.get("txnAmt", "")
        if not (8 <= len(number) <= 40 and number.isalnum()) or not fields.get(must):
            return "13"
        if not amount.isdigit() or int(amount) < 1 or fields.get("currencyCode") != "156":
            return "10"
        if self.books.peek(number) is not None:
            return "12"
        return "" if self._is_now(fields["txnTime"]) else "39"

    def _is_same(self, fields: Fields) -> bool:
        order = self.books.peek(fields["orderId"])
        return order is not None and order.amount == int(fields["txnAmt"])

    def _is_now(self, text: str) -> bool:
        return abs((_instant(text) - self.world.now()).total_seconds()) <= CLOCK_S

    def _is_merchant(self, fields: Fields) -> bool:
        return (
            fields.get("merId") == MERCHANT
            and fields.get("version") == "5.1.0"
            and fields.get("certId") == str(self._merchant().serial_number)
            and messages.is_from(fields, self.keys.pair("merchant").public)
        )

    def _merchant(self) -> x509.Certificate:
        return self.keys.certificate("merchant", common_name=f"041@Z2024@{MERCHANT}@00000001")

    def _signed(
        self, fields: Fields, *, is_stranger: bool = False, is_expired: bool = False
    ) -> Fields:
        self.account()
        name = f"041@Z2024-1-1@{SIGNED_FOR}@00000001"
        leaf = self.keys.certificate("signer", common_name=name, issuer="middle")
        key = self.keys.pair("stranger" if is_stranger else "signer")
        if is_expired:
            leaf = self._expired(leaf)
        return messages.signed(fields, key, certificate_pem(leaf))

    def _expired(self, leaf: x509.Certificate) -> x509.Certificate:
        """The signer's certificate of years ago."""
        old = x509.CertificateBuilder(
            leaf.issuer,
            leaf.subject,
            leaf.public_key(),
            x509.random_serial_number(),
            datetime(2014, 1, 1, tzinfo=UTC),
            datetime(2019, 1, 1, tzinfo=UTC),
        )
        return old.sign(self.keys.pair("middle").private, hashes.SHA256())

    def _said(self, request: Request, code: str, **more: str) -> Reply:
        """Answer with the request's own fields, as the gateway does."""
        asked = messages.read(request.body)
        names = ("version", "encoding", "bizType", "txnType", "txnSubType", "accessType",
                 "merId", "orderId", "txnTime")  # fmt: skip
        kept = {name: asked[name] for name in names if asked.get(name)}
        words = _WORDS.get(code, f"[{code}]")
        return Reply(
            200, messages.plain({**kept, "respCode": code, "respMsg": words, **more}), PLAIN
        )

    def _told(self, order: Order, refund: Refund | None) -> Fields:
        common = {
            "version": "5.1.0", "encoding": "UTF-8", "bizType": "000000", "accessType": "0",
            "merId": MERCHANT, "currencyCode": "156", "txnSubType": "00" if refund else "06",
            "txnTime": order.attributes["txnTime"], "respMsg": "成功[0000000]",
        }  # fmt: skip
        if refund is None:
            return {
                **common, "txnType": "01", "orderId": order.number,
                "queryId": query_id(order.reference), "txnAmt": str(order.amount),
                "settleAmt": str(order.amount), "respCode": "00",
            }  # fmt: skip
        return {
            **common, "txnType": "04", "orderId": refund.refund_number,
            "origOrderId": order.number, "origQryId": query_id(order.reference),
            "queryId": query_id(refund.reference), "txnAmt": str(refund.amount),
            "respCode": "00" if refund.state is RefundState.SUCCEEDED else "61",
        }  # fmt: skip


def _order_state(order: Order) -> Fields:
    said = {"code": "00", "queryId": query_id(order.reference), "txnAmt": str(order.amount)}
    if order.state is State.PAID:
        return {**said, "origRespCode": "00", "settleAmt": str(order.amount)}
    if order.state is State.PAYING:
        return {**said, "origRespCode": "05"}
    if order.state is State.DECLINED:
        gave_up = order.part is Fault.PAYER_GIVES_UP
        return {**said, "origRespCode": "69" if gave_up else "64"}
    settled = {"settleAmt": str(order.amount)} if order.took_money else {}
    return {**said, "origRespCode": "46", **settled}


def _refund_state(refund: Refund) -> Fields:
    codes = {RefundState.SUCCEEDED: "00", RefundState.PROCESSING: "05", RefundState.FAILED: "61"}
    return {
        "code": "00",
        "queryId": query_id(refund.reference),
        "origRespCode": codes[refund.state],
    }


def _dated(order: Order | None, sent_at: str) -> Order | None:
    """An order is known by its number and its time."""
    if order is None or order.attributes.get("txnTime") != sent_at:
        return None
    return order


def _is_expired(order: Order) -> bool:
    return order.state is State.CLOSED and order.closed_at == order.expires_at is not None


def _instant(text: str) -> datetime:
    return datetime.strptime(f"{text}+0800", "%Y%m%d%H%M%S%z").astimezone(UTC)


PEER = UnionPayPeer
