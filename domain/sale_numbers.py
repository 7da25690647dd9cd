"""The number of a sale as people read and type it: 14 digits off its receipt.

The milliseconds in which the sale's id was made, since 2020, and two digits that check the typing
and tell two sales of one millisecond apart. An id that keeps its time stands in a narrow range of
the ids, so whoever has the number finds the sale without another index.
"""

from typing import Final
from uuid import UUID

from domain.errors import Refused

EPOCH_MS: Final = 1_577_836_800_000
"""2020-01-01T00:00:00Z."""
_TIME_DIGITS: Final = 12
_CHECK: Final = 97
_SPACES: Final = str.maketrans("", "", " -·\t\r\n")


def sale_number(payment_id: UUID) -> str:
    """Return the number in groups, "2174 1234 5678 93"; "" for an id from no such time."""
    since_ms = (payment_id.int >> 80) - EPOCH_MS
    if not 0 <= since_ms < 10**_TIME_DIGITS:
        return ""
    digits = f"{since_ms:012d}{payment_id.int % _CHECK:02d}"
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


def bare_number(text: str) -> str:
    """Return what was typed or scanned without its spaces; `Refused` when it is no number of ours.

    14 digits off the paper, or the 32 hex digits of the receipt's code.
    """
    bare = text.translate(_SPACES).lower()
    is_typed = len(bare) == _TIME_DIGITS + 2 and bare.isascii() and bare.isdigit()
    is_scanned = len(bare) == 32 and set(bare) <= set("0123456789abcdef")
    if not (is_typed or is_scanned):
        raise Refused("sales.not_a_number")
    return bare


def ids_of_number(number: str) -> tuple[UUID, UUID]:
    """Return the first and the last id that a bare 14-digit number may stand for."""
    first = (EPOCH_MS + int(number[:_TIME_DIGITS])) << 80
    return UUID(int=first), UUID(int=first | (1 << 80) - 1)


def is_number_of(number: str, payment_id: UUID) -> bool:
    """Whether a bare 14-digit number is this sale's."""
    return sale_number(payment_id).replace(" ", "") == number
