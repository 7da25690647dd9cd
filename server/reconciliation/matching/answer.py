"""The answer of a comparison as two files: one row per difference, and the counts.

Both are written beside their place and moved there when they are whole.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from server.reconciliation.matching.columns import COMPARED, EXCEPTIONS, SUMMARY, Kind
from server.reconciliation.matching.engine import Engine


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows each side has, how many of them matched, and how many differ in which way.

    `matched` counts pairs: a row of ours and one of theirs.
    """

    rows: Mapping[str, int]
    matched: int
    exceptions: int
    kinds: Mapping[str, int]

    def as_json(self) -> str:
        """Return the text of `summary.json`."""
        return json.dumps(asdict(self), indent=2)


def summarise(engine: Engine, ours_rows: int, theirs_rows: int) -> Summary:
    """Count what lies in the engine's table `differences`."""
    found = engine.run("SELECT kind, count(*), count(our_amount) FROM differences GROUP BY kind")
    kinds = {kind.value: 0 for kind in Kind} | {kind: int(rows) for kind, rows, _ in found}
    return Summary(
        rows={"ours": ours_rows, "theirs": theirs_rows},
        matched=ours_rows - sum(int(ours) for _, _, ours in found),
        exceptions=sum(kinds.values()),
        kinds=kinds,
    )


def write_answer(engine: Engine, summary: Summary, folder: Path) -> None:
    """Write both files into `folder`, replacing what an earlier run left there."""
    folder.mkdir(parents=True, exist_ok=True)
    # Into the engine's own folder first: DuckDB is told no path that a user made up
    made = engine.folder / EXCEPTIONS
    engine.run(f"COPY ({_rows()}) TO '{made}' (FORMAT csv, HEADER)")
    _place(made, folder / EXCEPTIONS)
    (engine.folder / SUMMARY).write_text(summary.as_json() + "\n", encoding="utf-8")
    _place(engine.folder / SUMMARY, folder / SUMMARY)


def _place(made: Path, place: Path) -> None:
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with made.open("rb") as source, beside.open("wb") as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def _rows() -> str:
    return (
        "SELECT kind, our_id, their_id, our_amount, their_amount,"
        f" {_detail()} AS detail FROM differences"
        " ORDER BY coalesce(our_id, their_id), kind, our_amount, their_amount, detail"
    )


def _detail() -> str:
    """What differs, or what the lone row says: evidence enough to look it up."""
    differing = ", ".join(
        f"CASE WHEN our_{name} <> their_{name}"
        f" THEN '{name}: ours ' || our_{name} || ', theirs ' || their_{name} END"
        for name in COMPARED
    )
    return (
        f"CASE WHEN our_amount IS NULL THEN {_alone('their')}"
        f" WHEN their_amount IS NULL THEN {_alone('our')}"
        f" ELSE concat_ws('; ', {differing}) END"
    )


def _alone(who: str) -> str:
    return (
        f"concat_ws('; ', CASE WHEN {who}_id IS NULL THEN 'no id' END,"
        f" nullif({who}_status, ''), nullif({who}_currency, ''), 'fee ' || {who}_fee,"
        f" nullif(CAST({who}_occurred_at AS VARCHAR), ''))"
    )
