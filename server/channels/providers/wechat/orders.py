"""What is asked of WeChat Pay: paths and bodies, for a merchant of its own and for a sub-merchant.

A service provider (服务商) acts for a sub-merchant: its own numbers are named `sp_…`, the
sub-merchant's `sub_…`, and the paths have `partner` in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any, Final
from urllib.parse import urlencode

from server.channels.channel import Charge, PayeeOrder, Way

CALENDAR: Final = timezone(timedelta(hours=8))
SUBJECT: Final = "消费"
"""A description is required; this one when nobody gave any."""
SUBJECT_BYTES: Final = 127
PATHS: Final[Mapping[Way, str]] = {Way.SCAN: "native", Way.PAGE: "jsapi", Way.APP: "app"}


@dataclass(frozen=True, slots=True)
class Parties:
    """Who takes the money. `sub_mchid` empty: the merchant itself."""

    mchid: str
    appid: str
    sub_mchid: str = ""
    sub_appid: str = ""

    @property
    def base(self) -> str:
        """The path that everything about orders begins with."""
        return f"/v3/pay/{'partner/' if self.sub_mchid else ''}transactions"

    def names(self, *, with_app: bool = True) -> dict[str, str]:
        """The parties' part of a body."""
        if not self.sub_mchid:
            return {"appid": self.appid, "mchid": self.mchid} if with_app else {
                "mchid": self.mchid
            }  # fmt: skip
        named = {"sp_mchid": self.mchid, "sub_mchid": self.sub_mchid}
        if with_app:
            named["sp_appid"] = self.appid
            if self.sub_appid:
                named["sub_appid"] = self.sub_appid
        return named

    def are_meant(self, transaction: Mapping[str, Any]) -> bool:
        """Whether an order is ours: each of the parties it names is the right one."""
        is_partner = bool(self.sub_mchid)
        wanted = self.names()
        needed = {"sp_mchid", "sub_mchid"} if is_partner else {"mchid"}
        return all(
            transaction.get(name, None if name in needed else value) == value
            for name, value in wanted.items()
        )


def charge_body(parties: Parties, charge: Charge) -> dict[str, Any]:
    """The body of a charge of a payer's code (付款码支付)."""
    scene: dict[str, Any] = {"store_info": {"out_id": charge.store[:32] or "0"}}
    if charge.device:
        scene["device_id"] = charge.device[:32]
    return {
        **parties.names(),
        "description": _subject(charge.subject),
        "out_trade_no": charge.number,
        "payer": {"auth_code": charge.auth_code},
        "amount": {"total": charge.amount, "currency": "CNY"},
        "scene_info": scene,
    }


def order_body(parties: Parties, order: PayeeOrder, notice_url: str) -> dict[str, Any]:
    """The body that opens an order (Native, JSAPI, APP)."""
    body: dict[str, Any] = {
        **parties.names(),
        "description": _subject(order.subject),
        "out_trade_no": order.number,
        "time_expire": order.expires_at.astimezone(CALENDAR).isoformat(timespec="seconds"),
        "notify_url": notice_url,
        "amount": {"total": order.amount, "currency": "CNY"},
    }
    if order.way is Way.PAGE:
        body["payer"] = {_payer_name(parties): order.payer}
    if order.payer_address:
        scene: dict[str, Any] = {"payer_client_ip": order.payer_address}
        if order.device:
            scene["device_id"] = order.device[:32]
        body["scene_info"] = scene
    return body


def refund_body(
    parties: Parties, number: str, refund_number: str, amount: int, total_amount: int,
    notice_url: str,
) -> dict[str, Any]:  # fmt: skip
    """The body of a refund. The same refund number again is the same refund."""
    body: dict[str, Any] = {
        "out_trade_no": number,
        "out_refund_no": refund_number,
        "notify_url": notice_url,
        "amount": {"refund": amount, "total": total_amount, "currency": "CNY"},
    }
    if parties.sub_mchid:
        body["sub_mchid"] = parties.sub_mchid
    return body


def order_target(parties: Parties, number: str, action: str = "") -> str:
    """The path of one order; without an action the one to query it by."""
    path = f"{parties.base}/out-trade-no/{number}"
    if action:
        return f"{path}/{action}"
    return f"{path}?{urlencode(parties.names(with_app=False))}"


def refund_target(parties: Parties, refund_number: str) -> str:
    """The path to query a refund by."""
    path = f"/v3/refund/domestic/refunds/{refund_number}"
    if parties.sub_mchid:
        return f"{path}?{urlencode({'sub_mchid': parties.sub_mchid})}"
    return path


def _payer_name(parties: Parties) -> str:
    if not parties.sub_mchid:
        return "openid"
    return "sub_openid" if parties.sub_appid else "sp_openid"


def _subject(subject: str) -> str:
    """A description of at most 127 bytes, cut between characters."""
    return (subject or SUBJECT).encode()[:SUBJECT_BYTES].decode(errors="ignore")
