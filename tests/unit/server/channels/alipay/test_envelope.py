"""The signed characters of an answer: cut out exactly, whatever stands in them or around them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.providers.alipay.envelope import Envelope, open_envelope
from tests.unit.server.channels.alipay import published

METHOD = "alipay.trade.pay"
NAME = "alipay_trade_pay_response"

TEXTS = st.text(max_size=20) | st.sampled_from(
    ["}", "{", '"', "\\", '\\"}', "/", "\\/", '","sign":"', "\u2028", "😀", '{"a":"}"}', "中文"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=5)
BLANKS = st.text(" \t\r\n", max_size=3)


def written(value: Any, *, is_ascii: bool, is_slashed: bool, is_wide: bool) -> str:
    """One of the ways in which the same object may be written."""
    separators = (" , ", " : ") if is_wide else (",", ":")
    text = json.dumps(value, ensure_ascii=is_ascii, separators=separators)
    return text.replace("/", "\\/") if is_slashed else text


@given(
    OBJECTS, st.booleans(), st.booleans(), st.booleans(), BLANKS, BLANKS, st.integers(0, 2)
)  # fmt: skip
def test_exactly_the_characters_of_the_answer_are_signed(
    content: dict[str, Any],
    is_ascii: bool,
    is_slashed: bool,
    is_wide: bool,
    before: str,
    after: str,
    place: int,
) -> None:
    raw = written(content, is_ascii=is_ascii, is_slashed=is_slashed, is_wide=is_wide)
    members = ['"alipay_cert_sn":"sn"', '"sign":"s="']
    members.insert(place, f'"{NAME}"{before}:{after}{raw}{before}')
    body = f"{before}{{{after}{(',' + before).join(members)}}}{after}"
    envelope = open_envelope(body.encode(), METHOD)
    assert envelope == Envelope(NAME, raw.encode(), content, "s=", "sn")


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_rubbish_is_refused_and_never_breaks_the_reader(body: bytes) -> None:
    with pytest.raises(ValueError):
        open_envelope(body, METHOD)


@given(OBJECTS, st.data())
def test_an_envelope_that_is_cut_off_is_refused(content: dict[str, Any], data: Any) -> None:
    body = json.dumps({NAME: content, "sign": "s"}).encode()
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(ValueError):
        open_envelope(body[:cut], METHOD)


def test_alipay_s_own_answer_is_opened() -> None:
    body = (
        f'{{"alipay_trade_query_response":{published.PAID},'
        f'"alipay_cert_sn":"a359aaadd01ceca03dbc07537da539b9","sign":"{published.PAID_SIGN}"}}'
    )
    envelope = open_envelope(body.encode(), "alipay.trade.query")
    assert envelope.signed == published.PAID.encode()
    assert envelope.signature == published.PAID_SIGN
    assert envelope.certificate_sn == "a359aaadd01ceca03dbc07537da539b9"


def test_braces_and_quotes_in_texts_end_nothing() -> None:
    raw = r'{"msg":"}}\"},\\","store":"a\/b {","n":[{"x":"]"}]}'
    envelope = open_envelope(f'{{"{NAME}":{raw},"sign":"s"}}'.encode(), METHOD)
    assert envelope.signed == raw.encode()
    assert envelope.data["msg"] == '}}"},\\'


def test_a_text_that_looks_like_the_answer_is_not_it() -> None:
    body = f'{{"note":"\\"{NAME}\\":{{}}","{NAME}":{{"code":"10000"}},"sign":"s"}}'
    assert open_envelope(body.encode(), METHOD).signed == b'{"code":"10000"}'


def test_the_gateway_s_error_is_opened_too() -> None:
    body = b'{"error_response":{"code":"40002","sub_code":"isv.invalid-app-id"}}'
    envelope = open_envelope(body, METHOD)
    assert (envelope.name, envelope.signature) == ("error_response", "")
    assert envelope.data["sub_code"] == "isv.invalid-app-id"


def test_the_method_s_own_answer_comes_before_an_error() -> None:
    body = f'{{"error_response":{{"code":"1"}},"{NAME}":{{"code":"2"}},"sign":"s"}}'
    assert open_envelope(body.encode(), METHOD).data["code"] == "2"


@pytest.mark.parametrize(
    "body",
    [
        f'{{"{NAME}":{{"code":"10000"}},"{NAME}":{{"code":"40004"}},"sign":"s"}}',
        f'{{"{NAME}":{{"code":"10000"}},"\\u0061lipay_trade_pay_response":{{}},"sign":"s"}}',
        f'{{"{NAME}":{{"code":"10000"}},"sign":"s","sign":"t"}}',
        f'{{"{NAME}":"10000","sign":"s"}}',
        f'{{"{NAME}":NaN,"sign":"s"}}',
        f'{{"{NAME}":{{"a":Infinity}},"sign":"s"}}',
        f'{{"{NAME}":{{}},"sign":"s"}} trailing',
        f'{{"{NAME}":{{}},,"sign":"s"}}',
        f'{{"{NAME}":{{}} "sign":"s"}}',
        f'{{"{NAME}" {{}}}}',
        '{"sign":"s"}',
        '{"alipay_trade_query_response":{"code":"10000"},"sign":"s"}',
        "{" * 100_000,
        f'{{"{NAME}":' + "[" * 100_000,
        "[]",
        "null",
        '"text"',
    ],
)
def test_what_is_doubtful_is_refused(body: str) -> None:
    with pytest.raises(ValueError):
        open_envelope(body.encode(), METHOD)


def test_a_sign_that_is_no_text_is_none() -> None:
    body = f'{{"{NAME}":{{}},"sign":["s"]}}'
    assert open_envelope(body.encode(), METHOD).signature == ""
