"""Read a kiosk profile by name or path; every mistake at once, each with its file and line.

    profile = load("canteen")
    profile = load("/etc/fanpiao/counter-3.toml")

A profile is input like any other: what is wrong with it is `Refused` as `profiles.invalid`, with
every mistake and its sentences in both languages, and never a half-read profile.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from domain.errors import Refused
from kiosk_profiles.allowed import allowed_at
from kiosk_profiles.lines import line_index, line_of
from kiosk_profiles.mistakes import Mistake
from kiosk_profiles.rules import broken_rules
from kiosk_profiles.schema import Language, Profile

FOLDER = Path(__file__).parent
# More than this and the file is of some other kind; the first ones say enough.
MISTAKES_MAX = 20

_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]+)`")
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


class ProfileInvalid(Refused):
    """A profile has mistakes. `mistakes` holds each; `sentences` says them for people."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        first = mistakes[0]
        super().__init__(
            "profiles.invalid",
            file=first.file,
            line=first.line,
            field=first.field,
            allowed=first.allowed,
            count=len(mistakes),
        )
        self.mistakes = mistakes

    def sentences(self, language: Language) -> list[str]:
        """Return one line per mistake: file, line, what is wrong and what is allowed."""
        return [mistake.sentence(language) for mistake in self.mistakes]


def known_names() -> list[str]:
    """Return the names of the profiles that ship with Fanpiao."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name_or_path: str | Path) -> Profile:
    """Return the profile of that name or file; raise `ProfileInvalid` with every mistake."""
    path = _path_of(name_or_path)
    text = _read(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileInvalid([_syntax_mistake(path, str(error))]) from error
    index = line_index(text)
    profile, mistakes = _convert(data, str(path), index)
    if profile is not None:
        mistakes += broken_rules(profile, str(path), index)
    if mistakes or profile is None:
        raise ProfileInvalid(sorted(mistakes, key=lambda mistake: mistake.line))
    return profile


def _path_of(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.suffix or len(path.parts) > 1:
        return path
    shipped = FOLDER / f"{path}.toml"
    if not shipped.exists():
        known = ", ".join(known_names())
        raise ProfileInvalid(
            [Mistake(str(path), 1, "profile", "not_found", got=str(path), allowed=known)]
        )
    return shipped


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        detail = error.strerror or str(error) if isinstance(error, OSError) else "not UTF-8"
        raise ProfileInvalid([Mistake(str(path), 1, "profile", "unreadable", detail=detail)]) from (
            error
        )


def _syntax_mistake(path: Path, message: str) -> Mistake:
    at = re.search(r"\(at line (\d+), column \d+\)", message)
    last = re.search(r"\(at end of document\)", message)
    line = int(at[1]) if at else len(_read(path).splitlines()) if last else 1
    return Mistake(str(path), line, "", "syntax", detail=message)


def _convert(
    data: dict[str, Any], file: str, index: dict[str, int]
) -> tuple[Profile | None, list[Mistake]]:
    """Convert, taking out one mistaken field at a time so that all mistakes are found."""
    mistakes: list[Mistake] = []
    removed: set[str] = set()
    while len(mistakes) < MISTAKES_MAX:
        try:
            profile = msgspec.convert(data, Profile)
        except msgspec.ValidationError as error:
            mistake = _mistake(str(error), data, file, index)
            if mistake.kind == "missing":
                # Nothing to take out: what is missing hides what comes after it
                return None, mistakes if mistake.field in removed else [*mistakes, mistake]
            mistakes.append(mistake)
            removed.add(mistake.field)
            if not _take_out(data, mistake.field):
                return None, mistakes
        else:
            return profile, mistakes
    return None, mistakes


def _mistake(message: str, data: dict[str, Any], file: str, index: dict[str, int]) -> Mistake:
    at = _AT.search(message)
    exact = at["path"] if at else ""
    table = exact.replace("[...]", "")
    if unknown := _UNKNOWN.search(message):
        field = _joined(table, unknown["field"])
        return Mistake(
            file, line_of(field, index), field, "unknown_field", allowed=allowed_at(table)
        )
    if missing := _MISSING.search(message):
        field = _joined(table, missing["field"])
        return Mistake(file, line_of(table, index), field, "missing")
    got = _shown(_value_at(data, table))
    return Mistake(file, line_of(table, index), table, "value", got=got, allowed=allowed_at(exact))


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _joined(table: str, field: str) -> str:
    return f"{table}.{field}" if table else field


def _steps(path: str) -> Iterator[str | int]:
    for name, number in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        yield int(number) if number else name


def _value_at(data: Any, path: str) -> Any:
    for step in _steps(path):
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return data
    return data


def _take_out(data: Any, path: str) -> bool:
    """Remove the field at `path`; False when it is not there to be removed."""
    steps = list(_steps(path))
    if not steps:
        return False
    for step in steps[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    try:
        del data[steps[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True
