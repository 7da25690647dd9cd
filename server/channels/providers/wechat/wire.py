"""One exchange with WeChat Pay: signed, sent, verified. What is not authentic is `Lost`.

The time-outs of a charge add up to less than 10 s, with a connection that cannot be made first
and certificates fetched last.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from server.channels.channel import Account, Sent, Tools
from server.channels.providers.wechat import signing
from server.channels.providers.wechat.platform_keys import (
    PlatformKey,
    PlatformKeys,
    read_certificates,
)

PRODUCTION: Final = "https://api.mch.weixin.qq.com"
BACKUP: Final = "https://api2.mch.weixin.qq.com"
"""The same thing in another city (跨城冗灾); asked when the first cannot be reached at all."""
TIMEOUT: Final = httpx.Timeout(connect=1.3, read=4.0, write=0.7, pool=0.3)
KEYS_TIMEOUT: Final = httpx.Timeout(connect=0.5, read=1.0, write=0.2, pool=0.2)
FILE_TIMEOUT: Final = httpx.Timeout(connect=3.0, read=30.0, write=3.0, pool=3.0)
WINDOW: Final = timedelta(minutes=5)
"""How far a signed time may be from ours."""
CERTIFICATES: Final = "/v3/certificates"
_GATEWAY: Final = frozenset({429, 500, 502, 503, 504})
"""Answers that may come from in front of WeChat Pay, where nothing can sign."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What WeChat Pay said, authentic. `data` is empty for a body that is no JSON object."""

    status: int
    body: bytes = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)

    @property
    def code(self) -> str:
        """The error code, as one word: the documentation spells some of them in two ways."""
        return str(self.data.get("code", "")).replace("_", "").upper()


@dataclass(frozen=True, slots=True)
class Lost:
    """No authentic answer. `was_sent` False only when certainly no byte of the request left."""

    why: str
    is_alert: bool = False
    was_sent: bool = True
    status: int = 0
    body: bytes = field(default=b"", repr=False)


