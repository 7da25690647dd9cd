"""One exchange with UnionPay's gateway: signed, sent, verified. What is not authentic is `Lost`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

import httpx

from server.channels.channel import Account, Sent, Tools
from server.channels.providers.unionpay import signing

BACK: Final = "/gateway/api/backTransReq.do"
APP: Final = "/gateway/api/appTransReq.do"
QUERY: Final = "/gateway/api/queryTrans.do"
FILE: Final = "/"
FILE_HOSTS: Final = {
    "https://gateway.95516.com": "https://filedownload.95516.com",
    "https://gateway.test.95516.com": "https://filedownload.test.95516.com",
}
"""Where UnionPay's own files lie; at an acquirer's, `file_host` says so, or it is the same host."""
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
ASK: Final = httpx.Timeout(connect=1.0, read=2.5, write=0.5, pool=0.5)
"""A payment asks twice (consume, then query): both together stay below 10 s."""
FETCH: Final = httpx.Timeout(connect=3.0, read=30.0, write=3.0, pool=3.0)
_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Answer:
    """What UnionPay said, authentic."""

    fields: Mapping[str, str] = field(repr=False)

    @property
    def code(self) -> str:
        """The answer's own code."""
        return self.fields.get("respCode", "")


@dataclass(frozen=True, slots=True)
class Lost:
    """No authentic answer. `was_sent` False only when certainly no byte of the request left."""

    why: str
    is_alert: bool = False
    was_sent: bool = True


class Wire:
    """Speaks to the gateway as one merchant."""

    def __init__(
        self, account: Account, tools: Tools, signer: signing.Signer, trust: signing.Trust
    ) -> None:
        self._account = account
        self._tools = tools
        self._signer = signer
        self._trust = trust
        self.merchant = account.settings["merchant"]

    def ask(
        self,
        operation: str,
        path: str,
        number: str,
        fields: Mapping[str, str],
        now: datetime,
        *,
        timeout: httpx.Timeout = ASK,
        host: str = "",
    ) -> Answer | Lost:
        """Send a signed form and return what was answered to it."""
        common = {"version": "5.1.0", "encoding": "UTF-8", "bizType": "000000", "accessType": "0"}
        whole = signing.sign({**common, "merId": self.merchant, **fields}, self._signer)
        body = urlencode(whole).encode()
        url = (host or self._account.host).rstrip("/") + path
        try:
            reply = self._tools.http().post(url, content=body, headers=FORM, timeout=timeout)
        except _UNSENT as problem:
            return self._lost(operation, number, now, problem, was_sent=False)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            return self._lost(operation, number, now, problem)
        said = self._read(reply.status_code, reply.content, now)
        if isinstance(said, Answer) and not _is_about(said.fields, fields):
            said = Lost("an answer about another order", is_alert=True)
        outcome = said.code if isinstance(said, Answer) else said.why
        sent = Sent(operation, number, now, reply.status_code, reply.content, outcome)
        self._tools.keep(self._account, sent)
        return said

    def _lost(
        self, operation: str, number: str, now: datetime, problem: Exception, *,
        was_sent: bool = True,
    ) -> Lost:  # fmt: skip
        """Keep it as evidence that nothing came back."""
        why = type(problem).__name__
        self._tools.keep(self._account, Sent(operation, number, now, 0, b"", why))
        return Lost(why, was_sent=was_sent)

    def flaw(self, fields: Mapping[str, str], now: datetime) -> str | None:
        """Say why a message is not UnionPay's to us, or None when it is."""
        wrong = signing.flaw(fields, self._trust, now)
        if wrong is None and fields.get("merId", self.merchant) != self.merchant:
            return "for another merchant"
        return wrong

    def _read(self, status: int, body: bytes, now: datetime) -> Answer | Lost:
        if status != 200:
            # From 500 on, and at 429, something in front of the gateway speaks
            return Lost(f"HTTP {status}", is_alert=status < 500 and status != 429)
        try:
            fields = signing.read_answer(body)
        except ValueError:
            return Lost("not an answer of UnionPay", is_alert=True)
        wrong = self.flaw(fields, now)
        return Answer(fields) if wrong is None else Lost(wrong, is_alert=True)


def _is_about(said: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    """Whether an answer is one to this order: number and time come back as they were sent."""
    names = ("orderId", "txnTime") if "orderId" in asked else ()
    return all(said.get(name) == asked[name] for name in names)
