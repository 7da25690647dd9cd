"""Whose payer code is it?"""

import pytest

from domain.payment_codes import (
    DEFAULT_RULES,
    AmbiguousCode,
    CodeKind,
    CodeRule,
    KnownCode,
    UnknownCode,
    recognise,
    with_enabled,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("10" + "1" * 16, CodeKind.WECHAT),
        ("16" + "9" * 16, CodeKind.WECHAT),
        ("25" + "0" * 14, CodeKind.ALIPAY),
        ("28" + "0" * 16, CodeKind.ALIPAY),
        ("30" + "0" * 22, CodeKind.ALIPAY),
        ("62" + "3" * 17, CodeKind.UNIONPAY),
        ("FP1:AB27", CodeKind.WALLET),
    ],
)
def test_each_wallet_is_told_by_its_form(text, kind):
    assert recognise(text) == KnownCode(kind, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17" + "1" * 16,
        "10" + "1" * 15,
        "10" + "1" * 17,
        "24" + "0" * 16,
        "31" + "0" * 16,
        "25" + "0" * 13,
        "25" + "0" * 23,
        "62" + "3" * 16,
        "01" + "2" * 17,
        "fp1:ab27",
        "FP1:",
        "FP2:AB27",
        "١٠" + "1" * 16,
        "10" + "1" * 16 + "\n1",
        "https://example.test/10" + "1" * 16,
        "FP1:" + "A" * 600,
    ],
)
def test_everything_else_is_unknown(text):
    assert recognise(text) == UnknownCode()


def test_line_ends_and_symbology_identifiers_are_taken_off():
    assert recognise("]C1" + "13" * 9 + "\r\n") == KnownCode(CodeKind.WECHAT, "13" * 9)


def test_the_unconfirmed_ecny_form_counts_only_when_turned_on():
    code = "01" + "2" * 17
    rules = with_enabled(DEFAULT_RULES, CodeKind.ECNY, is_enabled=True)
    assert recognise(code, rules) == KnownCode(CodeKind.ECNY, code)
    without_wechat = with_enabled(rules, CodeKind.WECHAT, is_enabled=False)
    assert recognise("13" * 9, without_wechat) == UnknownCode()


def test_a_code_of_two_kinds_is_for_the_operator_to_tell():
    rules = (CodeRule(CodeKind.WECHAT, "[0-9]{3}"), CodeRule(CodeKind.ALIPAY, "1[0-9]*"))
    assert recognise("123", rules) == AmbiguousCode((CodeKind.ALIPAY, CodeKind.WECHAT))
    assert recognise("223", rules) == KnownCode(CodeKind.WECHAT, "223")
