"""The sentences for people: from a dotted code and its data, in Chinese or English.

Each sentence says what to do next, not only what went wrong. To add a code, add one entry to the
fitting file of ``domain/texts``; a test finds every code used in the source and fails when one has
no text. Blanks are named like the data: ``{who}``; a blank whose name ends in ``amount`` is written
as money.
"""

from collections.abc import Mapping
from typing import Final, Literal

from domain.money import format_amount
from domain.texts import TEXTS

Language = Literal["zh", "en"]

_UNNAMED: Final = "errors.unnamed"


def text(code: str, data: Mapping[str, object], language: Language) -> str:
    """Return the sentence of a code; an unknown code gets a general one that still names it."""
    if code not in TEXTS:
        return text(_UNNAMED, {"code": code}, language)
    sentence = TEXTS[code][language]
    return sentence.format_map(_Blanks({name: _written(name, data[name]) for name in data}))


def is_known(code: str) -> bool:
    """Tell whether a code has its texts."""
    return code in TEXTS


class _Blanks(dict[str, str]):
    """A blank without data becomes an ellipsis: a message must never fail for want of detail."""

    def __missing__(self, name: str) -> str:
        return "…"


def _written(name: str, value: object) -> str:
    is_money = name.endswith("amount") and isinstance(value, int)
    return format_amount(value) if is_money and isinstance(value, int) else str(value)
