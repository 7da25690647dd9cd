"""Statements from CSV and Parquet files, brought into the shape that `compare.py` wants.

Rules
- Ids are text and stay so: `00123` and 28 digits are what they are. Blanks around them go.
- Amounts and fees are whole minor units within 64 bits; anything else is refused with its file,
  row and column. A blank fee is none (0); a blank amount is a mistake.
- Currency and status are compared in capitals; a blank one is the empty word.
- `occurred_at` is evidence, kept as it is written: it decides nothing here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from domain.errors import Refused
from server.reconciliation.matching.columns import COLUMNS
from server.reconciliation.matching.compare import Table
from server.reconciliation.matching.engine import Engine
from server.reconciliation.matching.layout import Layout
from server.reconciliation.matching.text_files import in_utf8, open_text

PARQUET: Final = b"PAR1"
ZIP: Final = b"PK\x03\x04"
OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
WHOLE: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
BLANKS: Final = " \t\r\n\u00a0\u3000"
_LINE = re.compile(r"CSV Error on Line: (\d+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One side, ready to be compared."""

    table: Table
    rows: int


@dataclass(frozen=True, slots=True)
class _Source:
    """What to select from, each column as an expression, the first row's number, its types."""

    scan: str
    columns: dict[str, str]
    types: dict[str, str]
    first_row: int


