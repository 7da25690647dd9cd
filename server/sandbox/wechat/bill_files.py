"""Bills as merchants fetch them: asked for by day, then downloaded by a link that dies soon."""

import gzip
import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from server.sandbox.entries import Move
from server.sandbox.faults import Fault
from server.sandbox.frame import Reply, Request, World
from server.sandbox.wechat import bills
from server.sandbox.wechat.words import CALENDAR, trouble, written

FILE_PATH: Final = "/v3/billdownload/file"
_FILE_S: Final = 300
_DAYS: Final = 92
_READY: Final = timedelta(days=1, hours=10)
"""A day's bill can be had from ten o'clock the day after."""

Writer = Callable[[Sequence[Move]], str]


class BillFiles:
    """The bills of one merchant, and the links that were given out for them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._files: dict[str, tuple[bytes, datetime]] = {}

    def trades(self, request: Request, host: str) -> Reply:
        """Name the file of a day's trades."""
        if request.query.get("bill_type", "ALL") != "ALL":
            return trouble(400, "PARAM_ERROR", "只支持ALL")
        return self._named(request, host, bills.trade_bill)

    def funds(self, request: Request, host: str) -> Reply:
        """Name the file of a day's moves of the basic account."""
        if request.query.get("account_type", "BASIC") != "BASIC":
            return trouble(400, "PARAM_ERROR", "只支持BASIC")
        return self._named(request, host, bills.funds_bill)

    def file(self, request: Request) -> Reply:
        """Give out a file."""
        file, until = self._files.get(request.query.get("token", ""), (b"", self._world.now()))
        if self._world.now() >= until:
            return trouble(403, "NO_AUTH", "下载地址已失效")
        return Reply(200, file, "application/octet-stream")

    def _named(self, request: Request, host: str, write: Writer) -> Reply:
        on = date.fromisoformat(request.query["bill_date"])
        now = self._world.now().astimezone(CALENDAR)
        if on >= now.date() or (now.date() - on).days > _DAYS:
            return trouble(400, "PARAM_ERROR", "账单日期不正确")
        if now < bills.day(on)[0] + _READY or request.fault is Fault.BILL_NOT_READY:
            return trouble(400, "STATEMENT_CREATING", "账单生成中，请10点后再试")
        start, end = bills.day(on, is_shifted=request.fault is Fault.BILL_SHIFTED)
        moves = self._world.books.moves(start, end)
        if not moves:
            return trouble(400, "NO_STATEMENT_EXIST", "账单文件不存在")
        return self._link(request, host, write(moves).encode())

    def _link(self, request: Request, host: str, text: bytes) -> Reply:
        """The hash is that of the whole, unpacked text, whatever becomes of the file."""
        file = text[: len(text) // 2] if request.fault is Fault.BILL_DAMAGED else text
        if request.query.get("tar_type") == "GZIP":
            file = gzip.compress(file, mtime=0)
        token = self._world.random(16).hex()
        self._files[token] = (file, self._world.now() + timedelta(seconds=_FILE_S))
        return written(
            {
                "hash_type": "SHA1",
                "hash_value": hashlib.sha1(text, usedforsecurity=False).hexdigest(),
                "download_url": f"{host}{FILE_PATH}?token={token}",
            }
        )
