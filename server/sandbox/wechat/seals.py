"""WeChat Pay's side of the signatures: what merchants must have signed, and what WeChat signs.

An own reading of pay.weixin.qq.com ("接口规则 · 签名"), apart from the merchant's client.
"""

import base64
import binascii
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.sandbox.frame import Request
from server.sandbox.keys import KeyPair, is_signed

_SCHEME: Final = "WECHATPAY2-SHA256-RSA2048 "
_PART: Final = re.compile(r'\s*([a-z_]+)="([^"]*)"\s*')
_SKEW_S: Final = 300
_NONCES: Final = 10_000
"""Nonces remembered at most, to refuse a request that is played back."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A merchant as WeChat knows it: its number, and the certificate it was issued."""

    mchid: str
    serial: str
    key: rsa.RSAPublicKey


@dataclass(slots=True)
class Gate:
    """Lets in what a merchant signed, once and in time. Used from many threads."""

    _seen: deque[str] = field(default_factory=lambda: deque(maxlen=_NONCES))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def objection(self, request: Request, merchant: Registered, now: datetime) -> str:
        """Say why a request is not let in; empty when it is."""
        header = request.headers.get("authorization", "")
        if not header.startswith(_SCHEME):
            return "Http头缺少Authorization或认证类型不正确"
        said = dict(_PART.findall(header[len(_SCHEME) :]))
        if set(said) != {"mchid", "serial_no", "nonce_str", "timestamp", "signature"}:
            return "Authorization的值不完整"
        if said["mchid"] != merchant.mchid:
            return "商户号不存在"
        if said["serial_no"] != merchant.serial:
            return "商户证书序列号有误"
        stamp, nonce = said["timestamp"], said["nonce_str"]
        if not re.fullmatch(r"[0-9]{10}", stamp) or abs(now.timestamp() - int(stamp)) > _SKEW_S:
            return "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"
        lines = [request.method, request.target, stamp, nonce, request.body.decode()]
        message = "".join(f"{line}\n" for line in lines).encode()
        if not is_signed(merchant.key, message, _decoded(said["signature"])):
            return "错误的签名"
        return "" if self._is_new(nonce) else "请求被重放"

    def _is_new(self, nonce: str) -> bool:
        with self._lock:
            if nonce in self._seen:
                return False
            self._seen.append(nonce)
            return True


def signed_headers(
    key: KeyPair, serial: str, body: bytes, at: datetime, nonce: str
) -> Mapping[str, str]:
    """The headers that make an answer or a notice WeChat's own."""
    stamp = str(int(at.timestamp()))
    message = b"".join(line + b"\n" for line in (stamp.encode(), nonce.encode(), body))
    return {
        "Wechatpay-Timestamp": stamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": base64.b64encode(key.sign(message)).decode(),
        "Wechatpay-Signature-Type": _SCHEME.strip(),
    }


def sealed(
    api_key: str, plain: bytes, associated: str, random: Callable[[int], bytes]
) -> dict[str, str]:
    """Seal content for a merchant: AES-256-GCM, a nonce of 12 characters, the tag at the end."""
    nonce = random(6).hex()
    cipher = AESGCM(api_key.encode())
    text = cipher.encrypt(nonce.encode(), plain, associated.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(text).decode(),
        "associated_data": associated,
        "nonce": nonce,
    }


def _decoded(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except binascii.Error:
        return b""
