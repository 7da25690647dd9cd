"""Alipay's OpenAPI gateway from Alipay's side, for one sample merchant with two apps.

An own reading of opendocs.alipay.com. One app is in key mode, the other in certificate mode; both
sell for the same seller. Where the field differs from the documentation the field wins: cancelling
a number that was never seen answers well, and a code to show is no trade until it is scanned.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from server.sandbox.alipay import gate, words
from server.sandbox.alipay.bills import FILE_PATH, BillFiles
from server.sandbox.alipay.gate import App, Asked
from server.sandbox.alipay.trades import Trades
from server.sandbox.alipay.words import Content, failed, fen, success, yuan
from server.sandbox.entries import Event
from server.sandbox.faults import Operation
from server.sandbox.frame import (
    Peer,
    Posting,
    Reply,
    Request,
    Route,
    SampleAccount,
    Seal,
    Tampering,
    World,
)
from server.sandbox.keys import KeyPair, certificate_pem

APP_ID: Final = "2021000000000001"
CERTIFICATE_APP_ID: Final = "2021000000000002"
SELLER_ID: Final = "2088000000000001"
_TRADE: Final = "alipay.trade."
_BILL: Final = "alipay.data.dataservice.bill.downloadurl.query"
_CERTIFICATE: Final = "alipay.open.app.alipaycert.download"
_OPERATIONS: Final[Mapping[str, Operation]] = {
    _TRADE + "pay": Operation.PAY,
    _TRADE + "precreate": Operation.CREATE,
    _TRADE + "create": Operation.CREATE,
    _TRADE + "app.pay": Operation.OTHER,
    _TRADE + "query": Operation.QUERY,
    _TRADE + "cancel": Operation.REVERSE,
    _TRADE + "close": Operation.CLOSE,
    _TRADE + "refund": Operation.REFUND,
    _TRADE + "fastpay.refund.query": Operation.QUERY_REFUND,
    _BILL: Operation.BILL,
}


class AlipayPeer(Peer):
    """The provider."""

    kind: ClassVar[str] = "alipay"
    notice_delays_s: ClassVar[Sequence[float]] = (240, 600, 600, 3600, 7200, 21600, 54000)

    def __init__(self, world: World) -> None:
        self._files = BillFiles(world, SELLER_ID)
        super().__init__(world)
        self._trades = Trades(world)
        self._signer = "alipay-gateway"
        keys = world.keys
        self._root = keys.certificate("alipay-root", common_name="Sandbox Authority R1")
        self._our_crt, self._app_crt = (
            keys.certificate(name, common_name=named, issuer="alipay-root")
            for name, named in (("alipay-gateway", SELLER_ID), ("alipay-app", CERTIFICATE_APP_ID))
        )
        self._apps = {
            APP_ID: App(APP_ID, keys.pair("alipay-app").public),
            CERTIFICATE_APP_ID: App(
                CERTIFICATE_APP_ID,
                keys.pair("alipay-app").public,
                gate.sn_of(self._app_crt),
                gate.sn_of(self._root),
                gate.sn_of(self._our_crt),
            ),
        }
        self._methods: Mapping[str, Callable[[Asked, Request], Content]] = {
            _TRADE + "pay": self._trades.pay,
            _TRADE + "precreate": self._trades.precreate,
            _TRADE + "create": self._trades.create,
            _TRADE + "app.pay": self._trades.app_pay,
            _TRADE + "query": self._trades.query,
            _TRADE + "cancel": self._trades.cancel,
            _TRADE + "close": self._trades.close,
            _TRADE + "refund": self._trades.refund,
            _TRADE + "fastpay.refund.query": self._trades.query_refund,
            _BILL: self._bill,
            _CERTIFICATE: self._certificate,
        }

    def change_certificate(self) -> None:
        """Sign for the app in certificate mode with a new key under a new certificate."""
        self._signer = "alipay-gateway-next"
        self._our_crt = self.keys.certificate(
            self._signer, common_name=SELLER_ID, issuer="alipay-root"
        )
        app = self._apps[CERTIFICATE_APP_ID]
        self._apps[CERTIFICATE_APP_ID] = replace(app, alipay_cert_sn=gate.sn_of(self._our_crt))

    def routes(self) -> Sequence[Route]:
        """One path does everything; files lie beside it."""
        return (
            Route("POST", "/gateway.do", Operation.OTHER, self._gateway),
            Route("GET", "/gateway.do", Operation.OTHER, self._gateway),
            Route("GET", FILE_PATH, Operation.BILL_FILE, self._files.file),
        )

    def account(self) -> SampleAccount:
        """The sample merchant by its app in key mode."""
        return SampleAccount(
            self.kind,
            {
                "app_id": APP_ID,
                "seller_id": SELLER_ID,
                "alipay_public_key": self.keys.pair("alipay-gateway").public_pem,
            },
            {"private_key": self.keys.pair("alipay-app").private_pem},
        )

    def certificate_account(self) -> SampleAccount:
        """The same merchant by its app in certificate mode."""
        return SampleAccount(
            self.kind,
            {
                "app_id": CERTIFICATE_APP_ID,
                "seller_id": SELLER_ID,
                "app_certificate": certificate_pem(self._app_crt),
                "alipay_certificate": certificate_pem(self._our_crt),
                "root_certificate": certificate_pem(self._root),
            },
            {"private_key": self.keys.pair("alipay-app").private_pem},
        )

    def operation(self, request: Request) -> Operation:
        """Tell what is asked by the method."""
        if request.path == FILE_PATH:
            return Operation.BILL_FILE
        return _OPERATIONS.get(gate.params_of(request).get("method", ""), Operation.OTHER)

    def payer_code(self, request: Request) -> str:
        """The payer's code of a charge that is authentic."""
        try:
            asked = gate.admit(gate.params_of(request), self._apps)
        except gate.Objection:
            return ""
        return str(asked.content.get("auth_code", ""))

    def seal(self, request: Request, reply: Reply, seal: Seal) -> Reply:
        """Sign an answer; files are never signed, nor what is said to an app nobody knows."""
        if request.path != "/gateway.do" or reply.status != 200:
            return reply
        params = gate.params_of(request)
        method = params.get("method", "")
        app = self._apps.get(params.get("app_id", ""))
        key = self.keys.pair("stranger") if seal is Seal.WRONG else self._key(app)
        return gate.sealed(method if method in self._methods else "", reply.body, app, key, seal)

    def rate_limited(self, request: Request) -> Reply:
        """Refuse at the door."""
        if request.path == FILE_PATH:
            return Reply(429, b"", "text/html")
        return _reply(
            {
                "code": "40005", "msg": "Call Limited", "sub_code": "isv.app-call-limited",
                "sub_msg": "应用调用次数超限",
            }
        )  # fmt: skip

    def system_error(self, request: Request) -> Reply:
        """Confess trouble, now in the gateway's words, now in those of the system behind it."""
        if request.path == FILE_PATH:
            return Reply(500, b"", "text/html")
        is_behind = self.world.random(1)[0] % 2 == 0
        return _reply(failed("ACQ.SYSTEM_ERROR") if is_behind else words.unavailable())

    def strange(self, request: Request, reply: Reply) -> Reply:
        """Answer with a code from nowhere."""
        if request.path == FILE_PATH:
            return Reply(418, b"", "text/html")
        return _reply(failed("ACQ.MOON_IN_CAPRICORN"))

    def compose(self, event: Event, tampering: Tampering) -> Posting:
        """Write a notice: one id for all deliveries, each signed with its own time of sending."""
        order = self.books.peek(event.number)
        assert order is not None
        refund = self.books.look_refund(event.refund_number) if event.refund_number else None
        back = timedelta(minutes=10 if tampering is Tampering.STALE else 0)
        app_id = order.attributes.get("app_id", APP_ID)
        form = words.notice_form(
            order,
            self._trades.status(order),
            refund,
            {
                "notify_id": f"{event.happened_at:%Y%m%d}{event.id:012d}",
                "notify_time": words.clock_text(self.world.now() - back),
                "app_id": "2021000000000999" if tampering is Tampering.WRONG_APP else app_id,
                "auth_app_id": app_id,
                "seller_id": SELLER_ID,
            },
        )
        if refund is not None:
            form["refund_fee"] = yuan(self._trades.returned_amount(order))
        if tampering is Tampering.WRONG_AMOUNT:
            name = "total_amount" if refund is None else "refund_fee"
            form[name] = yuan(fen(form[name]) + 1)
        own = self._key(self._apps[app_id])
        key = self.keys.pair("stranger") if tampering is Tampering.FORGED else own
        if tampering is not Tampering.UNSIGNED:
            form["sign"] = gate.signature_of(key, form)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return Posting(headers, urlencode(form).encode())

    def is_taken(self, status: int, body: bytes) -> bool:
        """Seven characters, nothing else."""
        return body == b"success"

    def _key(self, app: App | None) -> KeyPair:
        """What we sign with for an app; key mode knows no change."""
        is_certified = app is not None and app.alipay_cert_sn != ""
        return self.keys.pair(self._signer if is_certified else "alipay-gateway")

    def _gateway(self, request: Request) -> Reply:
        try:
            asked = gate.admit(gate.params_of(request), self._apps)
        except gate.Objection as objection:
            return _reply(objection.content)
        method = self._methods.get(asked.method)
        if method is None:
            return _reply(gate.no_such_method().content)
        try:
            return _reply(method(asked, request))
        except (KeyError, TypeError, ValueError):
            return _reply(failed("ACQ.INVALID_PARAMETER"))

    def _certificate(self, asked: Asked, request: Request) -> Content:
        if asked.content["alipay_cert_sn"] != gate.sn_of(self._our_crt):
            return failed("CERT_NOT_EXIST")
        content = base64.b64encode(certificate_pem(self._our_crt).encode()).decode()
        return success(alipay_cert_content=content)

    def _bill(self, asked: Asked, request: Request) -> Content:
        on = date.fromisoformat(asked.content["bill_date"])
        return self._files.address(asked.content["bill_type"], on, self.host, request.fault)


def _reply(content: Mapping[str, Any]) -> Reply:
    return Reply(200, gate.written(content))


PEER: Final = AlipayPeer
