"""Signatures and seals against openssl, and against what WeChat Pay's documentation publishes.

Published: pay.weixin.qq.com, "如何构造请求签名" (of its test key the public half; merchant
1900007291) and "如何使用微信支付公钥验签". PKCS #1 v1.5 is deterministic, so a published signature
that verifies over our message is the signature of exactly these bytes.
"""

import base64
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.channels.providers.wechat import signing

MERCHANT_PEM = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAptpm+qvIDCh/9wjU26SQ
CK26ogYkBhDrYxnAaw2JbbBsp1oDbHKk+1r381NeBUG2HEFAuU+Fr72u5ot3yKdz
oF/FajAzQNKnm569/D3upKoi8mYBaST15Uig8j8qoUW1U217LL0jEHlSnHV3lcaD
TXqDpTRR4Bfz9IqOgJgFZ8/oTfEomSrjrLYef81Eyxr7ZIMQXEKKEK7V4UXKS0+/
fDsiG/cXidhzt8UbTL9vqXqxM2+IDImyO+FAc/tkBG55LmzxPto1Nq0WbnZzRM/w
Tzrd0I/8NlevxtFbphg4evlHjFNI7+GrqR87ViEwuAJJ9Je5QQjct5YJfFRWiZ5C
MQIDAQAB
-----END PUBLIC KEY-----
"""
PLATFORM_PEM = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwXNI6sdlknHBnK8Fu2U6
Cwor9qY747jP8KAfeBMeveEt1TqaHkLfaSD07trZLhGpfs8/AHqjhgSMO1O10YQW
OrrJ4hjIWPKqxbgrYMkBQc+mwdiWp4W3ByCqxBRagCveCXRWCmuJYovl9H/bsDI0
iGbpVtEOghJtfciisYSgxcLufUDTRkvwxjIBK1pCRjk33jJ5YTBWTHMRtMAOcFLN
F6hdEYdX8SPsgHHeLZ5Lv2T/686w1xtgCHef/sd4uSfWmyzsalQdHG/e4IyYmrhx
+O3VBoNDzE3nx23bFeV/RVNCG7cV6VhmYokJNHa/erIPkEmEFID6A5wQOXuxUkmJ
WwIDAQAB
-----END PUBLIC KEY-----
"""
STAMP, NONCE = 1554208460, "593BEC0C930BF1AFEB40B4A08C8FB242"
GET_SIGNATURE = (
    "Lc9VXxmeonkdV8Xk9tmigQFLhl0vRWTerdmoRu01aAnYwIrD/5nsSwE1WlmZGLRlAFTNQ3QsMa0+VRDlJp1Wp5p0nO8E"
    "K68b5sJBbjouxaFciIfq1zfDWWz+jqhcMoKXI1A6dPm1AW7D4d30WsMTNzp6g23OXakIsh9LO3lUmwvTuE0BY8ncf6tN"
    "Gk4wKmvXwERd/ZpoQY3MAVKz+Nakwc+2XBmzT66KcUehU5kr4IvGa/lEU5RZb/q00zP9VLdBhC/jQSX3X1UcJLCtEc4g"
    "Tmib4tnmAT+bHF/e17ZAuxDNcx6rqT8gNEXqaJGG+1OflMSTU2tpyG65G4dMKdFcoA=="
)
POST_BODY = (
    '{"appid":"wxd678efh567hg6787","mchid":"1230000109","description":"Image形象店-深圳腾大-QQ公仔",'
    '"out_trade_no":"1217752501201407033233368018","notify_url":'
    '"https://www.weixin.qq.com/wxpay/pay.php","amount":{"total":100,"currency":"CNY"},'
    '"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}'
)
POST_SIGNATURE = (
    "gEuexJ547PHFV77TQ6eiE4tphVYfWfUe1Wc2dBmVnoMYU2rl/M4zhw+b3vBhuMw6AC7pteNkryLA7UWU2h+umo0OdSuu"
    "Lm1++O3NckQPCSfm6dypsjn4GYm84KMqXWFrhFmyxEwIdEJDr3w1UYfxOcu55OQupfLkrt/ZzuOspnliJFrPzGQFUk7l"
    "GqMMtpz3EfbDUNxnVsHblORg3hVmuYNmbGWnS2ovU30Y2Q+iKFDxzkaXBk8LTy6HzvxizRo6Q+J4SVM7O0hKXfgo1QdI"
    "68kpzNULb3EVBXlhTyPUzhkHzzLxECL1qHl3HH2hEv8++C+4wBlsagF3j/O6PABojA=="
)
ANSWER_SIGNATURE = (
    "mfI1CPqvBrgcXfgXMFjdNIhBf27ACE2YyeWsWV9ZI7T7RU0vHvbQpu9Z32ogzc+k8ZC5n3kz7h70eWKjgqNdKQF0eRp8"
    "mVKlmfzMLBVHbssB9jEZEDXThOX1XFqX7s7ymia1hoHQxQagPGzkdWxtlZPZ4ZPvr1RiqkgAu6Is8MZgXXrRoBKqjmSd"
    "rP1N7uxzJ/cjfSiis9FiLjuADoqmQ1P7p2N876YPAol7Rn0+GswwAwxldbdLrmVSjfytfSBJFqTMHn4itojgxSWWN1by"
    "uckQt8hSTEv/Lg97QoeGniYP17T80pJeQyL3b+295FPHSO2AtvCgyIbKMZ0BALilAA=="
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("openssl")
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out",
            str(made / "key.pem"))  # fmt: skip
    openssl("pkey", "-in", str(made / "key.pem"), "-pubout", "-out", str(made / "public.pem"))
    return made


