"""Card UIDs as people write them and as cards give them.

Length and first byte by ISO/IEC 14443-3 §6.5.4: 4, 7 or 10 bytes; a 4-byte UID that begins with 08
is made anew at every tap (phones do it) and names nobody.
"""

import re

LENGTHS = (4, 7, 10)
GET_UID = bytes.fromhex("FFCA000000")
"""PC/SC part 3, 3.2.2.1.3: the reader answers with the card's UID."""
DONE = 0x9000
UID_MIN, UID_MAX = 4, 10
_RANDOM_FIRST = 0x08
_SEPARATORS = re.compile(r"[\s:.-]+")


def parse_uid(text: str) -> bytes:
    """Read a UID in hex, with or without separators; ValueError when it is none."""
    digits = _SEPARATORS.sub("", text.strip())
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", digits):
        raise ValueError("a card number is written in hex, two digits a byte")
    uid = bytes.fromhex(digits)
    if len(uid) not in LENGTHS:
        raise ValueError(f"a card number has 4, 7 or 10 bytes, not {len(uid)}")
    return uid


def format_uid(uid: bytes) -> str:
    """Write a UID as the one form that is stored and compared: upper-case hex."""
    return uid.hex().upper()


def is_random(uid: bytes) -> bool:
    """Whether the card makes its UID anew at every tap, so that it can never be enrolled."""
    return len(uid) == LENGTHS[0] and uid[0] == _RANDOM_FIRST


def uid_of(answer: bytes, status: int) -> bytes | None:
    """The UID in the answer to `GET_UID`; None when the card or the reader gave none."""
    if status != DONE or not UID_MIN <= len(answer) <= UID_MAX:
        return None
    return answer
