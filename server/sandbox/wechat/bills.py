"""WeChat Pay's bills: the text of a day's trades, and of the moves of the merchant's account."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from server.sandbox.entries import Move, MoveKind
from server.sandbox.faults import CUT_OFF_S
from server.sandbox.wechat.words import CALENDAR, TRADE_TYPES

RATE: Final = Decimal("0.006")
TRADE_HEADER: Final = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,"
    "交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,"
    "充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
TRADE_TOTALS: Final = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
FUNDS_HEADER: Final = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
FUNDS_TOTALS: Final = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def day(on: date, *, is_shifted: bool = False) -> tuple[datetime, datetime]:
    """When a day begins and ends; shifted, both a while too early."""
    early = timedelta(seconds=CUT_OFF_S if is_shifted else 0)
    start = datetime.combine(on, time(), CALENDAR) - early
    return start, start + timedelta(days=1)


def trade_bill(moves: Sequence[Move]) -> str:
    """The bill of all trades (ALL): payments, refunds and reversals, then the totals."""
    paid = sum(move.amount for move in moves if move.kind is MoveKind.PAID)
    back = sum(move.amount for move in moves if move.kind is not MoveKind.PAID)
    fees = sum((_fee(move) for move in moves), Decimal(0))
    totals = [str(len(moves)), _yuan(paid), _yuan(back), "0.00", f"{fees:.5f}", _yuan(paid),
              _yuan(back)]  # fmt: skip
    return _text([TRADE_HEADER, *map(_trade, moves), TRADE_TOTALS, _line(totals)])


def funds_bill(moves: Sequence[Move]) -> str:
    """The bill of the basic account: each trade, and the fee it cost or gave back."""
    lines: list[tuple[str, int]] = []
    for move in moves:
        fee = int(_fee(move) * 100)
        lines.append(("交易" if move.kind is MoveKind.PAID else "退款", _signed(move)))
        lines.append(("扣除交易手续费", -fee))
    rows, balance = [], 0
    for index, (name, amount) in enumerate(lines):
        if amount:
            balance += amount
            rows.append(_fund(moves[index // 2], index, name, amount, balance))
    incomes = [amount for _, amount in lines if amount > 0]
    costs = [-amount for _, amount in lines if amount < 0]
    totals = [str(len(rows)), str(len(incomes)), _yuan(sum(incomes)), str(len(costs)),
              _yuan(sum(costs))]  # fmt: skip
    return _text([FUNDS_HEADER, *rows, FUNDS_TOTALS, _line(totals)])


def _trade(move: Move) -> str:
    order, is_paid = move.order, move.kind is MoveKind.PAID
    own = order.attributes
    status = {MoveKind.PAID: "SUCCESS", MoveKind.REFUNDED: "REFUND", MoveKind.REVERSED: "REVOKED"}
    refund_id, refund_number = _refund_numbers(move)
    gross, back = (move.amount, 0) if is_paid else (0, move.amount)
    return _line([
        _at(move.at), own.get("appid", own.get("sp_appid", "")),
        own.get("mchid", own.get("sp_mchid", "")), own.get("sub_mchid", "0"),
        own.get("device_id", ""), order.reference, order.number, order.payer or "oUpF8uMuAJO_M2",
        TRADE_TYPES[order.way], status[move.kind], "OTHERS", "CNY", _yuan(gross), "0.00",
        refund_id, refund_number, _yuan(back), "0.00", "" if is_paid else "ORIGINAL",
        "" if is_paid else "SUCCESS", own.get("description", ""), "", f"{_fee(move):.5f}", "0.60%",
        _yuan(gross), _yuan(back), "",
    ])  # fmt: skip


def _refund_numbers(move: Move) -> tuple[str, str]:
    if move.refund is not None:
        return move.refund.reference, move.refund.refund_number
    if move.kind is MoveKind.REVERSED:
        return f"5{move.order.reference[1:]}", move.order.number
    return "0", "0"


def _fund(move: Move, index: int, name: str, amount: int, balance: int) -> str:
    number = move.refund.refund_number if move.refund is not None else move.order.number
    return _line([
        _at(move.at), move.order.reference, f"{move.order.reference}{index:04d}", name, name,
        "收入" if amount > 0 else "支出", _yuan(abs(amount)), _yuan(balance), "system", "", number,
    ])  # fmt: skip


def _fee(move: Move) -> Decimal:
    """The fee of a payment, or what of it goes back: whole fen, written with five decimals."""
    fee = (move.amount * RATE).quantize(Decimal(1), ROUND_HALF_UP) / 100
    return fee if move.kind is MoveKind.PAID else -fee


def _signed(move: Move) -> int:
    return move.amount if move.kind is MoveKind.PAID else -move.amount


def _yuan(amount: int) -> str:
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def _at(at: datetime) -> str:
    return f"{at.astimezone(CALENDAR):%Y-%m-%d %H:%M:%S}"


def _line(fields: Sequence[str]) -> str:
    return ",".join(f"`{field}" for field in fields)


def _text(lines: Sequence[str]) -> str:
    return "\ufeff" + "".join(f"{line}\r\n" for line in lines)
