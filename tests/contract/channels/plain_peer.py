"""The peer of a made-up provider with the plainest protocol there can be.

It and `plain_channel` show that the suite can be passed; broken twins of the channel, that it can
be failed. Requests and answers are JSON; both sides sign `<unix seconds>\\n<nonce>\\n<body>`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from server.sandbox.books import CALENDAR
from server.sandbox.entries import (
    Event,
    Mandate,
    MandateState,
    Move,
    MoveKind,
    Order,
    Refund,
    Refused,
    State,
    Way,
    Why,
)
from server.sandbox.faults import CUT_OFF_S, Fault, Operation
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
from server.sandbox.keys import is_signed

MERCHANT = "plain-merchant"


def signed(time: datetime, nonce: str, body: bytes) -> bytes:
    return f"{int(time.timestamp())}\n{nonce}\n".encode() + body


class PlainPeer(Peer):
    kind = "plain"

    def routes(self) -> Sequence[Route]:
        acts = {
            Operation.PAY: self._pay,
            Operation.CREATE: self._create,
            Operation.QUERY: self._query,
            Operation.REVERSE: self._reverse,
            Operation.REFUND: self._refund,
            Operation.QUERY_REFUND: self._query_refund,
            Operation.BILL: self._bill,
            Operation.SIGN: self._sign,
            Operation.DEBIT: self._debit,
            Operation.CANCEL_MANDATE: self._cancel_mandate,
        }
        return [Route("POST", f"/{name.value}", name, act) for name, act in acts.items()]

    def account(self) -> SampleAccount:
        settings = {"merchant": MERCHANT, "provider_key": self.keys.pair("plain").public_pem}
        return SampleAccount(
            self.kind, settings, {"private_key": self.keys.pair("merchant").private_pem}
        )

    def payer_code(self, request: Request) -> str:
        return str(json.loads(request.body).get("code", ""))

    def answer(self, request: Request) -> Reply:
        merchant = self.keys.pair("merchant").public
        if not is_signed(merchant, *_signed_part(request)):
            return _said(401, code="bad_signature")
        try:
            return super().answer(request)
        except Refused as refused:
            return _said(409, code=refused.why)

    def seal(self, request: Request, reply: Reply, seal: Seal) -> Reply:
        if seal is Seal.MISSING:
            return reply
        name = "plain" if seal is Seal.RIGHT else "stranger"
        return replace(reply, headers=self._signature(reply.body, name, self.world.now()))

    def rate_limited(self, request: Request) -> Reply:
        return _said(429, code="too_often")

    def system_error(self, request: Request) -> Reply:
        return _said(500, code="system_error")

    def strange(self, request: Request, reply: Reply) -> Reply:
        return _said(200, code="moon_in_capricorn")

    def compose(self, event: Event, tampering: Tampering) -> Posting:
        order = self.books.peek(event.number)
        assert order is not None
        refund = self.books.look_refund(event.refund_number)
        amount = refund.amount if refund else order.amount
        told = {
            "id": f"e{event.id}",
            "merchant": "another" if tampering is Tampering.WRONG_APP else MERCHANT,
            "number": order.number,
            "refund_number": event.refund_number,
            "amount": amount + (tampering is Tampering.WRONG_AMOUNT),
            "state": refund.state if refund else State.PAID,
        }
        body = json.dumps(told).encode()
        if tampering is Tampering.UNSIGNED:
            return Posting({}, body)
        name = "stranger" if tampering is Tampering.FORGED else "plain"
        late = timedelta(minutes=10 if tampering is Tampering.STALE else 0)
        return Posting(self._signature(body, name, self.world.now() - late), body)

    def _signature(self, body: bytes, key: str, at: datetime) -> dict[str, str]:
        nonce = self.world.random(16).hex()
        signature = self.keys.pair(key).sign(signed(at, nonce, body))
        return {
            "Plain-Time": str(int(at.timestamp())),
            "Plain-Nonce": nonce,
            "Plain-Signature": base64.b64encode(signature).decode(),
        }

    def _pay(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        return _order(
            self.books.charge(
                asked["number"], asked["amount"], payer_code=asked["code"], part=request.fault
            )
        )

    def _create(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        order = self.books.open(
            asked["number"],
            asked["amount"],
            way=Way(asked["way"]),
            expires_at=datetime.fromisoformat(asked["expires_at"]),
            notice_url=asked["notice_url"],
        )
        return _said(200, code_text=f"plain:{order.number}")

    def _query(self, request: Request) -> Reply:
        order = self.books.look(json.loads(request.body)["number"])
        return _said(404, code=Why.NO_ORDER) if order is None else _order(order)

    def _reverse(self, request: Request) -> Reply:
        number = json.loads(request.body)["number"]
        order = self.books.peek(number)
        if order is not None and order.way not in (Way.CODE, Way.DEBIT):
            return _order(self.books.close(number))
        return _order(self.books.reverse(number))

    def _refund(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        refund = self.books.refund(
            asked["number"], asked["refund_number"], asked["amount"], part=request.fault,
            notice_url=asked["notice_url"],
        )  # fmt: skip
        return _refund(refund)

    def _query_refund(self, request: Request) -> Reply:
        refund = self.books.look_refund(json.loads(request.body)["refund_number"])
        return _said(404, code=Why.NO_ORDER) if refund is None else _refund(refund)

    def _bill(self, request: Request) -> Reply:
        if request.fault is Fault.BILL_NOT_READY:
            return _said(404, code="not_ready")
        midnight = datetime.fromisoformat(json.loads(request.body)["on"]).replace(tzinfo=CALENDAR)
        shift = timedelta(seconds=CUT_OFF_S if request.fault is Fault.BILL_SHIFTED else 0)
        moves = self.books.moves(midnight - shift, midnight + timedelta(days=1) - shift)
        lines = [_line(move) for move in moves]
        count = len(lines) + (request.fault is Fault.BILL_DAMAGED)
        return _said(200, lines=lines, count=count)

    def _sign(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        return _mandate(self.books.mandates.ask(asked["mandate"], asked["payer"]))

    def _debit(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        known = self.books.mandates.look(asked["mandate"])
        if self.books.peek(asked["number"]) is None:
            if known is None or known.state is not MandateState.ACTIVE:
                raise Refused(Why.NO_MANDATE)
        return _order(
            self.books.charge(asked["number"], asked["amount"], way=Way.DEBIT, part=request.fault)
        )

    def _cancel_mandate(self, request: Request) -> Reply:
        return _mandate(self.books.mandates.end(json.loads(request.body)["mandate"]))


def _signed_part(request: Request) -> tuple[bytes, bytes]:
    message = f"{request.headers.get('plain-time')}\n{request.headers.get('plain-nonce')}\n"
    signature = base64.b64decode(request.headers.get("plain-signature", ""))
    return message.encode() + request.body, signature


def _said(status: int, **content: Any) -> Reply:
    return Reply(status, json.dumps(content).encode())


def _order(order: Order) -> Reply:
    return _said(
        200,
        number=order.number,
        state=order.state,
        amount=order.amount,
        reference=order.reference,
        took_money=order.took_money,
    )


def _refund(refund: Refund) -> Reply:
    return _said(
        200,
        refund_number=refund.refund_number,
        state=refund.state,
        amount=refund.amount,
        reference=refund.reference,
    )


def _mandate(mandate: Mandate) -> Reply:
    return _said(200, mandate=mandate.number, state=mandate.state)


def _line(move: Move) -> dict[str, Any]:
    returned = {
        MoveKind.PAID: "",
        MoveKind.REVERSED: move.order.number,
        MoveKind.REFUNDED: move.refund.refund_number if move.refund else "",
    }
    return {
        "number": move.order.number,
        "reference": move.order.reference,
        "amount": move.amount,
        "kind": move.kind,
        "refund_number": returned[move.kind],
        "at": move.at.timestamp(),
    }


PEER = PlainPeer
