"""The operating bank behind its direct link (docs/bank-link.md), from the bank's side.

Posts before it answers; what is put under a number again is the same order; a reversal closes its
number for ever, also one that was never seen.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from server.sandbox.bank import letters, statements
from server.sandbox.entries import (
    Event,
    Mandate,
    MandateState,
    Order,
    Refund,
    RefundState,
    Refused,
    State,
    Way,
    Why,
)
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

MERCHANT: Final = "canteen-0001"
BANK: Final = "sandbox-bank"
WINDOW_S: Final = 300
STATEMENT_READY: Final = timedelta(hours=1)
"""After midnight in Beijing."""
NONCES: Final = 10_000
BASE: Final = "/bank-link/v1"
_NUMBER: Final = r"(?P<number>[0-9a-zA-Z]{8,64})"
_MANDATE: Final = r"(?P<mandate>[0-9a-zA-Z_%-]{1,64})"
_REFUSALS: Final[Mapping[Why, tuple[int, str]]] = {
    Why.NO_ORDER: (404, "not_found"),
    Why.DIFFERENT: (409, "number_reused"),
    Why.CODE_USED: (422, "code_used"),
    Why.PAYING: (409, "paying"),
    Why.NOT_OPEN: (409, "number_closed"),
    Why.NOT_PAID: (422, "not_paid"),
    Why.BEYOND: (422, "exceeds_paid"),
    Why.HAS_REFUNDS: (409, "has_refunds"),
    Why.NO_MANDATE: (422, "mandate_unknown"),
}
_REFUND_STATES: Final = {
    RefundState.PROCESSING: "processing",
    RefundState.SUCCEEDED: "succeeded",
    RefundState.FAILED: "failed",
}

Asked = Mapping[str, Any]


class BankPeer(Peer):
    """The bank and its sample merchant."""

    kind = "bank"
    notice_delays_s = (15.0, 60.0, 300.0, 900.0, 3600.0, 3600.0, 3600.0)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._nonces: OrderedDict[str, None] = OrderedDict()

    def routes(self) -> Sequence[Route]:
        """What the link offers."""
        charges, orders = f"{BASE}/charges/{_NUMBER}", f"{BASE}/orders/{_NUMBER}"
        refunds, mandates = f"{BASE}/refunds/{_NUMBER}", f"{BASE}/mandates/{_MANDATE}"
        return (
            Route("PUT", charges, Operation.PAY, self._charge),
            Route("PUT", orders, Operation.CREATE, self._open),
            Route("GET", orders, Operation.QUERY, self._look),
            Route("PUT", f"{orders}/reversal", Operation.REVERSE, self._reverse),
            Route("PUT", refunds, Operation.REFUND, self._refund),
            Route("GET", refunds, Operation.QUERY_REFUND, self._look_refund),
            Route("PUT", mandates, Operation.SIGN, self._sign),
            Route("DELETE", mandates, Operation.CANCEL_MANDATE, self._cancel),
            Route("PUT", f"{BASE}/debits/{_NUMBER}", Operation.DEBIT, self._debit),
            Route("GET", f"{BASE}/bills/(?P<on>[0-9-]{{10}})", Operation.BILL, self._bill),
            Route("GET", f"{BASE}/echo", Operation.OTHER, self._echo),
        )

    def account(self) -> SampleAccount:
        """The merchant as it is entered into the console."""
        return SampleAccount(
            self.kind,
            {
                "merchant": MERCHANT,
                "bank": BANK,
                "bank_key": self.keys.pair("bank").public_pem,
                "display_name": "SANDBOX CANTEEN",
                "display_city": "SHANGHAI",
            },
            {"private_key": self.keys.pair("merchant").private_pem},
        )

    def payer_code(self, request: Request) -> str:
        """Return the code that the merchant scanned."""
        try:
            return str(_asked(request).get("code", ""))
        except ValueError:
            return ""

    def answer(self, request: Request) -> Reply:
        """Check who asks, then do it."""
        wrong = self._wrong(request)
        if wrong is not None:
            return _no(401, wrong)
        try:
            return super().answer(request)
        except Refused as refused:
            return _no(*_REFUSALS[refused.why])
        except (KeyError, ValueError, TypeError):
            return _no(400, "bad_request")

    def seal(self, request: Request, reply: Reply, seal: Seal) -> Reply:
        """Sign an answer to this very request."""
        if seal is Seal.MISSING:
            return reply
        pair = self.keys.pair("bank" if seal is Seal.RIGHT else "stranger")
        nonce, at = letters.stamps(request.headers)["nonce"], int(self.world.now().timestamp())
        message = letters.text("answer", nonce, reply.status, BANK, at, letters.hexed(reply.body))
        return replace(reply, headers=letters.stamped(pair, BANK, at, nonce or "-", message))

    def no_such_path(self, request: Request) -> Reply:
        """Answer what the link does not offer."""
        return _no(400, "bad_request")

    def rate_limited(self, request: Request) -> Reply:
        """429: nothing was done."""
        return _no(429, "rate_limited")

    def system_error(self, request: Request) -> Reply:
        """503 "busy" leaves open what was done."""
        return _no(503, "busy")

    def strange(self, request: Request, reply: Reply) -> Reply:
        """A state or a code of the moon."""
        if not reply.content_type.startswith("application/json"):
            return _no(422, "moonstruck")
        said = {**json.loads(reply.body), "code": "moonstruck", "state": "moonstruck"}
        return replace(reply, body=json.dumps(said).encode())

    def compose(self, event: Event, tampering: Tampering) -> Posting:
        """Write the notice of a payment or a refund; each sending has its own nonce."""
        said = self._told(event)
        at = int(self.world.now().timestamp())
        if tampering is Tampering.WRONG_AMOUNT:
            said["amount"] += 1
        if tampering is Tampering.WRONG_APP:
            said["merchant"] = "canteen-0002"
        if tampering is Tampering.STALE:
            at -= 600
        body = json.dumps(said, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if tampering is Tampering.UNSIGNED:
            return Posting(headers, body)
        pair = self.keys.pair("stranger" if tampering is Tampering.FORGED else "bank")
        nonce = self.world.random(16).hex()
        message = letters.text("notice", BANK, at, nonce, letters.hexed(body))
        return Posting({**headers, **letters.stamped(pair, BANK, at, nonce, message)}, body)

    def _charge(self, request: Request, number: str) -> Reply:
        asked = _asked(request)
        code = str(asked["code"])
        if not (len(code) == 20 and code.isdigit() and code.startswith("88")):
            return _no(422, "code_invalid")
        return self._charged(request, number, Way.CODE, payer_code=code)

    def _debit(self, request: Request, number: str) -> Reply:
        mandate = self.books.mandates.look(str(_asked(request)["mandate"]))
        if mandate is None or mandate.state is MandateState.ASKED:
            return _no(422, "mandate_unknown")
        if mandate.state is MandateState.ENDED and self.books.peek(number) is None:
            return _no(422, "mandate_ended")
        return self._charged(request, number, Way.DEBIT, payer=mandate.payer)

    def _charged(
        self, request: Request, number: str, way: Way, *, payer_code: str = "", payer: str = ""
    ) -> Reply:
        asked = _asked(request)
        amount = _amount(asked)
        known = self.books.peek(number)
        if known is not None and known.state in (State.CLOSED, State.REVERSED):
            return _no(409, "number_closed")
        order = self.books.charge(
            number, amount, way=way, payer_code=payer_code, payer=payer, part=request.fault,
            notice_url=str(asked.get("notice_url", "")),
        )  # fmt: skip
        return _yes(_order(order))

    def _open(self, request: Request, number: str) -> Reply:
        asked = _asked(request)
        known = self.books.peek(number)
        if known is not None and known.state is not State.OPEN:
            return _no(409, "number_closed")
        order = self.books.open(
            number, _amount(asked), way=Way(asked["way"]),
            expires_at=datetime.fromisoformat(asked["expires_at"]),
            payer=str(asked.get("payer", "")), notice_url=str(asked.get("notice_url", "")),
        )  # fmt: skip
        return _yes({**_order(order), "token": order.reference[-20:]})

    def _look(self, request: Request, number: str) -> Reply:
        order = self.books.look(number)
        return _no(404, "not_found") if order is None else _yes(_order(order))

    def _reverse(self, request: Request, number: str) -> Reply:
        with self.books.transaction():
            if self.books.peek(number) is None:
                # Closed before it came: one fen that nobody ever owed
                self.books.open(number, 1, way=Way.SCAN, attributes={"unseen": "1"})
                return _yes(_order(self.books.close(number)))
        return _yes(_order(self.books.reverse(number)))

    def _refund(self, request: Request, number: str) -> Reply:
        asked = _asked(request)
        refund = self.books.refund(
            str(asked["number"]), number, _amount(asked), part=request.fault,
            notice_url=str(asked.get("notice_url", "")),
        )  # fmt: skip
        return _yes(_refund(refund))

    def _look_refund(self, request: Request, number: str) -> Reply:
        refund = self.books.look_refund(number)
        return _no(404, "not_found") if refund is None else _yes(_refund(refund))

    def _sign(self, request: Request, mandate: str) -> Reply:
        payer = json.dumps(_asked(request)["payer"], sort_keys=True, ensure_ascii=False)
        return _yes(_mandate(self.books.mandates.ask(mandate, payer)))

    def _cancel(self, request: Request, mandate: str) -> Reply:
        return _yes(_mandate(self.books.mandates.end(mandate)))

    def _bill(self, request: Request, on: str) -> Reply:
        day = date.fromisoformat(on)
        if request.query.get("kind") != "trade":
            return _no(422, "not_allowed")
        start, end = statements.span(day, request.fault)
        is_early = self.world.now() < end + STATEMENT_READY
        if is_early or request.fault is Fault.BILL_NOT_READY:
            return _no(404, "bill_not_ready")
        file = statements.statement(self.books.moves(start, end), request.fault)
        return Reply(200, file, "text/csv; charset=utf-8")

    def _echo(self, request: Request) -> Reply:
        return _yes({"merchant": MERCHANT, "bank": BANK})

    def _wrong(self, request: Request) -> str | None:
        """Say why a request is nobody's, or None."""
        if not letters.is_from(request, self.keys.pair("merchant"), MERCHANT):
            return "bad_signature"
        stamp = letters.stamps(request.headers)
        now = self.world.now().timestamp()
        if not stamp["timestamp"].isdigit() or abs(now - int(stamp["timestamp"])) > WINDOW_S:
            return "stale"
        if stamp["nonce"] in self._nonces:
            return "replayed"
        self._nonces[stamp["nonce"]] = None
        if len(self._nonces) > NONCES:
            self._nonces.popitem(last=False)
        return None

    def _told(self, event: Event) -> dict[str, Any]:
        order = self.books.peek(event.number)
        assert order is not None
        common = {"id": f"notice-{event.id}", "merchant": MERCHANT}
        refund = self.books.look_refund(event.refund_number) if event.refund_number else None
        return {**common, **(_order(order) if refund is None else _refund(refund))}


