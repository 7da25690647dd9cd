"""A payout bank reached over the payout link (docs/payout-link.md)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from domain.ids import RandomBytes
from server.settlement.payout_bank import (
    Accepted,
    FileAnswer,
    FileRefused,
    NeverCame,
    PayoutOrder,
    Told,
    Unclear,
)
from server.settlement.payout_link import signing
from server.settlement.payout_link.files import Damaged, payout_file, read_results, told_of

BASE: Final = "/payout-link/v1"
WAIT: Final = httpx.Timeout(connect=3.0, read=60.0, write=30.0, pool=3.0)
REFUSALS: Final = frozenset({"bad_file", "payout_taken", "over_limit", "not_allowed"})
"""Codes that say that nothing of a file was or will be paid; any other one is unclear."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who speaks, where, and by which keys."""

    host: str
    party: str
    bank: str
    key: rsa.RSAPrivateKey = field(repr=False)
    bank_key: rsa.RSAPublicKey
    notice_url: str = ""

    @classmethod
    def read(
        cls, host: str, settings: Mapping[str, str], secrets: Mapping[str, str], url: str = ""
    ) -> "Parties":
        """Read settings and keys (PEM); raises `ValueError` naming what is no good."""
        key = serialization.load_pem_private_key(secrets["private_key"].encode(), password=None)
        bank_key = serialization.load_pem_public_key(settings["bank_key"].encode())
        if not isinstance(key, rsa.RSAPrivateKey) or not isinstance(bank_key, rsa.RSAPublicKey):
            raise ValueError("private_key, bank_key: not RSA keys")
        return cls(host.rstrip("/"), settings["party"], settings["bank"], key, bank_key, url)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    data: Mapping[str, Any]

    @property
    def code(self) -> str:
        return str(self.data.get("code", ""))


class LinkedBank:
    """Speaks to one bank as one customer."""

    def __init__(self, parties: Parties, http: httpx.Client, random: RandomBytes) -> None:
        self.name = parties.bank
        self._parties = parties
        self._http = http
        self._random = random

    def submit(self, number: str, orders: Sequence[PayoutOrder], now: datetime) -> FileAnswer:
        """Hand a file over; a number that the bank has already must be of this very file."""
        body = payout_file(orders)
        said = self._ask("PUT", f"{BASE}/files/{number}", body, now)
        if isinstance(said, Unclear):
            return said
        has_it = said.status == 200 or (said.status, said.code) == (409, "number_taken")
        if has_it and said.data.get("digest") == signing.digest(body):
            return Accepted()
        if has_it:
            return Unclear("the bank has another file under this number", is_alert=True)
        if said.status == 422 and said.code in REFUSALS:
            return FileRefused(said.code)
        return Unclear(said.code or f"HTTP {said.status}", is_alert=said.status == 401)

    def look(self, number: str, now: datetime) -> FileAnswer:
        """Ask whether a file arrived."""
        said = self._ask("GET", f"{BASE}/files/{number}", b"", now)
        if isinstance(said, Unclear):
            return said
        if said.status == 200 and said.data.get("number") == number:
            return Accepted()
        if (said.status, said.code) == (404, "not_found"):
            return NeverCame()
        return Unclear(said.code or f"HTTP {said.status}", is_alert=said.status == 401)

    def results(self, number: str, now: datetime) -> Sequence[Told] | Unclear:
        """Return how the payouts of a file stand."""
        said = self._ask("GET", f"{BASE}/results/{number}", b"", now)
        if isinstance(said, Unclear):
            return said
        if said.status != 200:
            return Unclear(said.code or f"HTTP {said.status}", is_alert=said.status == 401)
        try:
            return read_results(said.body)
        except Damaged as why:
            return Unclear(str(why))

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told | None:
        """Read a notice; None: not signed by our bank, stale, or for somebody else."""
        stamp = signing.read(headers)
        said = signing.lines(
            "notice", stamp["party"], stamp["timestamp"], stamp["nonce"], signing.digest(body)
        )
        if not self._is_banks(stamp, said, now):
            return None
        data = _object(body)
        try:
            return told_of(data) if data.get("party") == self._parties.party else None
        except Damaged:
            return None

    def _is_banks(self, stamp: Mapping[str, str], said: bytes, now: datetime) -> bool:
        return (
            stamp["party"] == self._parties.bank
            and signing.is_fresh(stamp["timestamp"], now)
            and signing.is_signed(self._parties.bank_key, said, stamp["signature"])
        )

    def _ask(self, method: str, path: str, body: bytes, now: datetime) -> _Answer | Unclear:
        nonce, at = self._random(16).hex(), str(int(now.timestamp()))
        url = self._parties.host + path
        said = signing.lines(
            "request", method, urlsplit(url).path, self._parties.party, at, nonce,
            signing.digest(body),
        )  # fmt: skip
        headers = signing.headers(self._parties.key, self._parties.party, at, nonce, said)
        headers["Content-Type"] = "text/csv; charset=utf-8"
        if self._parties.notice_url:
            headers["Payout-Link-Notices"] = self._parties.notice_url
        try:
            reply = self._http.request(method, url, content=body, headers=headers, timeout=WAIT)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            return Unclear(type(problem).__name__)
        return self._read(reply, nonce, now)

    def _read(self, reply: httpx.Response, nonce: str, now: datetime) -> _Answer | Unclear:
        stamp = signing.read(reply.headers)
        said = signing.lines(
            "answer", nonce, str(reply.status_code), stamp["party"], stamp["timestamp"],
            signing.digest(reply.content),
        )  # fmt: skip
        if not self._is_banks(stamp, said, now):
            return Unclear(f"HTTP {reply.status_code}, not signed by the bank")
        return _Answer(reply.status_code, reply.content, _object(reply.content))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
