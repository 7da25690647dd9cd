"""Which key or certificate is wrong: what can be seen from the files, then one harmless question.

The question is about an order that does not exist. Whatever is wrong with our side the gateway
names in its refusal; whatever is wrong with Alipay's side shows in the answer's signature. A hint
from an answer that is not authentic is given as such: it decides nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509

from server.channels.channel import Finding
from server.channels.providers.alipay import signing
from server.channels.providers.alipay.keys import Certificates, Keys
from server.channels.providers.alipay.wire import Answer, Lost, Wire

SOON: Final = timedelta(days=30)
_SAMPLE: Final = '饭票 a=1&b="2"'.encode()
_REFUSALS: Final = {
    "isv.invalid-app-id": "alipay.app_unknown",
    "isv.missing-app-id": "alipay.app_unknown",
    "isv.invalid-signature": "alipay.signature_refused",
    "isv.missing-signature-key": "alipay.key_not_registered",
    "isv.invalid-app-cert-sn": "alipay.app_certificate_refused",
    "isv.app-cert-sn-not-match": "alipay.app_certificate_refused",
    "isv.missing-app-cert-sn": "alipay.certificate_mode",
    "isv.missing-alipay-root-cert-sn": "alipay.certificate_mode",
    "isv.invalid-alipay-root-cert-sn": "alipay.root_certificate_refused",
    "isv.alipay-root-cert-sn-not-match": "alipay.root_certificate_refused",
    "isv.invalid-timestamp": "alipay.clock",
    "isv.insufficient-isv-permissions": "alipay.no_permission",
    "isv.insufficient-user-permissions": "alipay.no_permission",
    "ACQ.ACCESS_FORBIDDEN": "alipay.no_permission",
}
"""What the gateway says → which setting it is about."""


def self_test(wire: Wire, seller_id: str, now: datetime) -> Sequence[Finding]:
    """Check everything that can be; findings in the order in which to put them right."""
    return [
        *_of_keys(wire.keys, now),
        _right(seller_id.startswith("2088") and len(seller_id) == 16, "seller_id",
               "alipay.seller_id", given=seller_id[:32]),
        *_of_answer(wire, now),
    ]  # fmt: skip


def _of_keys(keys: Keys, now: datetime) -> Iterator[Finding]:
    signature = signing.sign(keys.own, _SAMPLE)
    own = keys.own.public_key()
    is_good = signing.is_signed(own, _SAMPLE, signature)
    yield _right(is_good, "own_key", "alipay.own_key")
    is_large = keys.own.key_size >= 2048
    yield _right(is_large, "own_key_size", "alipay.own_key_short", bits=str(keys.own.key_size))
    if keys.certificates is None:
        is_other = not signing.is_same_key(own, keys.alipay)
        yield _right(is_other, "alipay_public_key", "alipay.own_key_as_alipay")
    else:
        yield from _of_certificates(keys, keys.certificates, now)


def _of_certificates(keys: Keys, files: Certificates, now: datetime) -> Iterator[Finding]:
    own = keys.own.public_key()
    is_pair = _has_key(files.app, own)
    yield _right(is_pair, "app_certificate", "alipay.app_certificate_not_ours")
    is_other = not signing.is_same_key(own, keys.alipay)
    yield _right(is_other, "alipay_certificate", "alipay.own_certificate_as_alipay")
    is_chained = signing.is_issued_by(files.alipay, files.roots)
    yield _right(is_chained, "alipay_certificate_issuer", "alipay.certificate_not_of_root")
    has_roots = bool(signing.root_sn(files.roots))
    yield _right(has_roots, "root_certificate", "alipay.root_certificate_wrong")
    for name, certificate in (("app", files.app), ("alipay", files.alipay[0])):
        until = certificate.not_valid_after_utc
        is_valid = certificate.not_valid_before_utc <= now and now + SOON < until
        yield _right(is_valid, f"{name}_certificate_dates", "alipay.certificate_expires",
                     which=name, until=f"{until:%Y-%m-%d}")  # fmt: skip


def _of_answer(wire: Wire, now: datetime) -> Iterator[Finding]:
    number = "selftest" + wire.tools.random(12).hex()
    heard = wire.call("alipay.trade.query", {"out_trade_no": number}, now)
    wire.keep("self_test", number, heard, now, "")
    if isinstance(heard, Lost) and not heard.said:
        yield Finding("gateway", False, "alipay.unreachable", {"why": heard.why[:200]})
        return
    said = heard.data if isinstance(heard, Answer) else heard.said
    code, sub_code = str(said.get("code", "")), str(said.get("sub_code", ""))
    is_known = sub_code == "ACQ.TRADE_NOT_EXIST"
    refused = _REFUSALS.get(sub_code, "alipay.refused")
    yield _right(is_known, "our_signature", refused, answer=f"{code} {sub_code}"[:120])
    if isinstance(heard, Answer):
        yield _right(not wire.newer, "alipay_signature", "alipay.other_certificate")
    elif "another certificate" in heard.why:
        yield Finding("alipay_signature", False, "alipay.other_certificate")
    elif is_known or "not signed" not in heard.why:
        # A gateway that could not tell who asked does not sign: that alone says nothing
        yield Finding("alipay_signature", False, "alipay.alipay_key", {"why": heard.why[:200]})


def _has_key(certificate: x509.Certificate, key: object) -> bool:
    try:
        return signing.key_of(certificate) == key
    except ValueError:
        return False


def _right(is_right: bool, check: str, code: str, **data: str) -> Finding:  # noqa: FBT001
    return Finding(check, True) if is_right else Finding(check, False, code, data)
