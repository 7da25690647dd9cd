"""How a file names its columns and words: read from a mapping file (TOML or JSON).

    id = "order_no"                    # for both files: our column = the file's column
    [theirs]                           # for one of them: `ours` or `theirs`
    amount = "total"
    [theirs.status_words]              # the file's word = the word it is compared as
    TRADE_SUCCESS = "SUCCESS"

Without a line a column is looked for under its own name; capitals do not matter.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from domain.errors import Refused
from server.reconciliation.matching.columns import COLUMNS

SIDES: Final = ("ours", "theirs")
WORDS: Final = "status_words"


@dataclass(frozen=True, slots=True)
class Layout:
    """Of one file: `names` maps our columns to its own, `words` its statuses to what they mean."""

    names: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def name_of(self, column: str) -> str:
        """Return what the file calls one of `COLUMNS`."""
        return self.names.get(column, column)


def read_layouts(path: Path) -> dict[str, Layout]:
    """Return the layout of `ours` and of `theirs`; raises `Refused` ("reconcile.mapping…")."""
    found = _parsed(path)
    shared = {name: value for name, value in found.items() if name not in SIDES}
    return {side: _layout(path, {**shared, **_table(path, found, side)}) for side in SIDES}


def _parsed(path: Path) -> dict[str, Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, UnicodeDecodeError) as wrong:
        raise Refused("reconcile.mapping", file=path.name, why=str(wrong)[:200]) from wrong
    return dict(found)


def _table(path: Path, found: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name, {})
    if not isinstance(value, dict):
        raise Refused("reconcile.mapping_name", file=path.name, name=name)
    return value


def _layout(path: Path, lines: Mapping[str, Any]) -> Layout:
    words = _table(path, lines, WORDS)
    names = {name: value for name, value in lines.items() if name != WORDS}
    for name, value in (*names.items(), *words.items()):
        if not isinstance(value, str) or not value.strip():
            raise Refused("reconcile.mapping_name", file=path.name, name=str(name))
    names = dict(_ours_first(*line) for line in names.items())
    for name in names:
        if name not in COLUMNS:
            raise Refused(
                "reconcile.mapping_column", file=path.name, name=name, wanted=", ".join(COLUMNS)
            )
    return Layout(names, {k.strip().upper(): v.strip().upper() for k, v in words.items()})


def _ours_first(name: str, value: str) -> tuple[str, str]:
    """Turn a line round that says "order_no" = "id": it can mean nothing else."""
    return (value, name) if name not in COLUMNS and value in COLUMNS else (name, value)
