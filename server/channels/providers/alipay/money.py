"""Yuan as Alipay writes them, to and from fen: exactly, never through a float."""

import re
from typing import Final

from domain.money import plain_amount

_YUAN: Final = re.compile(r"([+-]?)([0-9]{1,12})(?:\.([0-9]{1,2}))?")


def yuan(amount: int) -> str:
    """Write fen as Alipay wants them: `1205` is `"12.05"`."""
    return plain_amount(amount)


def fen(text: str) -> int:
    """Read yuan: `"12"`, `"12.5"`, `"-0.05"`. Raises `ValueError` for anything else."""
    match = _YUAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not an amount: {text[:32]!r}")
    sign, whole, part = match.groups()
    amount = int(whole) * 100 + int((part or "").ljust(2, "0"))
    return -amount if sign == "-" else amount
