"""Merchant-presented payment codes (EMVCo QR Code Specification for Payment Systems, v1.1).

Rules
- A code is data objects in a row: two digits of id, two of length, the value. Object 00 is first
  and "01"; object 63 is last: the CRC-16/CCITT-FALSE (polynomial 0x1021, from 0xFFFF) over the
  UTF-8 of everything before its value, its own "6304" included.
- Lengths count characters, as the specification's own sample does. Many codes count the bytes of
  UTF-8 instead, which differs for Chinese names only: those are read too.
- Templates (26–51, 62, 64, 80–99) hold objects of the same form; no id comes twice at one level.
- What is damaged, doubled or too long is `Malformed`; ids that we do not know are kept as they are.
"""

import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

CURRENCY_CNY: Final = "156"
MAX_BYTES: Final = 512
"""Of a whole code (§3.3)."""
_AMOUNT: Final = re.compile(r"([0-9]{1,10})(?:\.([0-9]{0,2}))?")
_MUST: Final = ("52", "53", "58", "59", "60")
_LIMITS: Final[Mapping[str, int]] = {
    "52": 4, "53": 3, "54": 13, "55": 2, "56": 13, "57": 5, "58": 2, "59": 25, "60": 15, "61": 10,
}  # fmt: skip
"""The longest value of an object, in characters (§4, table 3.1)."""


class Malformed(ValueError):
    """The text is not a code as the specification has it; the message says where."""


@dataclass(frozen=True, slots=True)
class LocalLanguage:
    """The merchant's name and city once more, in another language (object 64)."""

    language: str
    name: str
    city: str = ""


@dataclass(frozen=True, slots=True)
class MerchantCode:
    """What a code says. `accounts`: who is paid, by id 02–51, a template as its encoded text.

    `amount` is in hundredths of the currency's unit; None lets the payer type it. `additional`
    holds object 62's own objects (05 the reference, 07 the terminal, 08 the purpose), `others`
    what else was there, unread.
    """

    accounts: Mapping[str, str]
    name: str
    city: str
    amount: int | None = None
    category: str = "0000"
    currency: str = CURRENCY_CNY
    country: str = "CN"
    postal_code: str = ""
    is_dynamic: bool = True
    """Made for one payment (12), not printed once for all (11)."""
    additional: Mapping[str, str] = field(default_factory=dict)
    local: LocalLanguage | None = None
    others: Mapping[str, str] = field(default_factory=dict)


def build(code: MerchantCode) -> str:
    """Return the text to draw as a QR code. Raises `Malformed` for what does not fit."""
    fields = {
        "00": "01",
        "01": "12" if code.is_dynamic else "11",
        **code.accounts,
        "52": code.category,
        "53": code.currency,
        "54": "" if code.amount is None else _written(code.amount),
        "58": code.country,
        "59": code.name,
        "60": code.city,
        "61": code.postal_code,
        "62": template(code.additional),
        "64": _local_text(code.local),
        **code.others,
    }
    text = template({id: value for id, value in sorted(fields.items()) if value}) + "6304"
    whole = text + f"{crc(text.encode()):04X}"
    # What we show has to pass our own reading
    parse(whole)
    return whole


def parse(text: str) -> MerchantCode:
    """Read a code. Raises `Malformed`."""
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise Malformed(f"{len(data)} bytes, more than {MAX_BYTES}")
    _check_crc(data)
    try:
        return _read(text, objects)
    except Malformed as wrong:
        try:
            return _read(text, objects_in_bytes)
        except Malformed:
            raise wrong from None


def template(fields: Mapping[str, str]) -> str:
    """Write objects in a row, in the order given. Raises `Malformed` for an id or a length."""
    return "".join(_object(id, value) for id, value in fields.items())


def objects(text: str) -> dict[str, str]:
    """Read objects in a row, in their order. Raises `Malformed`."""
    found, at = dict[str, str](), 0
    while at < len(text):
        id, length = _head(text, at)
        value = text[at + 4 : at + 4 + length]
        if len(value) < length:
            raise Malformed(f"object {id} is cut off")
        if id in found:
            raise Malformed(f"object {id} comes twice")
        found[id] = value
        at += 4 + length
    return found


