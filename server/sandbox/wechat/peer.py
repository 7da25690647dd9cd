"""WeChat Pay v3 from the provider's side, for one sample merchant (and a sub-merchant of it).

An own reading of pay.weixin.qq.com. Where the field differs from the documentation the field wins:
reversing a number that was never seen answers success, a payer who types is answered with 202 in
one of two shapes, a refund that was just taken is on its way.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final

from server.sandbox.entries import Event, Order, Refused, State, Way, Why
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
    World,
)
from server.sandbox.keys import certificate_pem
from server.sandbox.wechat import asking, seals, sign_in
from server.sandbox.wechat.bill_files import FILE_PATH, BillFiles
from server.sandbox.wechat.words import (
    instant,
    refund_notice,
    refund_object,
    transaction,
    trouble,
    written,
)

MCHID: Final = "1900000109"
APPID: Final = "wx8888888888888888"
SUB_MCHID: Final = "1900000110"
PUBLIC_KEY_ID: Final = "PUB_KEY_ID_0119000001092026010100000000000001"
_ORDER: Final = r"/v3/pay/(?:partner/)?transactions/out-trade-no/(?P<number>[0-9A-Za-z_*|-]{6,32})"
_OPEN: Final = r"/v3/pay/(?:partner/)?transactions/(?P<kind>native|jsapi|app)"
_WAYS: Final[Mapping[str, Way]] = {"native": Way.SCAN, "jsapi": Way.PAGE, "app": Way.APP}
_REVERSAL_DAYS: Final = 7
_REFUND_DAYS: Final = 365
_REFUNDS: Final = 50
_REFUND_GAP: Final = timedelta(minutes=1)


class Mode(StrEnum):
    """What WeChat signs with for this merchant."""

    CERTIFICATE = "certificate"
    PUBLIC_KEY = "public_key"
    """The platform certificates are gone: asking for them is answered with 404."""
    GREY = "grey"
    """Being moved: answers as the request asks, notices now this way, now that."""


class WechatPeer(Peer):
    """The provider."""

    kind: ClassVar[str] = "wechat"

    def __init__(self, world: World) -> None:
        self._sign_in = sign_in.SignIn(world, APPID)
        super().__init__(world)
        self.mode = Mode.GREY
        self._gate = seals.Gate()
        self._files = BillFiles(world)
        keys = world.keys
        self._merchant_crt = keys.certificate("wechat-merchant", common_name=MCHID)
        self._platform_crt = keys.certificate("wechat-platform", common_name="Tenpay.com sign")
        secret = keys.pair("wechat-merchant").private_pem.encode()
        self._api_key = hashlib.sha256(b"APIv3" + secret).hexdigest()[:32]
        self._merchant = seals.Registered(
            MCHID, f"{self._merchant_crt.serial_number:X}", keys.pair("wechat-merchant").public
        )

    def routes(self) -> Sequence[Route]:
        """What is offered of WeChat Pay."""
        pay = r"/v3/pay/(?:partner/)?transactions/codepay"
        refunds = "/v3/refund/domestic/refunds"
        return (
            Route("POST", pay, Operation.PAY, self._pay),
            Route("POST", _OPEN, Operation.CREATE, self._create),
            Route("GET", _ORDER, Operation.QUERY, self._query),
            Route("POST", f"{_ORDER}/reverse", Operation.REVERSE, self._reverse),
            Route("POST", f"{_ORDER}/close", Operation.CLOSE, self._close),
            Route("POST", refunds, Operation.REFUND, self._refund),
            Route("GET", refunds + r"/(?P<number>[^/]+)", Operation.QUERY_REFUND,
                  self._query_refund),
            Route("GET", "/v3/bill/tradebill", Operation.BILL, self._trade_bill),
            Route("GET", "/v3/bill/fundflowbill", Operation.BILL, self._funds_bill),
            Route("GET", FILE_PATH, Operation.BILL_FILE, self._file),
            Route("GET", "/v3/certificates", Operation.OTHER, self._certificates),
            Route("GET", sign_in.AUTHORIZE, Operation.OTHER, self._sign_in.authorize),
            Route("GET", sign_in.TOKEN, Operation.OTHER, self._sign_in.token),
        )  # fmt: skip

    def account(self) -> SampleAccount:
        """The sample merchant, which has both a public key and platform certificates."""
        return SampleAccount(
            self.kind,
            {
                "mchid": MCHID,
                "appid": APPID,
                "certificate": certificate_pem(self._merchant_crt),
                "public_key_id": PUBLIC_KEY_ID,
                "public_key": self.keys.pair("wechat-public").public_pem,
            },
            {
                "private_key": self.keys.pair("wechat-merchant").private_pem,
                "api_v3_key": self._api_key,
                "app_secret": self._sign_in.secret,
            },
        )

    def payer_code(self, request: Request) -> str:
        """The payer's code of a charge."""
        if not request.path.endswith("/codepay"):
            return ""
        payer = asking.content(request).get("payer")
        return str(payer.get("auth_code", "")) if isinstance(payer, dict) else ""

    def answer(self, request: Request) -> Reply:
        """Answer what is authentic and well formed; signing in to pages is signed by nobody."""
        if request.path in (sign_in.AUTHORIZE, sign_in.TOKEN):
            return super().answer(request)
        objection = self._gate.objection(request, self._merchant, self.world.now())
        if objection:
            return trouble(401, "SIGN_ERROR", objection)
        if request.headers.get("accept") != "application/json" or not request.headers.get(
            "user-agent"
        ):
            return trouble(400, "INVALID_REQUEST", "Http头缺少Accept或User-Agent")
        if request.method == "POST" and not self._names_us(asking.content(request)):
            return trouble(400, "PARAM_ERROR", "商户号或appid不正确")
        try:
            return super().answer(request)
        except (KeyError, TypeError, ValueError):
            return trouble(400, "PARAM_ERROR", "参数错误")

    def seal(self, request: Request, reply: Reply, seal: Seal) -> Reply:
        """Sign an answer; files are never signed."""
        if seal is Seal.MISSING or request.path in (FILE_PATH, sign_in.AUTHORIZE, sign_in.TOKEN):
            return reply
        asked = request.headers.get("wechatpay-serial", "")
        is_public = self.mode is Mode.PUBLIC_KEY or (
            self.mode is Mode.GREY and asked == PUBLIC_KEY_ID
        )
        signed = self._signed(reply.body, is_public=is_public, is_right=seal is Seal.RIGHT)
        return replace(reply, headers={**reply.headers, **signed})

    def no_such_path(self, request: Request) -> Reply:
        """Answer what is not offered."""
        return trouble(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在")

    def rate_limited(self, request: Request) -> Reply:
        """Refuse who asks too often."""
        return trouble(429, "FREQUENCY_LIMITED", "频率超限")

    def system_error(self, request: Request) -> Reply:
        """Confess trouble."""
        return trouble(500, "SYSTEM_ERROR", "系统异常，请用相同参数重新调用")

    def strange(self, request: Request, reply: Reply) -> Reply:
        """Answer with a code that is in no documentation."""
        return trouble(403, "MOON_IN_CAPRICORN", "未知错误")

    def compose(self, event: Event, tampering: Tampering) -> Posting:
        """Write a notice; sealed and signed anew for each delivery, under the same id."""
        order = self.books.peek(event.number)
        assert order is not None
        said, kind = self._news(event, order)
        amount = said["amount"]
        if tampering is Tampering.WRONG_AMOUNT:
            amount["refund" if event.refund_number else "total"] += 1
        if tampering is Tampering.WRONG_APP:
            said["mchid"] = "1900009999"
        name = "refund" if event.refund_number else "transaction"
        plain = json.dumps(said, ensure_ascii=False).encode()
        resource = seals.sealed(self._api_key, plain, name, self.world.random)
        body = json.dumps(
            {
                "id": f"EV-{hashlib.sha256(f'{order.reference}/{event.id}'.encode()).hexdigest()}",
                "create_time": instant(event.happened_at),
                "resource_type": "encrypt-resource",
                "event_type": kind,
                "summary": "支付成功",
                "resource": {**resource, "original_type": name},
            },
            ensure_ascii=False,
        ).encode()
        return Posting(self._notice_headers(event, body, tampering), body)

    # --- what merchants ask -----------------------------------------------------------------

    def _pay(self, request: Request) -> Reply:
        asked = asking.content(request)
        number, amount = asking.number(asked), asking.total(asked)
        code = str(asked["payer"]["auth_code"])
        if not re.fullmatch(r"1[0-6][0-9]{16}", code):
            return trouble(400, "PARAM_ERROR", "付款码格式不正确")
        if "store_info" not in asked["scene_info"] or not asked["description"]:
            return trouble(400, "PARAM_ERROR", "缺少场景信息或商品描述")
        if self.books.peek(number) is not None:
            return trouble(403, "OUT_TRADE_NO_USED", "商户订单号重复")
        try:
            order = self.books.charge(
                number, amount, payer_code=code, part=request.fault, attributes=asking.kept(asked)
            )
        except Refused:
            return trouble(400, "AUTH_CODE_INVALID", "每个二维码仅限使用一次，请刷新再试")
        if order.state is State.DECLINED:
            return trouble(403, "NOT_ENOUGH", "余额不足")
        if order.state is State.PAYING and order.part is Fault.PAYER_TYPES:
            return trouble(202, "USERPAYING", "需要用户输入支付密码")
        return written(transaction(order, ()), 202 if order.state is State.PAYING else 200)

    def _create(self, request: Request, kind: str) -> Reply:
        asked = asking.content(request)
        number, way = asking.number(asked), _WAYS[kind]
        payer = asked.get("payer", {})
        openid = str(payer.get("openid") or payer.get("sp_openid") or payer.get("sub_openid") or "")
        if not asked["notify_url"] or (way is Way.PAGE and not openid):
            return trouble(400, "PARAM_ERROR", "缺少通知地址或openid")
        expires_at = datetime.fromisoformat(asked["time_expire"])
        if expires_at <= self.world.now():
            return trouble(400, "PARAM_ERROR", "time_expire已过")
        try:
            order = self.books.open(
                number, asking.total(asked), way=way, expires_at=expires_at, payer=openid,
                notice_url=asked["notify_url"], attributes=asking.kept(asked),
            )  # fmt: skip
        except Refused:
            return trouble(400, "INVALID_REQUEST", "重复的商户订单号，参数不一致")
        if order.took_money:
            return trouble(400, "ORDER_PAID", "该订单已支付")
        if order.state in (State.CLOSED, State.DECLINED):
            return trouble(400, "ORDER_CLOSED", "该订单已关闭")
        if way is Way.SCAN:
            return written({"code_url": f"weixin://wxpay/bizpayurl?pr={number}"})
        return written({"prepay_id": f"wx{number}"})

    def _query(self, request: Request, number: str) -> Reply:
        order = self.books.look(number)
        if order is None:
            return trouble(404, "ORDER_NOT_EXIST", "订单不存在")
        return written(transaction(order, self.books.refunds_of(number)))

    def _reverse(self, request: Request, number: str) -> Reply:
        order = self.books.peek(number)
        if order is not None:
            if order.way is not Way.CODE:
                return trouble(400, "INVALID_REQUEST", "订单支付场景不正确，请求被拒绝")
            if self.world.now() - order.created_at > timedelta(days=_REVERSAL_DAYS):
                return trouble(403, "REVERSE_EXPIRE", "订单无法撤销，订单有7天的撤销有效期")
            try:
                self.books.reverse(number)
            except Refused as refused:
                return _reversal_trouble(refused.why)
        return written({**asking.content(request), "out_trade_no": number})

    def _close(self, request: Request, number: str) -> Reply:
        order = self.books.peek(number)
        if order is None:
            return trouble(404, "ORDER_NOT_EXIST", "订单不存在")
        if order.way is Way.CODE:
            return trouble(400, "INVALID_REQUEST", "付款码支付请使用撤销接口")
        try:
            self.books.close(number)
        except Refused:
            return trouble(400, "ORDER_PAID", "该订单已支付")
        return Reply(204)

    def _refund(self, request: Request) -> Reply:
        asked = asking.content(request)
        number, amount = str(asked["out_trade_no"]), asked["amount"]
        order = self.books.peek(number)
        if order is None:
            return trouble(404, "RESOURCE_NOT_EXISTS", "订单不存在")
        known = self.books.look_refund(str(asked["out_refund_no"]))
        objection = None if known is not None else self._against_refund(order, amount)
        if objection is not None:
            return objection
        try:
            refund = self.books.refund(
                number,
                str(asked["out_refund_no"]),
                asking.fen(amount["refund"]),
                part=request.fault,
                notice_url=asked.get("notify_url", ""),
            )
        except Refused:
            return trouble(400, "INVALID_REQUEST", "订单未支付、已全额退款或退款参数不一致")
        return written(refund_object(order, refund, is_just_taken=known is None))

    def _against_refund(self, order: Order, part: Mapping[str, Any]) -> Reply | None:
        refunds, now = self.books.refunds_of(order.number), self.world.now()
        if asking.fen(part["total"]) != order.amount:
            return trouble(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致")
        if len(refunds) >= _REFUNDS:
            return trouble(400, "INVALID_REQUEST", "部分退款次数超限")
        if order.paid_at is not None and now - order.paid_at > timedelta(days=_REFUND_DAYS):
            return trouble(400, "INVALID_REQUEST", "订单已经超过可退款的最大期限")
        if refunds and now - refunds[-1].asked_at < _REFUND_GAP:
            return trouble(429, "FREQUENCY_LIMITED", "同一订单的退款请间隔1分钟")
        return None

    def _query_refund(self, request: Request, number: str) -> Reply:
        refund = self.books.look_refund(number)
        order = self.books.peek(refund.number) if refund is not None else None
        if refund is None or order is None:
            return trouble(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
        return written(refund_object(order, refund))

    def _trade_bill(self, request: Request) -> Reply:
        return self._files.trades(request, self.host)

    def _funds_bill(self, request: Request) -> Reply:
        return self._files.funds(request, self.host)

    def _file(self, request: Request) -> Reply:
        return self._files.file(request)

    def _certificates(self, request: Request) -> Reply:
        if self.mode is Mode.PUBLIC_KEY:
            return trouble(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请在商户平台-API安全申请")
        crt = self._platform_crt
        pem = certificate_pem(crt).encode()
        listed = {
            "serial_no": f"{crt.serial_number:X}",
            "effective_time": instant(crt.not_valid_before_utc),
            "expire_time": instant(crt.not_valid_after_utc),
            "encrypt_certificate": seals.sealed(
                self._api_key, pem, "certificate", self.world.random
            ),
        }
        return written({"data": [listed]})

    # --- inside -------------------------------------------------------------------------------

    def _news(self, event: Event, order: Order) -> tuple[dict[str, Any], str]:
        if not event.refund_number:
            said = transaction(order, ())
            # A notice tells what happened, even when more has happened since
            return {**said, "trade_state": "SUCCESS"}, "TRANSACTION.SUCCESS"
        refund = self.books.look_refund(event.refund_number)
        assert refund is not None
        said = refund_notice(order, refund)
        return said, f"REFUND.{said['refund_status']}"

    def _notice_headers(self, event: Event, body: bytes, tampering: Tampering) -> Mapping[str, str]:
        plain = {"Content-Type": "application/json"}
        if tampering is Tampering.UNSIGNED:
            return plain
        is_public = self.mode is Mode.PUBLIC_KEY or (self.mode is Mode.GREY and event.id % 2 == 0)
        is_right = tampering is not Tampering.FORGED
        age = timedelta(minutes=10 if tampering is Tampering.STALE else 0)
        signed = self._signed(body, is_public=is_public, is_right=is_right, age=age)
        return {**plain, **signed}

    def _signed(
        self, body: bytes, *, is_public: bool, is_right: bool, age: timedelta = timedelta(0)
    ) -> Mapping[str, str]:
        own = "wechat-public" if is_public else "wechat-platform"
        serial = PUBLIC_KEY_ID if is_public else f"{self._platform_crt.serial_number:X}"
        key = self.keys.pair(own if is_right else "stranger")
        nonce = self.world.random(16).hex()
        return seals.signed_headers(key, serial, body, self.world.now() - age, nonce)

    def _names_us(self, asked: Mapping[str, Any]) -> bool:
        wanted = {
            "mchid": MCHID, "sp_mchid": MCHID, "appid": APPID, "sp_appid": APPID,
            "sub_mchid": SUB_MCHID,
        }  # fmt: skip
        return all(asked[name] == value for name, value in wanted.items() if name in asked)


def _reversal_trouble(why: Why) -> Reply:
    if why is Why.PAYING:
        return trouble(400, "USERPAYING", "正在支付中不能发起撤销")
    return trouble(403, "TRADE_ERROR", "订单已退款，不能撤销")


PEER: Final = WechatPeer
