"""One exchange with the gateway: signed, sent, verified. What is not authentic is `Lost`."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa

from server.channels.channel import Account, Sent, Tools
from server.channels.providers.alipay import signing
from server.channels.providers.alipay.envelope import Envelope, open_envelope
from server.channels.providers.alipay.keys import Certificates, Keys

TIMEOUT: Final = httpx.Timeout(connect=2.0, read=4.5, write=1.0, pool=0.5)
CERTIFICATE_TIMEOUT: Final = httpx.Timeout(connect=0.5, read=1.0, write=0.2, pool=0.2)
"""Below 10 s in all: whoever waits at the counter is told "unknown" by then."""
CERTIFICATE: Final = "alipay.open.app.alipaycert.download"
FETCH_GAP: Final = timedelta(minutes=1)
"""Between two fetchings of a certificate, so that a stranger's answers cannot make us busy."""
FILE_TIMEOUT: Final = httpx.Timeout(connect=3.0, read=30.0, write=3.0, pool=3.0)
CHINA: Final = timezone(timedelta(hours=8))
GATEWAY: Final = "/gateway.do"


@dataclass(frozen=True, slots=True)
class Answer:
    """What Alipay said, authentic."""

    body: bytes = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)

    @property
    def code(self) -> str:
        """The gateway's code: 10000, 10003, 20000, 40004, …"""
        return str(self.data.get("code", ""))

    @property
    def sub_code(self) -> str:
        """The business code, such as ACQ.TRADE_NOT_EXIST; empty when all is well."""
        return str(self.data.get("sub_code", ""))

    def text(self, name: str) -> str:
        """Return a member as text, empty when it is missing (some amounts come as numbers)."""
        value = self.data.get(name)
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Lost:
    """No authentic answer. `was_sent` False only when certainly no byte of the request left.

    `said` is what an envelope says that is not authentic: good for a hint, for nothing else.
    """

    why: str
    is_alert: bool = False
    was_sent: bool = True
    status: int = 0
    body: bytes = field(default=b"", repr=False)
    said: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Wire:
    """Speaks to one gateway as one app."""

    def __init__(self, account: Account, tools: Tools, keys: Keys) -> None:
        self.account = account
        self.keys = keys
        self.tools = tools
        self.newer: dict[str, rsa.RSAPublicKey] = {}
        """By SN: certificates that Alipay has changed to since ours was entered."""
        self._fetched_at: datetime | None = None
        self.app_id = account.settings["app_id"].strip()
        self._gateway = account.host.rstrip("/").removesuffix(GATEWAY) + GATEWAY

    def call(
        self, method: str, content: Mapping[str, Any], now: datetime, *, notify: bool = False
    ) -> Answer | Lost:
        """Have the gateway do `method`; with `notify` Alipay calls our notice address after it."""
        sent = self._post(self.signed(method, content, now, notify=notify))
        if isinstance(sent, Lost):
            return sent
        try:
            envelope = open_envelope(sent.content, method)
        except ValueError as problem:
            # A page of a proxy, or of the gateway's own front: nobody has said anything
            why = f"HTTP {sent.status_code}: {problem}"
            return Lost(why, status=sent.status_code, body=sent.content)
        wrong = self._verdict(envelope, now)
        if wrong:
            return Lost(wrong, True, True, sent.status_code, sent.content, envelope.data)
        return Answer(sent.content, envelope.data)

    def signed(
        self, method: str, content: Mapping[str, Any], now: datetime, *, notify: bool = False
    ) -> dict[str, str]:
        """Return all parameters of a request, its signature with them."""
        params = {
            "app_id": self.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": signing.SIGN_TYPE,
            "timestamp": f"{now.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
            "version": "1.0",
            "notify_url": self.account.notice_url if notify else "",
            "app_auth_token": self.account.secrets.get("app_auth_token", "").strip(),
            "biz_content": json.dumps(content, ensure_ascii=False, separators=(",", ":")),
            **self.keys.params,
        }
        params = {name: value for name, value in params.items() if value}
        params["sign"] = signing.sign(self.keys.own, signing.request_text(params))
        return params

    def download(self, url: str) -> bytes | Lost:
        """Fetch a file from the address that a signed answer gave; files are not signed."""
        if not url.startswith(("https://", "http://")):
            return Lost("not an address", is_alert=True)
        try:
            sent = self._client().get(url, timeout=FILE_TIMEOUT)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            return Lost(type(problem).__name__)
        if sent.status_code != 200:
            return Lost(f"download: HTTP {sent.status_code}", status=sent.status_code)
        return sent.content

    def keep(
        self, operation: str, number: str, heard: Answer | Lost, now: datetime, outcome: object
    ) -> None:
        """Keep an exchange as evidence."""
        status = 200 if isinstance(heard, Answer) else heard.status
        self.tools.keep(
            self.account, Sent(operation, number, now, status, heard.body, str(outcome))
        )

    def _post(
        self, params: Mapping[str, str], timeout: httpx.Timeout = TIMEOUT
    ) -> httpx.Response | Lost:
        body = urlencode(params).encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded;charset=utf-8",
            "Accept": "application/json",
            "User-Agent": "Fanpiao",
        }
        try:
            return self._client().post(
                f"{self._gateway}?charset=utf-8", content=body, headers=headers, timeout=timeout
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as problem:
            return Lost(type(problem).__name__, was_sent=False)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            return Lost(type(problem).__name__)

    def is_alipay_s(self, text: bytes, signature: str) -> bool:
        """Tell whether Alipay signed `text`, under the certificate entered or a newer one."""
        keys = (self.keys.alipay, *self.newer.values())
        return any(signing.is_signed(key, text, signature) for key in keys)

    def _verdict(self, envelope: Envelope, now: datetime) -> str:
        """Say why an envelope is not Alipay's word; empty when it is."""
        if not envelope.signature:
            return "the answer is not signed"
        key = self._key(envelope.certificate_sn, now)
        if key is None:
            return f"signed under another certificate {envelope.certificate_sn[:64]!r}"
        if not is_authentic(key, envelope.signed, envelope.signature):
            return "the answer's signature is wrong"
        return ""

    def _key(self, sn: str, now: datetime) -> rsa.RSAPublicKey | None:
        if self.keys.certificates is None or sn in ("", self.keys.alipay_sn):
            return self.keys.alipay
        is_rested = self._fetched_at is None or now - self._fetched_at >= FETCH_GAP
        if sn not in self.newer and is_rested:
            self._fetched_at = now
            found = self._fetched(sn, self.keys.certificates, now)
            if found is not None:
                self.newer[sn] = found
        return self.newer.get(sn)

    def _fetched(self, sn: str, known: Certificates, now: datetime) -> rsa.RSAPublicKey | None:
        """Fetch a certificate that Alipay has changed to; what proves it is its issuer.

        Merchants' certificates come from the same authority, so it must also be Alipay's by name.
        """
        sent = self._post(
            self.signed(CERTIFICATE, {"alipay_cert_sn": sn}, now), CERTIFICATE_TIMEOUT
        )
        if isinstance(sent, Lost):
            return None
        try:
            envelope = open_envelope(sent.content, CERTIFICATE)
            content = base64.b64decode(str(envelope.data.get("alipay_cert_content", "")))
            chain = signing.certificates(content.decode("ascii"))
            key = signing.key_of(chain[0])
        except ValueError:
            return None
        newer, entered = chain[0], known.alipay[0]
        is_right = (
            signing.certificate_sn(newer) == sn
            and newer.subject == entered.subject
            and newer.not_valid_before_utc <= now < newer.not_valid_after_utc
            and signing.is_issued_by([*chain, *known.alipay], known.roots)
        )
        return key if is_right else None

    def _client(self) -> httpx.Client:
        client: httpx.Client = self.tools.http()
        return client


def is_authentic(key: rsa.RSAPublicKey, signed: bytes, signature: str) -> bool:
    r"""Tell whether Alipay signed these characters of an answer.

    Some of its systems sign before the slashes are written as `\/`; the official SDKs try that
    form second, and so do we. It says the same.
    """
    if signing.is_signed(key, signed, signature):
        return True
    plain = signed.replace(rb"\/", b"/")
    return plain != signed and signing.is_signed(key, plain, signature)
