"""Say which key, certificate, number or clock of an account is wrong, and nothing about the rest.

The account's own papers are held against each other first; then one signed request, for the
platform's certificates, shows what WeChat Pay thinks of them. A 404 there is as good as a 200: a
merchant in public-key mode has no platform certificates, but the question was authentic.
"""

import email.utils
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.x509.oid import NameOID

from server.channels.channel import Finding
from server.channels.providers.wechat import signing
from server.channels.providers.wechat.platform_keys import PUBLIC_KEY_PREFIX, read_certificates
from server.channels.providers.wechat.wire import TIMEOUT, WINDOW, Lost, Wire

_SAMPLE: Final = b"fanpiao self-test"


@dataclass(frozen=True, slots=True)
class Identity:
    """The merchant's own certificate (`apiclient_cert.pem`), and where it is told things."""

    certificate: x509.Certificate
    notice_url: str
    is_production: bool


def run(
    wire: Wire, merchant: signing.Merchant, api_key: bytes, identity: Identity, now: datetime
) -> Sequence[Finding]:
    """Check everything. What merely follows from something wrong above it is left out."""
    papers = list(_papers(merchant, identity.certificate, now))
    papers.append(_notice_url(identity))
    public = _own_key_as_public(wire, merchant, now)
    heard = wire.fetch_keys(now, TIMEOUT)
    if isinstance(heard, Lost):
        lost = _wrong("connection", "wechat.unreachable", why=heard.why)
        return [*papers, public, lost]
    theirs = _told_time(heard) or now
    found = [*papers, public, Finding("connection", is_right=True), _clock(now, theirs)]
    if all(finding.is_right for finding in (*papers, found[-1])):
        found.append(_accepted(heard))
    return [*found, *_authentic(wire, heard, api_key, public, theirs)]


def _authentic(
    wire: Wire, heard: httpx.Response, api_key: bytes, public: Finding, theirs: datetime
) -> Iterator[Finding]:
    """Whether WeChat Pay's own word is opened and verified with what the account holds."""
    if "wechatpay-signature" not in heard.headers:
        if heard.status_code != 401:
            yield _wrong("platform_key", "wechat.unsigned", why=f"HTTP {heard.status_code}")
        return
    opens = heard.status_code != 200 or bool(read_certificates(heard.content, api_key))
    yield _judged("api_v3_key", "wechat.api_key", is_right=opens)
    if opens and public.is_right:
        yield _platform_key(wire, heard, theirs)


def _papers(
    merchant: signing.Merchant, certificate: x509.Certificate, now: datetime
) -> Iterator[Finding]:
    signature = signing.sign(merchant.key, _SAMPLE)
    is_pair = signing.is_signed(signing.key_of(certificate), _SAMPLE, signature)
    serial = signing.serial_of(certificate)
    yield _judged("private_key", "wechat.key_not_certificates", is_right=is_pair, serial=serial)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    named = str(names[0].value) if names else ""
    yield _judged(
        "mchid", "wechat.certificate_of_another", is_right=named == merchant.mchid, named=named
    )
    is_valid = certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc
    until = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
    yield _judged("certificate", "wechat.certificate_expired", is_right=is_valid, until=until)


def _notice_url(identity: Identity) -> Finding:
    """WeChat Pay calls public addresses by HTTPS only, and none with a query."""
    url = urlsplit(identity.notice_url)
    is_right = not identity.is_production or (url.scheme == "https" and not url.query)
    return _judged("notice_url", "wechat.notice_url", is_right=is_right, url=identity.notice_url)


def _own_key_as_public(wire: Wire, merchant: signing.Merchant, now: datetime) -> Finding:
    """The commonest mistake of all: to verify with one's own key instead of WeChat's."""
    pinned = wire.keys.find(wire.keys.pinned_id, now) if wire.keys.pinned_id else None
    is_own = (
        pinned is not None and pinned.public_numbers() == merchant.key.public_key().public_numbers()
    )
    return _judged("public_key", "wechat.own_key_as_public", is_right=not is_own)


def _told_time(heard: httpx.Response) -> datetime | None:
    """What time it is at WeChat Pay."""
    try:
        told: datetime = email.utils.parsedate_to_datetime(heard.headers.get("date", ""))
    except ValueError:
        return None
    return told.replace(tzinfo=told.tzinfo or UTC)


def _clock(ours: datetime, theirs: datetime) -> Finding:
    off = ours - theirs
    seconds = str(round(off.total_seconds()))
    return _judged("clock", "wechat.clock", is_right=abs(off) < WINDOW, seconds=seconds)


def _accepted(heard: httpx.Response) -> Finding:
    """What WeChat Pay made of our signature."""
    code = _code(heard)
    if heard.status_code == 401 or code in ("SIGN_ERROR", "MCH_NOT_EXISTS"):
        return _wrong("signature", "wechat.signature_refused", answer=code)
    is_right = heard.status_code in (200, 404)
    status = str(heard.status_code)
    return _judged("signature", "wechat.refused", is_right=is_right, answer=code or status)


def _platform_key(wire: Wire, heard: httpx.Response, now: datetime) -> Finding:
    """Whether what WeChat Pay says is verified, and if not, why."""
    wrong = wire.verdict(heard.headers, heard.content, now)
    if wrong is None:
        return Finding("platform_key", is_right=True)
    serial = heard.headers.get("wechatpay-serial", "")
    if wire.keys.find(serial, now) is not None:
        return _wrong("platform_key", "wechat.platform_key", serial=serial)
    if serial.startswith(PUBLIC_KEY_PREFIX):
        return _wrong("platform_key", "wechat.public_key_id", serial=serial)
    return _wrong("platform_key", "wechat.no_platform_certificate", serial=serial)


def _code(heard: httpx.Response) -> str:
    try:
        said = heard.json()
    except ValueError:
        return ""
    return str(said.get("code", "")) if isinstance(said, dict) else ""


def _judged(check: str, code: str, *, is_right: bool, **data: str) -> Finding:
    return Finding(check, is_right=True) if is_right else _wrong(check, code, **data)


def _wrong(check: str, code: str, **data: str) -> Finding:
    return Finding(check, is_right=False, code=code, data=data)
