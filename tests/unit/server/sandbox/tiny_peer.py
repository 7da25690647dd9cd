"""The smallest peer there can be: shows how one is put on the frame, and tests the frame by it."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from server.sandbox.entries import Event, Refused
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
)


class TinyPeer(Peer):
    kind = "tiny"

    def routes(self) -> Sequence[Route]:
        number = r"/orders/(?P<number>\w+)"
        return (
            Route("POST", "/pay", Operation.PAY, self._pay),
            Route("GET", number, Operation.QUERY, self._query),
            Route("POST", f"{number}/reverse", Operation.REVERSE, self._reverse),
        )

    def account(self) -> SampleAccount:
        return SampleAccount(self.kind, {"key": self.keys.pair("tiny").public_pem}, {})

    def payer_code(self, request: Request) -> str:
        return str(json.loads(request.body)["code"]) if request.path == "/pay" else ""

    def seal(self, request: Request, reply: Reply, seal: Seal) -> Reply:
        if seal is Seal.MISSING:
            return reply
        key = self.keys.pair("tiny" if seal is Seal.RIGHT else "stranger")
        signature = base64.b64encode(key.sign(reply.body)).decode()
        return replace(reply, headers={"Signature": signature})

    def rate_limited(self, request: Request) -> Reply:
        return _json({"code": "TOO_OFTEN"}, 429)

    def system_error(self, request: Request) -> Reply:
        return _json({"code": "SYSTEM_ERROR"}, 500)

    def strange(self, request: Request, reply: Reply) -> Reply:
        return _json({"code": "MOON_IN_CAPRICORN"}, 200)

    def compose(self, event: Event, tampering: Tampering) -> Posting:
        order = self.books.peek(event.number)
        assert order is not None
        extra = 1 if tampering is Tampering.WRONG_AMOUNT else 0
        body = json.dumps({"number": order.number, "amount": order.amount + extra}).encode()
        key = self.keys.pair("stranger" if tampering is Tampering.FORGED else "tiny")
        return Posting({"Signature": base64.b64encode(key.sign(body)).decode()}, body)

    def _pay(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        try:
            order = self.books.charge(
                asked["number"],
                asked["amount"],
                payer_code=asked["code"],
                part=request.fault,
                notice_url=asked.get("notice_url", ""),
            )
        except Refused as refused:
            return _json({"code": refused.why}, 400)
        return _json({"state": order.state})

    def _query(self, request: Request, number: str) -> Reply:
        order = self.books.look(number)
        return _json({"code": "no_order"}, 404) if order is None else _json({"state": order.state})

    def _reverse(self, request: Request, number: str) -> Reply:
        try:
            return _json({"state": self.books.reverse(number).state})
        except Refused as refused:
            return _json({"code": refused.why}, 400)


def _json(content: dict[str, Any], status: int = 200) -> Reply:
    return Reply(status, json.dumps(content).encode())
