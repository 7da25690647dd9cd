"""Each channel's bill of a day, as its provider writes it and as our channel reads it.

The sandbox's own writers make the files; what they never do by themselves (another fee, another
currency) is written into the finished file, by column.
"""

import base64
import csv
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from server.channels.channel import Bill, BillKind, NoBill
from server.channels.providers.alipay import bills as read_alipay
from server.channels.providers.bank import bills as read_bank
from server.channels.providers.unionpay import bills as read_unionpay
from server.channels.providers.wechat import bills as read_wechat
from server.sandbox.alipay import bills as write_alipay
from server.sandbox.bank import statements as write_bank
from server.sandbox.entries import Move, MoveKind, Order, Refund, RefundState, State, Way
from server.sandbox.frame import Request, World
from server.sandbox.unionpay import files as write_unionpay
from server.sandbox.wechat import bills as write_wechat
from tests.factories.month.scale import CHINA

MERCHANT = "777290058189920"
WECHAT_FEE, WECHAT_CURRENCY = 22, 11
ALIPAY_NUMBER, ALIPAY_FEE = 1, 22


@dataclass(frozen=True, slots=True)
class Twist:
    """What is written into the finished line of an item: so much more fee, another currency."""

    fee_amount: int = 0
    currency: str = ""


@dataclass
class Paper:
    """Everything that one channel will ever say."""

    channel: str
    moves: dict[date, list[Move]] = field(default_factory=dict)
    twists: dict[str, Twist] = field(default_factory=dict)
    count: int = 0
    lines: int = 0

    def paid(self, number: str, amount: int, at: datetime, *, is_reversed: bool = False) -> date:
        """A payer was charged (and got it back, if reversed); return the bill that says so."""
        self.count += 1
        reference = f"{at.astimezone(CHINA):%Y%m%d}{self.count:020d}"
        order = Order(
            number=number, amount=amount, way=Way.CODE,
            state=State.REVERSED if is_reversed else State.PAID, reference=reference, payer="",
            part=None, created_at=at, due_at=None, paid_at=at,
            closed_at=at + timedelta(seconds=20) if is_reversed else None, expires_at=None,
            notice_url="", attributes={"mchid": "1900000001", "subject": "午餐"},
        )  # fmt: skip
        if is_reversed:
            self._add(Move(MoveKind.REVERSED, at + timedelta(seconds=20), amount, order))
        return self._add(Move(MoveKind.PAID, at, amount, order))

    def returned(self, number: str, refund_number: str, amount: int, at: datetime) -> date:
        """Money went back; return the bill that says so."""
        self.count += 1
        reference = f"{at.astimezone(CHINA):%Y%m%d}{self.count:020d}"
        order = Order(
            number, amount, Way.CODE, State.PAID, reference, "", None, at, None, at, None, None,
            "", {"mchid": "1900000001"},
        )  # fmt: skip
        refund = Refund(
            refund_number, number, amount, RefundState.SUCCEEDED, f"9{reference[1:]}", at, at, ""
        )
        return self._add(Move(MoveKind.REFUNDED, at, amount, order, refund))

    def day_of(self, at: datetime) -> date:
        """Which day's bill a move is on."""
        is_unionpay = self.channel == "unionpay"
        return write_unionpay.day_of(at) if is_unionpay else at.astimezone(CHINA).date()

    def _add(self, move: Move) -> date:
        on = self.day_of(move.at)
        self.moves.setdefault(on, []).append(move)
        return on

    def bill(self, on: date) -> Bill | NoBill:
        """The bill of a day as our channel makes it of the provider's file."""
        moves = sorted(self.moves.pop(on, []), key=lambda m: (m.at, m.order.reference))
        if self.channel == "unionpay":
            moves = [move for move in moves if move.order.state is not State.REVERSED]
        if not moves:
            return NoBill("bills.empty")
        said = cast("Bill | NoBill", getattr(self, f"_{self.channel}")(on, moves))
        assert isinstance(said, Bill), said
        self.lines += len(said.items)
        return said

    def _twists_of(self, moves: Sequence[Move]) -> dict[str, Twist]:
        numbers = {move.order.number for move in moves}
        return {number: twist for number, twist in self.twists.items() if number in numbers}

    def _wechat(self, on: date, moves: Sequence[Move]) -> Bill:
        rows = write_wechat.trade_bill(moves).split("\r\n")
        for number, twist in self._twists_of(moves).items():
            rows = [_wechat_row(row, twist) if f"`{number}," in row else row for row in rows]
        file = "\r\n".join(rows).encode()
        return Bill(BillKind.TRADE, on, read_wechat.read(BillKind.TRADE, file), file)

    def _alipay(self, on: date, moves: Sequence[Move]) -> Bill:
        now = datetime.combine(on, time(12, 30), CHINA) + timedelta(days=1)
        books, keys = cast("Any", _Books(moves)), cast("Any", None)
        world = World(books, keys, lambda: now, lambda count: b"\1" * count)
        writer = _Alipay(world, "2088102170208070", self.twists)
        url = writer.address("trade", on, "", None)["bill_download_url"]
        asked = Request("GET", f"/?fileId={str(url).rsplit('=', 1)[1]}", {}, b"")
        file = writer.file(asked).body
        return Bill(BillKind.TRADE, on, read_alipay.read(BillKind.TRADE, file), file)

    def _unionpay(self, on: date, moves: Sequence[Move]) -> Bill | NoBill:
        content = write_unionpay.content(MERCHANT, on, moves, None)
        for number, twist in self._twists_of(moves).items():
            content = _unionpay_row(content, number, twist)
        fields = {"respCode": "00", "fileContent": content}
        now = datetime.combine(on, time(12, 30), CHINA) + timedelta(days=1)
        return read_unionpay.read_bill(fields, on, now)

    def _bank(self, on: date, moves: Sequence[Move]) -> Bill:
        rows = list(csv.reader(io.StringIO(write_bank.statement(moves, None).decode())))
        total = rows[-1]
        for row in rows[1:-1]:
            twist = self.twists.get(row[1])
            if twist is not None and row[0] == "payment":
                row[6] = str(int(row[6]) + twist.fee_amount)
                total[6] = str(int(total[6]) + twist.fee_amount)
                row[7] = twist.currency or row[7]
        out = io.StringIO(newline="")
        csv.writer(out).writerows(rows)
        file = out.getvalue().encode()
        return Bill(BillKind.TRADE, on, read_bank.read_lines(file), file)


