"""WeChat Pay's bills: fetched in two steps, held against their hash, read by header name.

Rules (pay.weixin.qq.com, "交易账单详细说明")
- The answer that names the file is signed; the file is not, so the SHA1 of the unpacked file
  must be the one in that answer.
- Two sections, details and totals, each with its own header. Column sets differ by product and
  year, so nothing goes by position. Each field has a backtick before it (the headers have none),
  which is also why a comma inside a field does not end it.
- Money is in yuan, fees with more decimals than two; anything that is not whole fen is an error.
"""

import gzip
import hashlib
import hmac
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import urlencode, urlsplit

from server.channels.channel import Bill, BillItem, BillKind, NoBill
from server.channels.providers.wechat import answers
from server.channels.providers.wechat.orders import CALENDAR, Parties
from server.channels.providers.wechat.wire import Lost, Wire

_NONE: Final = frozenset({"", "0"})
"""How a payment's line fills the columns of refunds."""


class Damaged(ValueError):
    """The file is not what its documentation says."""


def fetch(wire: Wire, parties: Parties, kind: BillKind, on: date, now: datetime) -> Bill | NoBill:
    """Fetch and read the bill of one day of WeChat's calendar (UTC+8)."""
    heard = wire.get(_target(parties, kind, on), now)
    wire.keep("bill", f"{kind.value} {on:%Y-%m-%d}", heard, now, "")
    if isinstance(heard, Lost):
        return NoBill("bills.unavailable", heard.why)
    if "download_url" not in heard.data:
        return NoBill(answers.BILL.get(heard.code, "bills.unavailable"), heard.code)
    url = urlsplit(str(heard.data["download_url"]).strip())
    file = wire.download(f"{url.path}?{url.query}", now)
    if isinstance(file, Lost):
        return NoBill("bills.unavailable", file.why)
    try:
        text = _verified(file, heard.data)
        return Bill(kind, on, read(kind, text), text)
    except ValueError as problem:
        return NoBill("bills.damaged", str(problem))


def read(kind: BillKind, file: bytes) -> Sequence[BillItem]:
    """Read a bill's file. Raises `Damaged`."""
    details, totals = sections(file)
    counted = totals.get("总交易单数", totals.get("资金流水总笔数", ""))
    if counted and counted != str(len(details)):
        raise Damaged(f"{len(details)} lines where the totals count {counted}")
    make = _trade_item if kind is BillKind.TRADE else _funds_item
    return [make(line) for line in details]


def sections(file: bytes) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Split a bill into its detail lines and its totals, each by header name."""
    lines = [line for line in file.decode("utf-8-sig").splitlines() if line.strip()]
    headers = [index for index, line in enumerate(lines) if not line.startswith("`")]
    if len(headers) != 2 or headers[0] != 0 or headers[1] != len(lines) - 2:
        raise Damaged("two sections with a header each were expected")
    names, total_names = _names(lines[0]), _names(lines[headers[1]])
    details = [_fields(names, line) for line in lines[1 : headers[1]]]
    return details, _fields(total_names, lines[-1])


def fen(yuan: str) -> int:
    """Turn an amount in yuan into whole fen, exactly. Raises `Damaged`."""
    text = yuan.strip()
    try:
        amount = Decimal(text).scaleb(2)
    except InvalidOperation:
        raise Damaged(f"{text[:24]!r} is no amount") from None
    whole = text.lstrip("+-").replace(".", "", 1)
    if not (whole.isascii() and whole.isdigit()) or amount != amount.to_integral_value():
        raise Damaged(f"{text[:24]!r} is not whole fen")
    return int(amount)


def _target(parties: Parties, kind: BillKind, on: date) -> str:
    asked = {"bill_date": f"{on:%Y-%m-%d}", "tar_type": "GZIP"}
    if kind is BillKind.FUNDS:
        return f"/v3/bill/fundflowbill?{urlencode({**asked, 'account_type': 'BASIC'})}"
    asked["bill_type"] = "ALL"
    if parties.sub_mchid:
        asked["sub_mchid"] = parties.sub_mchid
    return f"/v3/bill/tradebill?{urlencode(asked)}"


def _verified(file: bytes, named: Mapping[str, object]) -> bytes:
    """Unpack a file and hold it against the hash that the signed answer named."""
    try:
        text = gzip.decompress(file) if file[:2] == b"\x1f\x8b" else file
    except (OSError, EOFError, zlib.error) as problem:
        raise Damaged("cannot be unpacked") from problem
    if named.get("hash_type") != "SHA1":
        raise Damaged(f"hashed by {str(named.get('hash_type'))[:16]!r}")
    digest = hashlib.sha1(text, usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(digest, str(named.get("hash_value", "")).lower()):
        raise Damaged("the hash is another file's")
    return text


def _names(line: str) -> list[str]:
    return [name.strip().replace("(", "（").replace(")", "）") for name in line.split(",")]


def _fields(names: Sequence[str], line: str) -> dict[str, str]:
    fields = line.rstrip("\r\n").removeprefix("`").split(",`")
    if len(fields) != len(names):
        raise Damaged(f"{len(fields)} fields under {len(names)} headers")
    return {name: value.strip() for name, value in zip(names, fields, strict=True)}


def _first(line: Mapping[str, str], *names: str) -> str:
    for name in names:
        if name in line:
            return line[name]
    raise Damaged(f"no column {names[0]}")


def _trade_item(line: Mapping[str, str]) -> BillItem:
    """One order or one refund. A reversal of a paid code is a refund under the order's number."""
    number, status = _first(line, "商户订单号"), line.get("交易状态", "SUCCESS")
    refund_number = line.get("商户退款单号", "")
    is_refund = refund_number not in _NONE or status in ("REFUND", "REVOKED")
    paid = ("订单金额", "应结订单金额", "总金额")
    returned = ("申请退款金额", "退款金额")
    refund_reference = line.get("微信退款单号", "")
    return BillItem(
        number=number,
        reference=_first(line, "微信订单号"),
        amount=fen(_first(line, *(returned if is_refund else paid))),
        fee_amount=fen(line.get("手续费", "0")),
        status=status,
        occurred_at=_instant(_first(line, "交易时间")),
        refund_number=(number if refund_number in _NONE else refund_number) if is_refund else "",
        refund_reference=refund_reference if refund_reference not in _NONE else "",
        currency=line.get("货币种类", "CNY"),
        raw=line,
    )


def _funds_item(line: Mapping[str, str]) -> BillItem:
    """One move of the merchant's account: money out is negative."""
    amount = fen(_first(line, "收支金额（元）"))
    is_out = _first(line, "收支类型") == "支出"
    return BillItem(
        number=_first(line, "业务凭证号"),
        reference=_first(line, "资金流水单号"),
        amount=-amount if is_out else amount,
        fee_amount=0,
        status=_first(line, "业务类型", "业务名称"),
        occurred_at=_instant(_first(line, "记账时间")),
        raw=line,
    )


def _instant(text: str) -> datetime:
    try:
        read = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 (its zone is next)
    except ValueError:
        raise Damaged(f"{text[:24]!r} is no time") from None
    return read.replace(tzinfo=CALENDAR).astimezone(UTC)