def openssl(*words: str, given: bytes = b"") -> bytes:
    return subprocess.run(
        ["openssl", *words], input=given, capture_output=True, check=True, timeout=30
    ).stdout


def signed_by_openssl(folder: Path, message: bytes) -> str:
    raw = openssl("dgst", "-sha256", "-sign", str(folder / "key.pem"), given=message)
    return base64.b64encode(raw).decode()


def test_a_request_without_a_body_signs_as_published():
    message = signing.request_message(
        "GET", "/v3/refund/domestic/refunds/123123123123", STAMP, NONCE, b""
    )
    assert message.endswith(b"\n\n")
    assert signing.is_signed(signing.public_key(MERCHANT_PEM), message, GET_SIGNATURE)


def test_a_request_with_a_body_signs_as_published():
    message = signing.request_message(
        "POST", "/v3/pay/transactions/jsapi", STAMP, NONCE, POST_BODY.encode()
    )
    assert signing.is_signed(signing.public_key(MERCHANT_PEM), message, POST_SIGNATURE)


def test_the_published_body_reads_the_same_but_signs_only_as_it_was_sent():
    spaced = json.dumps(json.loads(POST_BODY), ensure_ascii=False).encode()
    message = signing.request_message("POST", "/v3/pay/transactions/jsapi", STAMP, NONCE, spaced)
    assert not signing.is_signed(signing.public_key(MERCHANT_PEM), message, POST_SIGNATURE)


def test_an_answer_verifies_as_published():
    body = b'{"code_url":"weixin://wxpay/bizpayurl?pr=JyC91EIz1"}'
    key = signing.public_key(PLATFORM_PEM)
    message = signing.answer_message("1722850421", "d824f2e086d3c1df967785d13fcd22ef", body)
    assert signing.is_signed(key, message, ANSWER_SIGNATURE)
    assert not signing.is_signed(key, message[:-1], ANSWER_SIGNATURE)


def test_our_signatures_are_those_of_openssl(folder):
    key = signing.private_key((folder / "key.pem").read_text())
    body = '{"description":"牛肉面"}'.encode()
    message = signing.request_message("POST", "/v3/x?a=1&b=2", STAMP, NONCE, body)
    expected = "POST\n/v3/x?a=1&b=2\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n"
    assert message == expected.encode() + body + b"\n"
    assert signing.sign(key, message) == signed_by_openssl(folder, message)


