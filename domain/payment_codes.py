"""Whose payer code is this text? A table of patterns, as data, so that a profile can change it.

Sources: WeChat pays' page chapter3_1_1 (18 digits, 10–15) and its API's error text (16 too);
Alipay open/194/106039 (16–24 digits, 25–30); UnionPay 19 digits from 62. The e-CNY form (01) is
not confirmed by any official page, so its rule is off unless a profile turns it on. An operating
bank's own codes are those of docs/bank-link.md: 20 digits from 88, which nobody else uses.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

WALLET_CODE_PREFIX = "FP1:"


class CodeKind(StrEnum):
    """The tender a payer's code belongs to."""

    WECHAT = "wechat"
    ALIPAY = "alipay"
    UNIONPAY = "unionpay"
    ECNY = "ecny"
    BANK = "bank"
    WALLET = "wallet"


@dataclass(frozen=True, slots=True)
class CodeRule:
    """One row: the whole text must match ``pattern`` (a regular expression)."""

    kind: CodeKind
    pattern: str
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class KnownCode:
    """Exactly one rule matched; ``text`` is the code without what a scanner added."""

    kind: CodeKind
    text: str


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """No rule matched: not a payment code, or one that is not taken here (``codes.unknown``)."""


@dataclass(frozen=True, slots=True)
class AmbiguousCode:
    """Rules of several kinds matched: ask the operator (``codes.ambiguous``)."""

    kinds: tuple[CodeKind, ...]


DEFAULT_RULES: tuple[CodeRule, ...] = (
    CodeRule(CodeKind.WECHAT, r"1[0-6][0-9]{16}"),
    CodeRule(CodeKind.ALIPAY, r"(?:2[5-9]|30)[0-9]{14,22}"),
    CodeRule(CodeKind.UNIONPAY, r"62[0-9]{17}"),
    CodeRule(CodeKind.ECNY, r"01[0-9]{17}", is_enabled=False),
    CodeRule(CodeKind.BANK, r"88[0-9]{18}"),
    CodeRule(CodeKind.WALLET, r"FP1:[A-Z2-7]+"),
)

MAX_CODE_LENGTH = 512  # our wallet code is the longest, at 358 characters

# Symbology identifiers that some scanners put in front (ISO/IEC 15424): "]C1", "]Q3", …
_SYMBOLOGY_ID = re.compile(r"\][A-Za-z][0-9]")


def recognise(
    text: str, rules: Sequence[CodeRule] = DEFAULT_RULES
) -> KnownCode | UnknownCode | AmbiguousCode:
    """Tell a payer's code by the table; an unknown or ambiguous one is never guessed at."""
    bare = cleaned(text)
    if len(bare) > MAX_CODE_LENGTH:
        return UnknownCode()
    kinds = {rule.kind for rule in rules if rule.is_enabled and re.fullmatch(rule.pattern, bare)}
    if len(kinds) == 1:
        return KnownCode(kinds.pop(), bare)
    return AmbiguousCode(tuple(sorted(kinds))) if kinds else UnknownCode()


def cleaned(text: str) -> str:
    """Return the text without the scanner's line end, blanks and symbology identifier."""
    bare = text.strip(" \t\r\n\x00")
    return bare[3:] if _SYMBOLOGY_ID.match(bare) else bare


def with_enabled(
    rules: Sequence[CodeRule], kind: CodeKind, *, is_enabled: bool
) -> tuple[CodeRule, ...]:
    """Return the table with one kind turned on or off, as a profile asks."""
    return tuple(
        replace(rule, is_enabled=is_enabled) if rule.kind is kind else rule for rule in rules
    )
