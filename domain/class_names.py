"""Names of school classes: in a school's order, and what each is called next year."""

import re

_DIGITS = "一二三四五六七八九"
_NUMBER = re.compile(r"十[一二三四五六七八九]?|[一二三四五六七八九]|[0-9]+")
_GRADE = re.compile(r"(?P<before>初|高)?(?P<grade>[一二三四五六七八九])(?P<after>年级)?")
LAST_GRADE, LAST_YEAR = 9, 3
"""九年级 ends the compulsory years; 初三 and 高三 end their schools."""


def class_order(name: str) -> tuple[tuple[str, int], ...]:
    """Return a key that puts 七年级2班 before 七年级10班 and 七年级 before 八年级."""
    found: list[tuple[str, int]] = []
    place = 0
    for match in _NUMBER.finditer(name):
        found.append((name[place : match.start()], _value(match[0])))
        place = match.end()
    return (*found, (name[place:], -1))


def next_class(name: str) -> str:
    """Guess a class's next name: 七年级1班 → 八年级1班, 高一(2)班 → 高二(2)班; else the same.

    The last year of a school has no next class: its name comes back unchanged.
    """
    match = _GRADE.match(name)
    if match is None or not (match["before"] or match["after"]):
        return name
    grade = _DIGITS.index(match["grade"]) + 1
    last = LAST_YEAR if match["before"] else LAST_GRADE
    if grade >= last:
        return name
    at = match.start("grade")
    return name[:at] + _DIGITS[grade] + name[at + 1 :]


def _value(digits: str) -> int:
    if digits.isdecimal():
        return int(digits[:9])
    tens = 10 if digits.startswith("十") else 0
    rest = digits.removeprefix("十")
    return tens + (_DIGITS.index(rest) + 1 if rest else 0)
