"""CSV files as people and programs leave them: their heading, delimiter and encoding.

UTF-8 (with or without a byte order mark) is read where it lies; UTF-16 and GB18030, in which
Chinese back offices write, are copied once.
"""

import codecs
import csv
import gzip
import shutil
from dataclasses import dataclass
from io import BufferedReader, StringIO, TextIOWrapper
from pathlib import Path
from typing import Final

from domain.errors import Refused

HEAD: Final = 1 << 16
DELIMITERS: Final = ",;\t|"
_GZIP: Final = b"\x1f\x8b"
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A CSV file that can be read as UTF-8 from `path`; `names` is its heading, trimmed."""

    path: Path
    names: tuple[str, ...]
    delimiter: str


def open_text(path: Path, folder: Path, side: str) -> TextFile:
    """Look at the head of a CSV file, also a gzipped one; `folder` takes a copy if need be."""
    head = _head(path)
    if not head.strip():
        raise Refused("reconcile.empty", file=path.name)
    # Under a name of our own: what the user called it may look like a pattern, or hold quotes
    link = folder / f"{side}.csv{'.gz' if _is_gzip(path) else ''}"
    link.unlink(missing_ok=True)
    link.symlink_to(path.resolve())
    encoding = _encoding(head)
    if encoding != "utf-8-sig":
        return _open(path, in_utf8(path, folder, side), encoding, head)
    return _open(path, link, encoding, head)


def in_utf8(path: Path, folder: Path, side: str) -> Path:
    """Copy a file that is not UTF-8 into one that is; `Refused` when nobody knows what it is."""
    copy = folder / f"{side}.utf8.csv"
    encoding = "utf-16" if _head(path).startswith(_UTF16) else "gb18030"
    try:
        with (
            _bytes(path) as file,
            TextIOWrapper(file, encoding, newline="") as text,
            copy.open("w", encoding="utf-8", newline="") as out,
        ):
            shutil.copyfileobj(text, out, 1 << 20)
    except UnicodeError as error:
        raise Refused("reconcile.encoding", file=path.name) from error
    return copy


def _open(path: Path, readable: Path, encoding: str, head: bytes) -> TextFile:
    text = head.decode(encoding, errors="ignore").lstrip("\ufeff\r\n")
    first = text.splitlines()[0] if text else ""
    delimiter = max(DELIMITERS, key=first.count)
    names = next(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=False), [])
    if not any(name.strip() for name in names):
        raise Refused("reconcile.empty", file=path.name)
    return TextFile(readable, tuple(name.strip() for name in names), delimiter)


def _encoding(head: bytes) -> str:
    if head.startswith(_UTF16):
        return "utf-16"
    try:
        # The head may end within a letter
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def _head(path: Path) -> bytes:
    try:
        with _bytes(path) as file:
            return file.read(HEAD)
    except (EOFError, gzip.BadGzipFile) as error:
        raise Refused("reconcile.damaged", file=path.name) from error


def _bytes(path: Path) -> BufferedReader | gzip.GzipFile:
    return gzip.open(path) if _is_gzip(path) else path.open("rb")


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == _GZIP