class Wire:
    """Speaks to one host as one merchant."""

    def __init__(
        self,
        account: Account,
        tools: Tools,
        merchant: signing.Merchant,
        keys: PlatformKeys,
        api_key: bytes,
    ) -> None:
        host = account.host.rstrip("/")
        self._hosts = (host, BACKUP) if host == PRODUCTION else (host,)
        self._account = account
        self._tools = tools
        self._merchant = merchant
        self._api_key = api_key
        self.keys = keys

    def get(self, target: str, now: datetime) -> Answer | Lost:
        """Ask for a path with its query."""
        return self._exchange("GET", target, b"", now)

    def post(self, target: str, content: Mapping[str, Any], now: datetime) -> Answer | Lost:
        """Send a JSON object."""
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        return self._exchange("POST", target, body, now)

    def download(self, target: str, now: datetime) -> bytes | Lost:
        """Fetch a file. Files are not signed: the caller holds them against their hash."""
        sent = self.send("GET", target, b"", now, FILE_TIMEOUT)
        if isinstance(sent, Lost):
            return sent
        if sent.status_code != 200:
            return Lost(f"download: HTTP {sent.status_code}", status=sent.status_code)
        return sent.content

    def keep(self, operation: str, number: str, heard: Answer | Lost, now: datetime,
             outcome: object) -> None:  # fmt: skip
        """Keep an exchange as evidence."""
        said = Sent(operation, number, now, heard.status, heard.body, str(outcome))
        self._tools.keep(self._account, said)

    def client(self) -> httpx.Client:
        """The process's client, for what is not signed."""
        client: httpx.Client = self._tools.http()
        return client

    def nonce(self) -> str:
        """Return 32 random characters."""
        return self._tools.random(16).hex().upper()

    def verdict(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Lost | None:
        """Say why an answer or a notice is not WeChat's word, or None when it is.

        Header names are lower case (or case-insensitive, as httpx's are).
        """
        signature = headers.get("wechatpay-signature", "")
        serial = headers.get("wechatpay-serial", "")
        stamp = headers.get("wechatpay-timestamp", "")
        if not (signature and serial and stamp):
            return Lost("not signed", is_alert=True)
        if signature.startswith(signing.PROBE_PREFIX):
            return Lost("a probe of our checking")
        key = self._key(serial, now)
        if key is None:
            return Lost(f"signed by an unknown key {serial[:64]!r}", is_alert=True)
        message = signing.answer_message(stamp, headers.get("wechatpay-nonce", ""), body)
        if not signing.is_signed(key, message, signature):
            return Lost("signature is wrong", is_alert=True)
        if not _is_recent(stamp, now):
            return Lost("signed at another time than ours", is_alert=True)
        return None

    def fetch_keys(
        self, now: datetime, timeout: httpx.Timeout = KEYS_TIMEOUT
    ) -> httpx.Response | Lost:
        """Fetch the platform certificates and learn those that are authentic.

        The answer is signed with one of the very certificates in it: what makes it authentic is
        that they are sealed under the APIv3 key, which only WeChat Pay and the merchant have.
        """
        sent = self.send("GET", CERTIFICATES, b"", now, timeout)
        if isinstance(sent, Lost) or sent.status_code != 200:
            return sent
        found = read_certificates(sent.content, self._api_key)
        if _is_own_word(sent, found):
            self.keys.add(found)
        return sent

    def send(
        self, method: str, target: str, body: bytes, now: datetime, timeout: httpx.Timeout
    ) -> httpx.Response | Lost:
        """Send one signed request and read the answer's bytes; nothing is verified here."""
        stamp = int(now.timestamp())
        headers = {
            "Authorization": signing.authorization(
                self._merchant, method, target, stamp, self.nonce(), body
            ),
            "Accept": "application/json",
            "User-Agent": "Fanpiao",
        }
        if body:
            headers["Content-Type"] = "application/json"
        if self.keys.pinned_id:
            headers["Wechatpay-Serial"] = self.keys.pinned_id
        heard: httpx.Response | Lost = Lost("no host", was_sent=False)
        for host in self._hosts:
            heard = self._send(httpx.Request(method, host + target, headers=headers,
                                             content=body), timeout)  # fmt: skip
            if not isinstance(heard, Lost) or heard.was_sent:
                break
        return heard

    def _send(self, request: httpx.Request, timeout: httpx.Timeout) -> httpx.Response | Lost:
        client: httpx.Client = self._tools.http()
        request.extensions["timeout"] = timeout.as_dict()
        try:
            return client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as problem:
            return Lost(type(problem).__name__, was_sent=False)
        except httpx.HTTPError as problem:
            return Lost(type(problem).__name__)

    def _exchange(self, method: str, target: str, body: bytes, now: datetime) -> Answer | Lost:
        sent = self.send(method, target, body, now, TIMEOUT)
        if isinstance(sent, Lost):
            return sent
        content = sent.content
        wrong = self.verdict(sent.headers, content, now)
        if wrong is not None:
            is_gateway = sent.status_code in _GATEWAY and wrong.why == "not signed"
            return Lost(
                f"HTTP {sent.status_code}, {wrong.why}",
                is_alert=wrong.is_alert and not is_gateway,
                status=sent.status_code,
                body=content,
            )
        return Answer(sent.status_code, content, _json_object(content))

    def _key(self, serial: str, now: datetime) -> Any:
        known = self.keys.find(serial, now)
        if known is None and self.keys.may_fetch(serial, now):
            self.fetch_keys(now)
            known = self.keys.find(serial, now)
        return known


def _is_own_word(sent: httpx.Response, found: Mapping[str, PlatformKey]) -> bool:
    headers = sent.headers
    signer = found.get(headers.get("wechatpay-serial", "").upper())
    if signer is None:
        # Signed with the public key, while the grey switch lasts: the seal is proof enough
        return bool(found)
    message = signing.answer_message(
        headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", ""), sent.content
    )
    return signing.is_signed(signer.key, message, headers.get("wechatpay-signature", ""))


def _is_recent(stamp: str, now: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        return False
    return abs(now.timestamp() - int(stamp)) <= WINDOW.total_seconds()


def _json_object(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
