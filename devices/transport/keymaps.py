"""Which character a key means, per keyboard layout. Pure.

A scanner that types pretends to be a keyboard of one country. Key codes are those of
linux/input-event-codes.h, rows of keys in the order of the codes. Chinese keyboards are "us".
"""

from dataclasses import dataclass
from typing import Final

LEFT_SHIFT, RIGHT_SHIFT = 42, 54
LEFT_CTRL, RIGHT_CTRL = 29, 97
LEFT_ALT, ALT_GR = 56, 100
CAPS_LOCK: Final = 58
ENTER, TAB, PAD_ENTER = 28, 15, 96
SUFFIXES: Final = frozenset({ENTER, TAB, PAD_ENTER})

PAD: Final = {
    82: "0", 79: "1", 80: "2", 81: "3", 75: "4", 76: "5", 77: "6", 71: "7", 72: "8", 73: "9",
    83: ".", 78: "+", 74: "-", 55: "*", 98: "/",
}  # fmt: skip
"""The numeric pad; NumLock is taken as on, as every scanner does."""

_ROWS: Final = (range(2, 14), range(16, 28), range(30, 42), range(43, 44), range(44, 54))


@dataclass(frozen=True, slots=True)
class Layout:
    """Characters by key code: alone, with Shift, with AltGr."""

    plain: dict[int, str]
    shifted: dict[int, str]
    third: dict[int, str]

    def character(self, code: int, *, shift: bool, caps: bool, third: bool) -> str:
        """Return what the key types, "" for a key that types nothing. Caps turns letters only."""
        if third:
            return self.third.get(code, "")
        if code in PAD:
            return PAD[code]
        plain = self.plain.get(code, "")
        is_upper = shift != (caps and plain.isalpha())
        return self.shifted.get(code, "") if is_upper else plain

    def keys_of(self, character: str) -> tuple[int, ...]:
        """Return the keys to hold, the last one to press; for scanners that are played."""
        for held, keys in ((), self.plain), ((LEFT_SHIFT,), self.shifted), ((ALT_GR,), self.third):
            for code, typed in keys.items():
                if typed == character:
                    return (*held, code)
        raise ValueError(f"no key types {character!r}")


def _layout(plain: str, shifted: str, third: dict[int, str] | None = None) -> Layout:
    return Layout(_placed(plain), _placed(shifted), third or {})


def _placed(rows: str) -> dict[int, str]:
    typed = {57: " "}
    lines = rows.split(" ")
    for codes, row in zip(_ROWS, lines, strict=False):
        assert len(codes) == len(row), row
        typed.update(zip(codes, row, strict=True))
    # The key between Shift and the letters, where the layout has one
    if len(lines) > len(_ROWS):
        typed[86] = lines[-1]
    return typed


LAYOUTS: Final = {
    "us": _layout(
        r"1234567890-= qwertyuiop[] asdfghjkl;'` \ zxcvbnm,./",
        '!@#$%^&*()_+ QWERTYUIOP{} ASDFGHJKL:"~ | ZXCVBNM<>?',
    ),
    "de": _layout(
        "1234567890ß´ qwertzuiopü+ asdfghjklöä^ # yxcvbnm,.- <",
        "!\"§$%&/()=?` QWERTZUIOPÜ* ASDFGHJKLÖÄ° ' YXCVBNM;:_ >",
        {8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 16: "@", 18: "€", 27: "~", 86: "|"},
    ),
    "fr": _layout(
        "&é\"'(-è_çà)= azertyuiop^$ qsdfghjklmù² * wxcvbn,;:! <",
        "1234567890°+ AZERTYUIOP¨£ QSDFGHJKLM%~ µ WXCVBN?./§ >",
        {
            3: "~", 4: "#", 5: "{", 6: "[", 7: "|", 8: "`", 9: "\\", 10: "^", 11: "@", 12: "]",
            13: "}", 18: "€",
        },
    ),
}  # fmt: skip
