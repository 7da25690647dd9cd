"""One exchange with the bank: signed, sent, verified. What is not authentic is `Lost`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa

from server.channels.channel import Account, Sent, Tools
from server.channels.providers.bank import signing

BASE: Final = "/bank-link/v1"
ASK: Final = httpx.Timeout(connect=1.5, read=5.0, write=1.0, pool=0.5)
"""Together below 10 s: the bank posts before it answers."""
FETCH: Final = httpx.Timeout(connect=3.0, read=60.0, write=3.0, pool=3.0)
_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank said, authentic. `data` is empty for a body that is no JSON object."""

    status: int
    body: bytes = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)

    @property
    def is_done(self) -> bool:
        """Whether the bank did what was asked, and `data` says how that stands."""
        return self.status == 200

    def text(self, name: str) -> str:
        """Return a text of the answer; empty when it is none."""
        value = self.data.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class Lost:
    """No authentic answer. `was_sent` False only when certainly no byte of the request left."""

    why: str
    is_alert: bool = False
    was_sent: bool = True


@dataclass(frozen=True, slots=True)
class Parties:
    """Who speaks, and by which keys."""

    merchant: str
    bank: str
    key: rsa.RSAPrivateKey = field(repr=False)
    bank_key: rsa.RSAPublicKey


class Wire:
    """Speaks to one bank as one merchant."""

    def __init__(self, account: Account, tools: Tools, parties: Parties) -> None:
        self._account = account
        self._tools = tools
        self.parties = parties
        self._key_id = signing.key_id(parties.key.public_key())
        self._bank_key_id = signing.key_id(parties.bank_key)

    def ask(
        self,
        operation: str,
        method: str,
        path: str,
        number: str,
        now: datetime,
        content: Mapping[str, Any] | None = None,
        *,
        timeout: httpx.Timeout = ASK,
    ) -> Answer | Lost:
        """Send a signed request and return what was answered to it."""
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        nonce = self._tools.random(16).hex()
        url = self._account.host.rstrip("/") + BASE + path
        try:
            reply = self._tools.http().request(
                method, url, content=body, headers=self._signed(method, url, nonce, body, now),
                timeout=timeout,
            )  # fmt: skip
        except _UNSENT as problem:
            return self._lost(operation, number, now, problem, was_sent=False)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            return self._lost(operation, number, now, problem)
        said = self._read(reply, nonce, now)
        outcome = said.text("code") or said.text("state") if isinstance(said, Answer) else said.why
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

    def is_banks(self, stamp: signing.Stamp) -> bool:
        """Whether a message says that it is of our bank, by the key that we know."""
        return (stamp.party, stamp.key_id) == (self.parties.bank, self._bank_key_id)

    def _signed(
        self, method: str, url: str, nonce: str, body: bytes, now: datetime
    ) -> dict[str, str]:
        parts, timestamp = urlsplit(url), str(int(now.timestamp()))
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        message = signing.request_message(
            method, target, self.parties.merchant, timestamp, nonce, body
        )
        signature = signing.sign(self.parties.key, message)
        stamp = signing.Stamp(self.parties.merchant, self._key_id, timestamp, nonce, signature)
        return {"Content-Type": "application/json; charset=utf-8", **signing.headers(stamp)}

    def _read(self, reply: httpx.Response, nonce: str, now: datetime) -> Answer | Lost:
        stamp = signing.read_stamp(reply.headers)
        if stamp is None:
            # From 500 on, and at 429, something in front of the bank speaks, which cannot sign
            is_alert = reply.status_code < 500 and reply.status_code != 429
            return Lost(f"HTTP {reply.status_code}, not signed", is_alert=is_alert)
        message = signing.answer_message(
            nonce, reply.status_code, stamp.party, stamp.timestamp, reply.content
        )
        if not self.is_banks(stamp) or not signing.is_signed(
            self.parties.bank_key, message, stamp.signature
        ):
            return Lost("the signature is wrong", is_alert=True)
        if not signing.is_fresh(stamp.timestamp, now):
            return Lost("signed at another time", is_alert=True)
        return Answer(reply.status_code, reply.content, _object(reply.content))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