def _order(order: Order) -> dict[str, Any]:
    said = {
        "number": order.number,
        "amount": 0 if order.attributes.get("unseen") else order.amount,
        "currency": "CNY",
        "state": order.state.value,
        "reference": order.reference,
    }
    if order.state is State.DECLINED:
        gave_up = order.part is Fault.PAYER_GIVES_UP
        said["reason"] = "payer_cancelled" if gave_up else "insufficient_funds"
    return said


def _refund(refund: Refund) -> dict[str, Any]:
    said = {
        "refund_number": refund.refund_number,
        "number": refund.number,
        "amount": refund.amount,
        "currency": "CNY",
        "state": _REFUND_STATES[refund.state],
        "reference": refund.reference,
    }
    return {**said, "reason": "payer_gone"} if refund.state is RefundState.FAILED else said


def _mandate(mandate: Mandate) -> dict[str, Any]:
    return {"mandate": mandate.number, "state": mandate.state.value}


def _asked(request: Request) -> Asked:
    read = json.loads(request.body) if request.body else {}
    if not isinstance(read, dict):
        raise ValueError("not an object")
    return read


def _amount(asked: Asked) -> int:
    amount = asked["amount"]
    if not isinstance(amount, int) or amount < 1 or asked["currency"] != "CNY":
        raise ValueError("no amount in yuan")
    return amount


def _yes(said: Mapping[str, Any]) -> Reply:
    return Reply(200, json.dumps(said, ensure_ascii=False).encode())


def _no(status: int, code: str) -> Reply:
    return Reply(status, json.dumps({"code": code}).encode())


PEER = BankPeer
