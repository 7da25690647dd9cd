"""Where each field of a TOML text stands, so that a mistake can be named by its line.

`tomllib` keeps no positions. This reads the text a second time for the little that is needed: table
headers and the keys under them. A path is written as msgspec writes it, without the leading `$.`:
`face.mode`, `devices[1].kind`. Inline tables count as their own line.
"""

from __future__ import annotations

import re
from collections import Counter

_HEADER = re.compile(r"^\s*(\[\[|\[)\s*([A-Za-z0-9_.\-\"' ]+?)\s*\]{1,2}")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+|\"[^\"]+\"|'[^']+')\s*=")


def line_index(text: str) -> dict[str, int]:
    """Return {path: line number from 1} for every table and key of `text`."""
    index: dict[str, int] = {}
    arrays: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _table_path(header, arrays)
            index.setdefault(table, number)
        elif key := _KEY.match(line):
            name = key[1].strip("\"'")
            index.setdefault(f"{table}.{name}" if table else name, number)
    return index


def line_of(path: str, index: dict[str, int]) -> int:
    """Return the line of `path`, or of the nearest table around it, or 1."""
    while path:
        if path in index:
            return index[path]
        path = re.sub(r"(\[[^\]]*\]|\.[^.\[]+|^[^.\[]+)$", "", path)
    return 1


def _table_path(header: re.Match[str], arrays: Counter[str]) -> str:
    name = re.sub(r"[\"' ]", "", header[2])
    if header[1] == "[":
        return name
    arrays[name] += 1
    return f"{name}[{arrays[name] - 1}]"
