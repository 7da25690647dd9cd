"""The payout bank of the sandbox (docs/payout-link.md): takes files, pays, fails, sends back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from server.sandbox.entries import Event
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
    World,
)
from server.sandbox.payout_bank import letters
from server.sandbox.payout_bank.drafts import BadFile, Drafts, result_file

PARTY: Final = "canteen-0001"
BANK: Final = "sandbox-payouts"
WINDOW_S: Final = 300
BASE: Final = "/payout-link/v1"
NOTICE_HEADER: Final = "payout-link-notices"
"""Where the merchant wants to be told: at a real bank it is agreed on paper."""
_NUMBER: Final = r"(?P<number>[0-9A-Z-]{1,32})"


class PayoutBankPeer(Peer):
    """The bank and its sample customer."""

    kind = "payout_bank"
    notice_delays_s = (15.0, 60.0, 300.0, 900.0, 3600.0)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.drafts = Drafts(world.books)

    def routes(self) -> Sequence[Route]:
        """What the link offers."""
        return (
            Route("PUT", f"{BASE}/files/{_NUMBER}", Operation.CREATE, self._take),
            Route("GET", f"{BASE}/files/{_NUMBER}", Operation.QUERY, self._look),
            Route("GET", f"{BASE}/results/{_NUMBER}", Operation.BILL_FILE, self._results),
        )

    def account(self) -> SampleAccount:
        """The customer as its own side needs it."""
        return SampleAccount(
            self.kind,
            {"party": PARTY, "bank": BANK, "bank_key": self.keys.pair("bank").public_pem},
            {"private_key": self.keys.pair("merchant").private_pem},
        )

    def settle(self) -> None:
        """Let payouts end that are due."""
        super().settle()
        self.drafts.settle()

    def answer(self, request: Request) -> Reply:
        """Check who asks, then do it."""
        if not letters.is_from(request, self.keys.pair("merchant"), PARTY):
            return _no(401, "bad_signature")
        stamp = letters.stamps(request.headers)["timestamp"]
        if not stamp.isdigit() or abs(self.world.now().timestamp() - int(stamp)) > WINDOW_S:
            return _no(401, "stale")
        self.settle()
        return super().answer(request)

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
        """503 leaves open what was done."""
        return _no(503, "busy")

    def strange(self, request: Request, reply: Reply) -> Reply:
        """A code of the moon."""
        return _no(422, "moonstruck")

    def compose(self, event: Event, tampering: Tampering) -> Posting:
        """Write the notice of a payout; `event.refund_number` is the state it came to."""
        draft = self.drafts.look(event.number)
        assert draft is not None
        said: dict[str, Any] = {
            "id": f"payout-{event.id}", "party": PARTY, "file": draft.file,
            "number": draft.number, "state": event.refund_number, "code": draft.code,
            "reference": draft.reference, "amount": draft.amount,
            "fee": draft.fee_amount if event.refund_number == "returned" else 0,
        }  # fmt: skip
        at = int(self.world.now().timestamp())
        if tampering is Tampering.WRONG_AMOUNT:
            said["amount"] += 1
        if tampering is Tampering.WRONG_APP:
            said["party"] = "canteen-0002"
        if tampering is Tampering.STALE:
            at -= 600
        body = json.dumps(said).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if tampering is Tampering.UNSIGNED:
            return Posting(headers, body)
        pair = self.keys.pair("stranger" if tampering is Tampering.FORGED else "bank")
        nonce = self.world.random(16).hex()
        message = letters.text("notice", BANK, at, nonce, letters.hexed(body))
        return Posting({**headers, **letters.stamped(pair, BANK, at, nonce, message)}, body)

    def _take(self, request: Request, number: str) -> Reply:
        digest = letters.hexed(request.body)
        is_known = self.drafts.digest_of(number) is not None
        url = request.headers.get(NOTICE_HEADER, "")
        try:
            kept = self.drafts.take(number, digest, request.body, url)
        except BadFile as bad:
            return _no(422, str(bad))
        if is_known:
            return _no(409, "number_taken", digest=kept)
        return _yes({"number": number, "state": "accepted", "digest": digest})

    def _look(self, request: Request, number: str) -> Reply:
        digest = self.drafts.digest_of(number)
        if digest is None:
            return _no(404, "not_found")
        return _yes({"number": number, "state": "accepted", "digest": digest})

    def _results(self, request: Request, number: str) -> Reply:
        if self.drafts.digest_of(number) is None:
            return _no(404, "not_found")
        return Reply(200, result_file(self.drafts.of_file(number)), "text/csv; charset=utf-8")


def _yes(said: Mapping[str, Any]) -> Reply:
    return Reply(200, json.dumps(said).encode())


def _no(status: int, code: str, **more: str) -> Reply:
    return Reply(status, json.dumps({"code": code, **more}).encode())


PEER = PayoutBankPeer
