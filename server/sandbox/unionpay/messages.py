"""The gateway's messages as the gateway reads and writes them: forms, signatures, answers.

Read from "平台接入接口规范" by itself: nothing is shared with the merchant's side.
"""

import base64
import hashlib
from collections.abc import Mapping
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric import rsa

from server.sandbox.keys import KeyPair, is_signed


def read(body: bytes) -> dict[str, str]:
    """Read a merchant's form; what is no form is empty."""
    try:
        values = parse_qs(body.decode(), keep_blank_values=True)
    except ValueError:
        return {}
    return {name: found[-1] for name, found in values.items()}


def hashed(fields: Mapping[str, str]) -> bytes:
    """Return what is signed: the hex digest of the fields in order."""
    kept = [(k, v) for k, v in fields.items() if k != "signature" and v]
    text = "&".join("=".join(pair) for pair in sorted(kept))
    return hashlib.sha256(text.encode("utf-8")).hexdigest().encode("ascii")


def is_from(fields: Mapping[str, str], key: rsa.RSAPublicKey) -> bool:
    """Tell whether the merchant signed a form."""
    try:
        raw = base64.b64decode(fields.get("signature", ""), validate=True)
    except ValueError:
        return False
    return fields.get("signMethod") == "01" and is_signed(key, hashed(fields), raw)


def signed(fields: Mapping[str, str], key: KeyPair, certificate: str) -> dict[str, str]:
    """Sign as UnionPay does: its certificate comes along."""
    whole = {**fields, "signMethod": "01", "signPubKeyCert": certificate}
    return {**whole, "signature": base64.b64encode(key.sign(hashed(whole))).decode()}


def plain(fields: Mapping[str, str]) -> bytes:
    """Write an answer: fields as they are, nothing URL-encoded."""
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


def unplain(body: bytes) -> dict[str, str]:
    """Read an answer of `plain` again, before it is signed."""
    return {part.split("=", 1)[0]: part.split("=", 1)[1] for part in body.decode().split("&")}