@dataclass(frozen=True, slots=True)
class _Books:
    """What a writer that asks for its provider's books is given."""

    day: Sequence[Move]

    def moves(self, _since: datetime, _until: datetime) -> Sequence[Move]:
        """The day's."""
        return self.day


class _Alipay(write_alipay.BillFiles):
    def __init__(self, world: World, seller: str, twists: dict[str, Twist]) -> None:
        super().__init__(world, seller)
        self._twists = twists

    def _trade_bill(self, moves: Sequence[Move], on: date) -> list[tuple[str, str]]:
        return [(name, self._twisted(text)) for name, text in super()._trade_bill(moves, on)]

    def _twisted(self, text: str) -> str:
        rows = text.split("\r\n")
        for place, row in enumerate(rows):
            cells = row.split(",")
            number = cells[ALIPAY_NUMBER].strip() if len(cells) > ALIPAY_FEE else ""
            if number in self._twists:
                more = self._twists[number].fee_amount
                cells[ALIPAY_FEE] = f"{_yuan(_fen(cells[ALIPAY_FEE]) - more)}\t"
                rows[place] = ",".join(cells)
        return "\r\n".join(rows)


def _wechat_row(row: str, twist: Twist) -> str:
    cells = row.split(",`")
    more = round(float(cells[WECHAT_FEE]) * 100) + twist.fee_amount
    cells[WECHAT_FEE] = f"{more / 100:.5f}"
    cells[WECHAT_CURRENCY] = twist.currency or cells[WECHAT_CURRENCY]
    return ",`".join(cells)


def _unionpay_row(content: str, number: str, twist: Twist) -> str:
    """Write another fee into the line of an order of the packed file."""
    packed = io.BytesIO(zlib.decompress(base64.b64decode(content)))
    with zipfile.ZipFile(packed) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    place = sum(width + 1 for width in write_unionpay.WIDTHS[:15])
    for name, body in files.items():
        lines = body.split(b"\r\n")
        for at, line in enumerate(lines):
            if number.encode() in line[:150]:
                fee = int(line[place + 1 : place + 13]) + twist.fee_amount
                lines[at] = line[:place] + f"D{fee:012d}".encode() + line[place + 13 :]
        files[name] = b"\r\n".join(lines)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return base64.b64encode(zlib.compress(out.getvalue())).decode()


def _fen(yuan: str) -> int:
    return round(float(yuan.strip() or "0") * 100)


def _yuan(amount: int) -> str:
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"
