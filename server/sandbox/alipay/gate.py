"""The gateway's door, from Alipay's side: who asks, is it signed, is it whole; and our seal.

An own reading of opendocs.alipay.com (signing, certificate mode, common error codes).
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from server.sandbox.frame import Reply, Request, Seal
from server.sandbox.keys import KeyPair, is_signed

CONTENT_MAX: Final = 64 * 1024
_COMMON: Final = ("app_id", "method", "charset", "sign_type", "sign", "timestamp", "version")


@dataclass(frozen=True, slots=True)
class App:
    """An app that was registered here; with SNs it is in certificate mode."""

    app_id: str
    key: rsa.RSAPublicKey = field(repr=False)
    app_cert_sn: str = ""
    root_cert_sn: str = ""
    alipay_cert_sn: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """An authentic request: the app, what it wants, and its content."""

    app: App
    method: str
    content: Mapping[str, Any] = field(repr=False)
    notice_url: str = ""


class Objection(Exception):
    """The gateway says no, before anything behind it is asked."""

    def __init__(self, code: str, msg: str, sub_code: str, sub_msg: str) -> None:
        super().__init__(sub_code)
        self.content = {"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_msg}


def params_of(request: Request) -> dict[str, str]:
    """Put query and form together; of a repeated name the first one counts."""
    pairs = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    pairs += parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    params: dict[str, str] = {}
    for name, value in pairs:
        params.setdefault(name, value)
    return params


def admit(params: Mapping[str, str], apps: Mapping[str, App]) -> Asked:
    """Check a request as the gateway does; raises `Objection`."""
    for name in _COMMON:
        if not params.get(name):
            raise _missing(name)
    app = apps.get(params["app_id"])
    if app is None:
        raise _invalid("isv.invalid-app-id", "无效的AppID参数")
    _check_form(params)
    _check_certificates(params, app)
    if not _is_signed(params, app.key):
        raise _invalid(
            "isv.invalid-signature", "验签出错, 建议检查签名字符串或签名私钥与应用公钥是否匹配"
        )
    return Asked(app, params["method"], _content(params), params.get("notify_url", ""))


def no_such_method() -> Objection:
    """Refuse what is not offered."""
    return _invalid("isv.invalid-method", "不存在的方法名")


def sealed(method: str, body: bytes, app: App | None, key: KeyPair, seal: Seal) -> Reply:
    """Put an answer into its envelope and sign the characters of it, as they stand there.

    Nobody says in which order the members come; a certificate's SN comes first where there is one.
    """
    name = method.replace(".", "_") + "_response" if method else "error_response"
    parts = [f'"{name}":'.encode() + body]
    if app is not None and app.alipay_cert_sn:
        parts.insert(0, f'"alipay_cert_sn":"{app.alipay_cert_sn}"'.encode())
    if app is not None and seal is not Seal.MISSING:
        signature = base64.b64encode(key.sign(body)).decode()
        parts.append(f'"sign":"{signature}"'.encode())
    return Reply(200, b"{" + b",".join(parts) + b"}", "text/html;charset=utf-8")


def written(content: Mapping[str, Any]) -> bytes:
    r"""Write an answer as Alipay's systems do: slashes escaped, characters left alone."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/").encode()


def sn_of(certificate: x509.Certificate) -> str:
    """Name a certificate: MD5 over its issuer, most special first, and its serial number."""
    names = [
        f"{attribute.rfc4514_attribute_name}={attribute.value!s}"
        for rdn in reversed(certificate.issuer.rdns)
        for attribute in rdn
    ]
    text = ",".join(names) + str(certificate.serial_number)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def signature_of(key: KeyPair, form: Mapping[str, str]) -> str:
    """Sign a notice: its fields but `sign` and `sign_type`."""
    return base64.b64encode(key.sign(_text(form, {"sign", "sign_type"}))).decode()


def _check_form(params: Mapping[str, str]) -> None:
    if params["sign_type"] != "RSA2":
        raise _invalid("isv.invalid-signature-type", "无效的签名类型")
    if params["charset"].lower() != "utf-8":
        raise _invalid("isv.invalid-charset", "字符集错误")
    if params["version"] != "1.0" or params.get("format", "JSON").upper() != "JSON":
        raise _invalid("isv.invalid-format", "无效的数据格式")
    try:
        datetime.strptime(params["timestamp"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError as wrong:
        raise _invalid("isv.invalid-timestamp", "非法的时间戳参数") from wrong


def _check_certificates(params: Mapping[str, str], app: App) -> None:
    if not app.app_cert_sn:
        return
    if not params.get("app_cert_sn"):
        raise _missing("app_cert_sn")
    if params["app_cert_sn"] != app.app_cert_sn:
        raise _invalid("isv.invalid-app-cert-sn", "应用公钥证书SN不匹配")
    if params.get("alipay_root_cert_sn") != app.root_cert_sn:
        raise _invalid("isv.invalid-alipay-root-cert-sn", "支付宝根证书SN不匹配")


def _is_signed(params: Mapping[str, str], key: rsa.RSAPublicKey) -> bool:
    try:
        signature = base64.b64decode(params["sign"], validate=True)
    except binascii.Error:
        return False
    return is_signed(key, _text(params, {"sign"}), signature)


def _text(params: Mapping[str, str], without: set[str]) -> bytes:
    names = sorted(name for name in params if params[name] and name not in without)
    return "&".join(f"{name}={params[name]}" for name in names).encode()


def _content(params: Mapping[str, str]) -> Mapping[str, Any]:
    text = params.get("biz_content", "{}")
    if len(text) > CONTENT_MAX:
        raise _invalid("isv.invalid-parameter", "参数过长")
    try:
        content = json.loads(text)
    except ValueError as wrong:
        raise _invalid("isv.invalid-parameter", "biz_content不是JSON") from wrong
    if not isinstance(content, dict):
        raise _invalid("isv.invalid-parameter", "biz_content不是JSON对象")
    return content


def _missing(name: str) -> Objection:
    sub_code = "isv.missing-" + {
        "sign": "signature", "sign_type": "signature-type", "app_id": "app-id",
        "app_cert_sn": "app-cert-sn",
    }.get(name, name)  # fmt: skip
    return Objection("40001", "Missing Required Arguments", sub_code, f"缺少参数{name}")


def _invalid(sub_code: str, sub_msg: str) -> Objection:
    return Objection("40002", "Invalid Arguments", sub_code, sub_msg)
