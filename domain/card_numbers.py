"""Card numbers as readers type them and vendors list them, told apart and turned into UIDs.

The same four bytes are written in hexadecimal or as ten decimal digits, in the order the card
sends them or reversed. Eight digits 3+5 (Wiegand 26) hold three bytes: what readers of that kind
give as the whole number. A UID has 4, 7 or 10 bytes (ISO/IEC 14443-3 §6.5.4); four bytes that begin
with 08 are made anew at every tap and name nobody. A bank card is known by sixteen bytes, a keyed
hash of its account number, which are written in hexadecimal only.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LENGTHS = (4, 7, 10)
BANK_CARD_LENGTH = 16
MAX_TEXT = 40
_RANDOM_FIRST = 0x08
_NXP = 0x04
"""What every seven-byte UID of the largest maker begins with (ISO/IEC 7816-6)."""
_SEPARATORS = re.compile(r"[\s:.\-]+")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_DECIMAL = re.compile(r"[0-9]{1,10}")
_WIEGAND = re.compile(r"([0-9]{3})[,+\s]?([0-9]{5})")


@dataclass(frozen=True, slots=True)
class CardNumberFormat:
    """One way to write a card's number; `read` returns the UID's bytes, or None: not this way."""

    code: str
    title_zh: str
    title_en: str
    example: str
    read: Callable[[str], bytes | None]


def _hex(text: str) -> bytes | None:
    digits = _SEPARATORS.sub("", text.removeprefix("0x"))
    if len(text) > MAX_TEXT or not _HEX.fullmatch(digits):
        return None
    uid = bytes.fromhex(digits)
    return uid if len(uid) in (*LENGTHS, BANK_CARD_LENGTH) else None


def _hex_reversed(text: str) -> bytes | None:
    uid = _hex(text)
    return None if uid is None or len(uid) not in LENGTHS else uid[::-1]


def _decimal(text: str) -> bytes | None:
    if not _DECIMAL.fullmatch(text) or int(text) >= 1 << 32:
        return None
    return int(text).to_bytes(4, "big")


def _decimal_reversed(text: str) -> bytes | None:
    uid = _decimal(text)
    return None if uid is None else uid[::-1]


def _wiegand(text: str) -> bytes | None:
    found = _WIEGAND.fullmatch(text)
    if found is None:
        return None
    facility, card = int(found[1]), int(found[2])
    if facility > 0xFF or card > 0xFFFF:
        return None
    return bytes([facility]) + card.to_bytes(2, "big")


FORMATS = (
    CardNumberFormat("hex", "十六进制", "hexadecimal", "04A1B2C3", _hex),
    CardNumberFormat(
        "hex_reversed", "十六进制，反序", "hexadecimal, reversed", "C3B2A104", _hex_reversed
    ),
    CardNumberFormat("decimal", "10 位十进制", "ten decimal digits", "0077705923", _decimal),
    CardNumberFormat(
        "decimal_reversed", "10 位十进制，反序", "ten decimal digits, reversed", "3283263748",
        _decimal_reversed,
    ),
    CardNumberFormat("wiegand", "8 位 3+5（韦根 26）", "eight digits 3+5", "161,45763", _wiegand),
)  # fmt: skip
_BY_CODE = {one.code: one for one in FORMATS}


def read_number(text: str, code: str) -> bytes | None:
    """Return the UID that `text` means in the format `code`; None when it is not written so."""
    return _BY_CODE[code].read(text.strip())


def is_format(code: str) -> bool:
    """Whether there is such a format."""
    return code in _BY_CODE


def is_random(uid: bytes) -> bool:
    """Whether the card makes its UID anew at every tap, so that it can never be given out."""
    return len(uid) == LENGTHS[0] and uid[0] == _RANDOM_FIRST


def possible_formats(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the formats in which every one of `texts` can be read, the likelier first.

    More than one is a question for whoever has a card at hand; a lone number in decimal must be
    written with its ten digits. Seven bytes that begin with the maker's 04 are in order.
    """
    numbers = [text.strip() for text in texts]
    found = [one.code for one in FORMATS if numbers and all(one.read(text) for text in numbers)]
    if not any(len(text) == 10 for text in numbers):
        found = [code for code in found if not code.startswith("decimal")]
    return tuple(code for code in found if not _is_unlikely(code, found, numbers))


def matching_formats(text: str, uid: bytes) -> tuple[str, ...]:
    """Return the formats in which `text` is this very card: the answer that a tap gives."""
    return tuple(one.code for one in FORMATS if _is_card(one.read(text.strip()), uid))


def _is_card(read: bytes | None, uid: bytes) -> bool:
    # Wiegand readers drop the first byte of four
    return read is not None and (read == uid or (len(read) == 3 and uid[-3:] == read))


def _is_unlikely(code: str, found: list[str], numbers: list[str]) -> bool:
    """Whether the maker's byte at the other end speaks for the other order."""
    other = {"hex": "hex_reversed", "hex_reversed": "hex"}.get(code, "")
    if other not in found:
        return False
    own, others = _uids(code, numbers), _uids(other, numbers)
    return (
        all(len(uid) == 7 for uid in own)
        and all(uid[0] == _NXP for uid in others)
        and not all(uid[0] == _NXP for uid in own)
    )


def _uids(code: str, numbers: list[str]) -> list[bytes]:
    return [uid for text in numbers if (uid := _BY_CODE[code].read(text)) is not None]