def open_statement(engine: Engine, path: Path, side: str, layout: Layout) -> Statement:
    """Open one side of the comparison; raises `Refused` ("reconcile.…") for what is no statement.

    A CSV is read once, into the engine's folder; a Parquet file is read where it lies.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    if magic in (ZIP, OLD_OFFICE):
        raise Refused("reconcile.spreadsheet", file=path.name)
    if magic == PARQUET:
        return _parquet(engine, path, side, layout)
    return _csv(engine, path, side, layout)


def _parquet(engine: Engine, path: Path, side: str, layout: Layout) -> Statement:
    link = engine.folder / f"{side}.parquet"
    link.symlink_to(path.resolve())
    scan = f"read_parquet({_text(str(link))})"
    try:
        described = engine.run(f"DESCRIBE SELECT * FROM {scan}")
    except duckdb.Error as error:
        raise Refused("reconcile.damaged", file=path.name) from error
    names = [str(row[0]) for row in described]
    types = {name: str(row[1]) for name, row in zip(names, described, strict=True)}
    found = _found(path, names, layout)
    source = _Source(
        scan,
        {column: _name(names[place]) for column, place in found.items()},
        {column: types[names[place]] for column, place in found.items()},
        first_row=1,
    )
    _check_types(path, layout, source)
    # The file is read several times: what its ids do not need is not done each time
    identity = _identity(source)
    looked = engine.run(f"SELECT coalesce(bool_or({_has_blanks(identity)}), false) FROM {scan}")
    select = _select(source, layout, is_trimmed=not looked[0][0])
    engine.run(f"CREATE TEMP VIEW {side} AS {select}")
    return _checked(engine, path, side, layout, source)


def _csv(engine: Engine, path: Path, side: str, layout: Layout) -> Statement:
    file = open_text(path, engine.folder, side)
    found = _found(path, file.names, layout)
    columns = ", ".join(f"c{place}: 'VARCHAR'" for place in range(len(file.names)))
    options = (
        f"auto_detect=false, header=true, delim={_text(file.delimiter)}, quote='\"', escape='\"',"
        f" columns={{{columns}}}"
    )
    readable = file.path
    for is_second in (False, True):
        source = _Source(
            f"read_csv({_text(str(readable))}, {options})",
            {column: f"c{place}" for column, place in found.items()},
            dict.fromkeys(COLUMNS, "VARCHAR"),
            first_row=2,
        )
        try:
            engine.run(f"CREATE TEMP TABLE {side} AS {_select(source, layout)}")
            break
        except duckdb.InvalidInputException as error:
            if "unicode" not in str(error) or is_second:
                raise _bad_row(path, str(error)) from error
            readable = in_utf8(path, engine.folder, side)
    return _checked(engine, path, side, layout, source)


def _found(path: Path, names: Sequence[str], layout: Layout) -> dict[str, int]:
    """Return the place of each of our columns; capitals matter only where they tell two apart."""
    found = {}
    for column in COLUMNS:
        wanted = layout.name_of(column).strip()
        exact = [place for place, name in enumerate(names) if name.strip() == wanted]
        alike = [
            place for place, name in enumerate(names)
            if name.strip().casefold() == wanted.casefold()
        ]  # fmt: skip
        places = exact or alike
        if len(places) != 1:
            code = "reconcile.no_column" if not places else "reconcile.column_twice"
            raise Refused(code, file=path.name, column=wanted, found=", ".join(names)[:300])
        found[column] = places[0]
    return found


def _check_types(path: Path, layout: Layout, source: _Source) -> None:
    """Refuse a Parquet column whose type cannot hold what it must: an id that was a float."""
    for column, type in source.types.items():
        is_number = type.lstrip("U") in WHOLE or type.startswith("DECIMAL")
        is_float = type in ("FLOAT", "DOUBLE")
        fits = {
            "id": type in ("VARCHAR", "UUID") or type.lstrip("U") in WHOLE,
            "amount": is_number or is_float or type == "VARCHAR",
            "fee": is_number or is_float or type in ("VARCHAR", '"NULL"'),
        }
        if not fits.get(column, True):
            raise Refused(
                "reconcile.column_type", file=path.name, column=layout.name_of(column), type=type
            )


def _identity(source: _Source) -> str:
    return f"CAST({source.columns['id']} AS VARCHAR)"


def _select(source: _Source, layout: Layout, *, is_trimmed: bool = False) -> str:
    columns, types = source.columns, source.types
    identity = _identity(source)
    parts = {
        "id": identity if is_trimmed else f"nullif({_trimmed(identity)}, '')",
        "amount": _minor(columns["amount"], types["amount"]),
        "fee": f"CASE WHEN {_is_blank(columns['fee'])} THEN 0"
        f" ELSE {_minor(columns['fee'], types['fee'])} END",
        "currency": _word(columns["currency"]),
        "status": _meaning(_word(columns["status"]), layout),
        "occurred_at": _moment(columns["occurred_at"], types["occurred_at"]),
    }
    return (
        "SELECT " + ", ".join(f"{sql} AS {name}" for name, sql in parts.items())
    ) + f" FROM {source.scan}"


def _checked(engine: Engine, path: Path, side: str, layout: Layout, source: _Source) -> Statement:
    """Count the rows, and refuse the first one whose amount or fee is none."""
    counts = engine.run(f"SELECT count(*), count(amount), count(fee) FROM {side}")[0]
    rows, amounts, fees = (int(count) for count in counts)
    if amounts != rows or fees != rows:
        raise _bad_cell(engine, path, layout, source)
    return Statement(engine.backend.table(side), rows)


def _bad_cell(engine: Engine, path: Path, layout: Layout, source: _Source) -> Refused:
    engine.run("SET preserve_insertion_order = true")
    numbered = (
        f"SELECT row_number() OVER () + {source.first_row - 1} AS row, {source.columns['amount']}"
        f" AS amount, {source.columns['fee']} AS fee FROM {source.scan}"
    )
    amount = _minor("amount", source.types["amount"])
    fee = _minor("fee", source.types["fee"])
    bad_fee = f"NOT ({_is_blank('fee')}) AND {fee} IS NULL"
    found = engine.run(
        f"SELECT row, {amount} IS NULL, amount, fee FROM ({numbered})"
        f" WHERE {amount} IS NULL OR ({bad_fee}) ORDER BY row LIMIT 1"
    )
    row, is_amount, *cells = found[0]
    column, cell = ("amount", cells[0]) if is_amount else ("fee", cells[1])
    given = "" if cell is None else str(cell)[:60]
    code = "reconcile.cell_blank" if not given.strip() else "reconcile.cell"
    return Refused(code, file=path.name, row=int(row), column=layout.name_of(column), given=given)


def _bad_row(path: Path, said: str) -> Refused:
    line = _LINE.search(said)
    if line is None:
        return Refused("reconcile.damaged", file=path.name)
    code = "reconcile.row_quotes" if "quote" in said.split("Possible")[0] else "reconcile.row"
    return Refused(code, file=path.name, row=int(line[1]))


def _minor(sql: str, type: str) -> str:
    """Whole minor units as BIGINT; null for anything else."""
    if type.lstrip("U") in WHOLE:
        return f"TRY_CAST({sql} AS BIGINT)"
    if type in ("FLOAT", "DOUBLE") or type.startswith("DECIMAL"):
        return f"CASE WHEN {sql} = trunc({sql}) THEN TRY_CAST({sql} AS BIGINT) END"
    trimmed = f"trim({sql}, {_text(BLANKS)})"
    is_whole = f"regexp_full_match({trimmed}, '[+-]?[0-9]+')"
    return f"CASE WHEN {is_whole} THEN TRY_CAST({trimmed} AS BIGINT) END"


def _moment(sql: str, type: str) -> str:
    """A time stays one, eight bytes a row; anything else is text."""
    return sql if type.startswith("TIMESTAMP") else f"coalesce(CAST({sql} AS VARCHAR), '')"


def _is_blank(sql: str) -> str:
    return f"{sql} IS NULL OR trim(CAST({sql} AS VARCHAR), {_text(BLANKS)}) = ''"


def _trimmed(sql: str) -> str:
    """Trim only what needs it: most ids do not, and trimming tens of millions takes seconds."""
    return f"CASE WHEN {_has_blanks(sql)} THEN trim({sql}, {_text(BLANKS)}) ELSE {sql} END"


def _has_blanks(sql: str) -> str:
    """Whether a text may have blanks around it; text before "!" begins with one, or is empty."""
    ends = " OR ".join(f"suffix({sql}, {_text(blank)})" for blank in " \t\r\n")
    inside = " OR ".join(f"contains({sql}, {_text(blank)})" for blank in "\u00a0\u3000")
    return f"({sql} < '!' OR {ends} OR {inside})"


def _word(sql: str) -> str:
    return f"coalesce(upper(trim(CAST({sql} AS VARCHAR), {_text(BLANKS)})), '')"


def _meaning(word: str, layout: Layout) -> str:
    if not layout.words:
        return word
    meant = " ".join(f"WHEN {_text(k)} THEN {_text(v)}" for k, v in layout.words.items())
    return f"CASE {word} {meant} ELSE {word} END"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