def objects_in_bytes(text: str) -> dict[str, str]:
    """Read objects whose lengths count bytes of UTF-8. Raises `Malformed`."""
    found = objects(text.encode().decode("latin-1"))
    # A length that ends inside a character leaves bytes that are no id, and was refused
    return {id: value.encode("latin-1").decode() for id, value in found.items()}


def crc(data: bytes) -> int:
    """Return the CRC-16/CCITT-FALSE: "123456789" has 0x29B1."""
    return binascii.crc_hqx(data, 0xFFFF)


def _object(id: str, value: str) -> str:
    if not (len(id) == 2 and id.isascii() and id.isdigit()):
        raise Malformed(f"{id!r} is no id of an object")
    if not 1 <= len(value) <= 99:
        raise Malformed(f"object {id} has {len(value)} characters, not 1 to 99")
    return f"{id}{len(value):02d}{value}"


def _head(text: str, at: int) -> tuple[str, int]:
    head = text[at : at + 4]
    if len(head) < 4 or not (head.isascii() and head.isdigit()):
        raise Malformed(f"no id and length at {at}")
    if head[2:] == "00":
        raise Malformed(f"object {head[:2]} is empty")
    return head[:2], int(head[2:])


def _check_crc(data: bytes) -> None:
    if data[-8:-4] != b"6304":
        raise Malformed("does not end with a CRC")
    if data[-4:] != f"{crc(data[:-4]):04X}".encode():
        raise Malformed("the CRC is wrong")


def _read(text: str, reader: Callable[[str], dict[str, str]]) -> MerchantCode:
    fields = reader(text)
    if next(iter(fields)) != "00" or fields.pop("00") != "01":
        raise Malformed("does not begin with format 01")
    if fields.pop("63", "") != text[-4:]:
        raise Malformed("object 63 is not the last one")
    _check_limits(fields)
    return _code(fields, reader)


def _check_limits(fields: Mapping[str, str]) -> None:
    missing = [id for id in _MUST if id not in fields]
    if missing:
        raise Malformed(f"object {missing[0]} is missing")
    for id, limit in _LIMITS.items():
        if len(fields.get(id, "")) > limit:
            raise Malformed(f"object {id} has more than {limit} characters")


def _code(fields: dict[str, str], reader: Callable[[str], dict[str, str]]) -> MerchantCode:
    accounts = _taken(fields, [id for id in fields if "02" <= id <= "51"])
    if not accounts:
        raise Malformed("names nobody to be paid")
    initiation = fields.pop("01", "11")
    if initiation not in ("11", "12"):
        raise Malformed("object 01 is neither 11 nor 12")
    amount, additional, local = (fields.pop(id, "") for id in ("54", "62", "64"))
    return MerchantCode(
        accounts=accounts,
        category=fields.pop("52"),
        currency=fields.pop("53"),
        country=fields.pop("58"),
        name=fields.pop("59"),
        city=fields.pop("60"),
        postal_code=fields.pop("61", ""),
        amount=_read_amount(amount),
        is_dynamic=initiation == "12",
        additional=reader(additional),
        local=_read_local(reader(local)),
        others=fields,
    )


def _taken(fields: dict[str, str], ids: Iterable[str]) -> dict[str, str]:
    return {id: fields.pop(id) for id in ids}


def _written(amount: int) -> str:
    if amount <= 0:
        raise Malformed("an amount is above 0")
    return f"{amount // 100}.{amount % 100:02d}"


def _read_amount(text: str) -> int | None:
    if not text:
        return None
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise Malformed("object 54 is no amount")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _local_text(local: LocalLanguage | None) -> str:
    if local is None:
        return ""
    fields = {"00": local.language, "01": local.name, "02": local.city}
    return template({id: value for id, value in fields.items() if value})


def _read_local(fields: Mapping[str, str]) -> LocalLanguage | None:
    if not fields:
        return None
    if not {"00", "01"} <= fields.keys():
        raise Malformed("object 64 needs a language and a name")
    return LocalLanguage(fields["00"], fields["01"], fields.get("02", ""))
