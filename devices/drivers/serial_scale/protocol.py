"""What counter scales say. Pure. A protocol is a row of data: numbers of the line, what is asked,
and one pattern per kind of answer.

- Motion, over and under range, and anything that is not understood is no weight: never 0.
- Sources: Mettler-Toledo 8217 (as in DIVA and Magellan manuals), MT-SICS reference manual levels
  0 and 1, the NCI protocol as Ohaus and Weigh-Tronix speak it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

ANSWER_MAX = 64
"""More than any answer of theirs has; longer is noise."""
_GRAMS: Final = {
    "": Decimal(1000), "kg": Decimal(1000), "g": Decimal(1), "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}  # fmt: skip
_GRAMS_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight in grams, standing still."""

    grams: int


@dataclass(frozen=True, slots=True)
class NoWeight:
    """The scale is well and has no weight to give: `why` is motion, over, under, unknown."""

    why: str


@dataclass(frozen=True, slots=True)
class Protocol:
    """One dialect.

    `pattern` groups: `value` and `unit` of a weight; `status`, the letters or bits beside it.
    `bits` names a status' bits (first byte's lowest first), `words` status letters; each says why
    there is no weight, or "" when it says nothing of it.
    """

    name: str
    ask: bytes
    zero: bytes
    end: bytes
    pattern: re.Pattern[bytes] = field(repr=False)
    line: Mapping[str, object]
    bits: tuple[str, ...] = ()
    words: Mapping[bytes, str] = field(default_factory=dict)
    default_unit: str = "kg"
    is_status_required: bool = False
    otherwise: str = ""
    """What a status says that names no trouble: of the 8217 it stands in a weight's place."""

    def read(self, answer: bytes) -> Weight | NoWeight:
        """Understand one answer, its end taken off."""
        found = self.pattern.fullmatch(answer)
        if found is None:
            return NoWeight("unknown")
        why = self._why(found["status"])
        if why:
            return NoWeight(why)
        return _weight(found["value"], found["unit"], self.default_unit)

    def _why(self, status: bytes | None) -> str:
        if not status:
            return "unknown" if self.is_status_required else ""
        if self.words:
            return self.words.get(status, "unknown")
        bits = sum(byte << (8 * n) for n, byte in enumerate(status))
        said = [why for n, why in enumerate(self.bits) if why and bits >> n & 1]
        return said[0] if said else self.otherwise


def _weight(value: bytes | None, unit: bytes | None, default_unit: str) -> Weight | NoWeight:
    name = (unit or b"").decode("ascii", "replace").strip().lower() or default_unit
    try:
        grams = Decimal((value or b"").replace(b" ", b"").decode("ascii")) * _GRAMS[name]
    except (InvalidOperation, KeyError, UnicodeDecodeError):
        return NoWeight("unknown")
    rounded = int(grams.to_integral_value())
    if rounded < 0:
        return NoWeight("under")
    return Weight(rounded) if rounded <= _GRAMS_MAX else NoWeight("over")


_7E1: Final[Mapping[str, object]] = {"baud": 9600, "data_bits": 7, "parity": "E"}
_8N1: Final[Mapping[str, object]] = {"baud": 9600}

METTLER_8217 = Protocol(
    "mettler_8217", b"W", b"Z", b"\r",
    re.compile(rb"\x02(?:\?(?P<status>.)|(?P<value>\d{1,3}\.?\d{0,3})N?(?P<unit>))", re.DOTALL),
    _7E1,
    bits=("motion", "over", "under", "", "", "", "unknown"),
    otherwise="unknown",
)  # fmt: skip
"""Status behind `?`: motion, over, under zero, outside zero capture, centre of zero, net, bad
command. A status without any of them is still no weight: none came with it.
"""
MT_SICS = Protocol(
    "mt_sics", b"SI\r\n", b"Z\r\n", b"\n",
    re.compile(
        rb"S +(?P<status>[SDI+\-])(?: +(?P<value>-?[\d.]{1,12}) +(?P<unit>[a-zA-Z]{1,3}))? *\r?"
    ),
    _8N1,
    words={b"S": "", b"D": "motion", b"I": "unknown", b"+": "over", b"-": "under"},
    is_status_required=True,
)  # fmt: skip
NCI = Protocol(
    "nci", b"W\r", b"Z\r", b"\x03",
    re.compile(
        rb"\n *(?P<value>-? *[\d.]{1,10}) *(?P<unit>[A-Za-z]{0,2})\r"
        rb"\nS?(?P<status>[\x20-\x7f]{2})\r"
    ),
    _7E1,
    bits=("motion", "", "unknown", "unknown", "", "", "", "", "under", "over", "unknown"),
    is_status_required=True,
)  # fmt: skip
"""Status: the first byte tells motion, zero and two faults of memory, the second under, over and a
fault; without a status nothing says that the weight stands still.
"""
PROTOCOLS: Final = {one.name: one for one in (METTLER_8217, MT_SICS, NCI)}