def test_the_authorization_header_carries_what_openssl_would_sign(folder):
    merchant = signing.Merchant(
        "1900007291", "5F", signing.private_key((folder / "key.pem").read_text())
    )
    header = signing.authorization(merchant, "GET", "/v3/certificates", STAMP, NONCE, b"")
    signature = signed_by_openssl(folder, f"GET\n/v3/certificates\n{STAMP}\n{NONCE}\n\n".encode())
    assert header == (
        f'WECHATPAY2-SHA256-RSA2048 mchid="1900007291",nonce_str="{NONCE}",'
        f'signature="{signature}",timestamp="{STAMP}",serial_no="5F"'
    )


@pytest.mark.parametrize("body", [b"", b'{"a":1}', '{"名":"面"}'.encode()])
def test_what_openssl_signs_verifies_whatever_the_body(folder, body):
    key = signing.public_key((folder / "public.pem").read_text())
    signature = signed_by_openssl(folder, b"1\nn\n" + body + b"\n")
    assert signing.is_signed(key, signing.answer_message("1", "n", body), signature)
    assert not signing.is_signed(key, signing.answer_message("2", "n", body), signature)
    assert not signing.is_signed(key, signing.answer_message("1", "n", body + b" "), signature)


@pytest.mark.parametrize("signature", ["", "?", "AAAA", "é", ANSWER_SIGNATURE[:-4]])
def test_what_is_no_signature_is_refused_quietly(signature):
    assert not signing.is_signed(signing.public_key(PLATFORM_PEM), b"x", signature)


def test_a_page_is_launched_with_four_signed_lines(folder):
    key = signing.private_key((folder / "key.pem").read_text())
    lines = b"wx8888888888888888\n1414561699\n5K8264ILTKCH16CQ2502SI8ZNMTM67VS\nprepay_id=123\n"
    assert signing.launch_signature(
        key, "wx8888888888888888", 1414561699, "5K8264ILTKCH16CQ2502SI8ZNMTM67VS", "prepay_id=123"
    ) == signed_by_openssl(folder, lines)


API_KEY = b"0123456789abcdef0123456789abcdef"


def sealed(plain: bytes = b"{}", associated: str = "transaction", **more: str) -> dict[str, str]:
    text = AESGCM(API_KEY).encrypt(b"fdasflkja484", plain, associated.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(text).decode(),
        "nonce": "fdasflkja484",
        "associated_data": associated,
        **more,
    }


def test_what_was_sealed_is_opened_and_nothing_else():
    assert signing.unsealed(API_KEY, sealed(b"secret")) == b"secret"
    assert signing.unsealed(API_KEY, sealed(b"secret", associated="")) == b"secret"
    assert signing.unsealed(API_KEY[:-1] + b"0", sealed()) is None
    assert signing.unsealed(API_KEY[:-1], sealed()) is None
    assert signing.unsealed(API_KEY, sealed(associated_data="refund")) is None
    assert signing.unsealed(API_KEY, sealed(algorithm="AES_128")) is None
    assert signing.unsealed(API_KEY, sealed(ciphertext="AAAA")) is None
    assert signing.unsealed(API_KEY, sealed(ciphertext="?")) is None
    assert signing.unsealed(API_KEY, {"algorithm": "AEAD_AES_256_GCM"}) is None


def test_keys_of_the_wrong_kind_are_named(folder):
    for text in ("", "no key", MERCHANT_PEM):
        with pytest.raises(ValueError, match="private key"):
            signing.private_key(text)
    with pytest.raises(ValueError, match="public key"):
        signing.public_key((folder / "key.pem").read_text())
    with pytest.raises(ValueError, match="certificate"):
        signing.certificate(MERCHANT_PEM.encode())
    curve = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").decode()
    with pytest.raises(ValueError, match="RSA"):
        signing.private_key(curve)
