"""`/_control/…`: how a test or a person stands behind a peer's scenes. JSON both ways.

    GET  books                             orders, refunds, mandates and moves of money
    GET  faults                            what is still going to happen
    POST faults   operation fault count    let `fault` (null: nothing) happen to the next `count`
                                           calls (null: to all); `slow_ms` of slow answers
    POST fate     seed share               let a seed decide; seed null ends it
    POST calm                              no more faults
    GET, POST clock  offset_s              how far the sandbox is ahead of the machine
    POST pay      number payer             be the payer of an open order, or finish typing
    POST scan     number                   be a payer who scanned an open order and now types
    POST mandates/confirm, mandates/end  number
    GET  notices                           what merchants were or are to be told
    POST notices  ids tampering times url  send these now, in this order, each so many times

A request that makes no sense is answered 400, what the books refuse 409, both with `error`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from server.sandbox.entries import Refused
from server.sandbox.faults import Fate, Fault, Operation
from server.sandbox.frame import Desk, PeerClock, Reply, Request, Tampering
from server.sandbox.notices import Postman

PREFIX: Final = "/_control/"
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
_END: Final = datetime(2100, 1, 1, tzinfo=UTC)
_TIMES_MAX: Final = 100
"""Sendings of one notice in one request."""

Asked = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Control:
    """What stands behind one peer; requests that are not for it go to the desk."""

    desk: Desk
    clock: PeerClock
    postman: Postman

    def handle(self, request: Request) -> Reply | None:
        """Answer one request of either kind."""
        if not request.path.startswith(PREFIX):
            return self.desk.handle(request)
        act = self._acts().get(f"{request.method} {request.path.removeprefix(PREFIX)}")
        if act is None:
            return _reply(404, {"error": "there is no such control"})
        try:
            return _reply(200, act(_asked(request)))
        except Refused as refused:
            return _reply(409, {"error": refused.why})
        except (KeyError, ValueError, TypeError) as wrong:
            return _reply(400, {"error": f"{type(wrong).__name__}: {wrong}"})

    def _acts(self) -> dict[str, Callable[[Asked], Any]]:
        books = self.desk.peer.books
        return {
            "GET books": lambda _: self._books(),
            "GET faults": lambda _: self.desk.faults.asked(),
            "POST faults": self._ask_fault,
            "POST fate": self._play_fate,
            "POST calm": lambda _: self.desk.faults.clear(),
            "GET clock": lambda _: self._clock(),
            "POST clock": self._set_clock,
            "POST pay": lambda asked: asdict(
                books.pay_open(asked["number"], asked.get("payer", ""))
            ),
            "POST scan": lambda asked: asdict(books.start_paying(asked["number"])),
            "POST mandates/confirm": lambda asked: asdict(books.mandates.confirm(asked["number"])),
            "POST mandates/end": lambda asked: asdict(books.mandates.end(asked["number"])),
            "GET notices": lambda _: [asdict(event) for event in books.events.all()],
            "POST notices": self._send_notices,
        }

    def _books(self) -> dict[str, Any]:
        books = self.desk.peer.books
        orders = books.orders()
        return {
            "orders": [
                asdict(order) | {"net_amount": books.net_amount(order.number)} for order in orders
            ],
            "refunds": [asdict(r) for order in orders for r in books.refunds_of(order.number)],
            "mandates": [asdict(mandate) for mandate in books.mandates.all()],
            "moves": [
                {
                    "kind": move.kind,
                    "at": move.at,
                    "amount": move.amount,
                    "number": move.order.number,
                    "refund_number": move.refund.refund_number if move.refund else "",
                }
                for move in books.moves(_BEGINNING, _END)
            ],
        }

    def _ask_fault(self, asked: Asked) -> dict[str, Any]:
        if "slow_ms" in asked:
            self.desk.faults.slow_ms = int(asked["slow_ms"])
        fault = None if asked["fault"] is None else Fault(asked["fault"])
        self.desk.faults.ask(Operation(asked["operation"]), fault, asked.get("count", 1))
        return self.desk.faults.asked()

    def _play_fate(self, asked: Asked) -> None:
        seed = asked["seed"]
        fate = None if seed is None else Fate(int(seed), float(asked.get("share", 0.3)))
        self.desk.faults.play(fate)

    def _clock(self) -> dict[str, Any]:
        return {"now": self.clock.now(), "offset_s": self.clock.offset_s}

    def _set_clock(self, asked: Asked) -> dict[str, Any]:
        self.clock.set_offset(float(asked["offset_s"]))
        return self._clock()

    def _send_notices(self, asked: Asked) -> list[dict[str, Any]]:
        events = {event.id: event for event in self.desk.peer.books.events.all()}
        tampering = Tampering(asked.get("tampering", Tampering.NONE))
        times = int(asked.get("times", 1))
        if not 1 <= times <= _TIMES_MAX:
            raise ValueError(f"times is 1 to {_TIMES_MAX}")
        return [
            {"id": id, "status": self.postman.post(events[id], tampering, asked.get("url", ""))}
            for id in asked["ids"]
            for _ in range(times)
        ]


def _asked(request: Request) -> Asked:
    """Read the body; a page of a stranger in a browser cannot send this content type unasked."""
    if request.method == "GET":
        return {}
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ValueError("the body must be application/json")
    content = json.loads(request.body or b"{}")
    if not isinstance(content, dict):
        raise ValueError("the body must be an object")
    return content


def _reply(status: int, content: Any) -> Reply:
    text = json.dumps({} if content is None else content, default=_plain, ensure_ascii=False)
    return Reply(status, text.encode())


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong into an answer")
