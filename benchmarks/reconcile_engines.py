"""One engine at work on `ours.parquet` and `theirs.parquet` of a folder: prints what it took.

    python -m benchmarks.reconcile_engines fanpiao|sql|join|pandas|spark FOLDER

Seconds are from the files to the counts by kind and the exceptions on disk; loading libraries does
not count, peak memory is the whole process's.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

KIND = """CASE WHEN {no_ours} THEN {ours} WHEN {no_theirs} THEN {theirs}
  WHEN o.currency <> t.currency THEN 'currency' WHEN o.status <> t.status THEN 'status'
  WHEN o.amount > t.amount THEN 'amount_over' WHEN o.amount < t.amount THEN 'amount_short'
  WHEN o.fee <> t.fee THEN 'fee' END"""
JOIN = """CREATE TABLE d AS SELECT {kind} AS kind, o.* , t.* FROM {left} o FULL JOIN {right} t
ON {on} WHERE kind IS NOT NULL"""
NUMBERED = """(SELECT *, row_number() OVER (PARTITION BY id ORDER BY amount, fee, currency, status)
AS place FROM '{file}')"""

Kinds = dict[str, int]


def fanpiao(folder: Path) -> Callable[[], Kinds]:
    """Our own engine, as `fanpiao reconcile` runs it."""
    from server.reconciliation.matching.answer import summarise, write_answer
    from server.reconciliation.matching.engine import open_engine
    from server.reconciliation.matching.layout import Layout
    from server.reconciliation.matching.statements import open_statement

    def work() -> Kinds:
        with open_engine(spill_to=folder) as engine:
            sides = [
                open_statement(engine, folder / f"{side}.parquet", side, Layout())
                for side in ("ours", "theirs")
            ]
            engine.match(*(side.table for side in sides))
            summary = summarise(engine, *(side.rows for side in sides))
            write_answer(engine, summary, folder / "out")
        return dict(summary.kinds)

    return work


def sql(folder: Path) -> Callable[[], Kinds]:
    """What one would write by hand: rows numbered per id, so that repeated ids find each other."""
    kind = KIND.format(
        no_ours="o.id IS NULL", no_theirs="t.id IS NULL",
        ours="if(t.place > 1, 'duplicate', 'missing_ours')",
        theirs="if(o.place > 1, 'duplicate', 'missing_theirs')",
    )  # fmt: skip
    left, right = (NUMBERED.format(file=folder / f"{side}.parquet") for side in ("ours", "theirs"))
    on = "o.id = t.id AND o.place = t.place"
    return _duckdb(folder, JOIN.format(kind=kind, left=left, right=right, on=on))


def join(folder: Path) -> Callable[[], Kinds]:
    """The least anybody could do: one full join, which takes a repeated row for a match."""
    kind = KIND.format(
        no_ours="o.id IS NULL", no_theirs="t.id IS NULL", ours="'missing_ours'",
        theirs="'missing_theirs'",
    )  # fmt: skip
    left, right = (f"'{folder / side}.parquet'" for side in ("ours", "theirs"))
    return _duckdb(folder, JOIN.format(kind=kind, left=left, right=right, on="o.id = t.id"))


def _duckdb(folder: Path, statement: str) -> Callable[[], Kinds]:
    import duckdb

    def work() -> Kinds:
        with duckdb.connect() as engine:
            engine.execute(f"SET temp_directory = '{folder}/spilled'")
            engine.execute(statement)
            engine.execute(f"COPY d TO '{folder}/exceptions.csv'")
            return dict(engine.execute("SELECT kind, count(*) FROM d GROUP BY kind").fetchall())

    return work


def pandas(folder: Path) -> Callable[[], Kinds]:
    """A merge of data frames, rows numbered per id."""
    import numpy as np
    import pandas as pd

    def work() -> Kinds:
        sides = [pd.read_parquet(folder / f"{side}.parquet") for side in ("ours", "theirs")]
        for side in sides:
            side["place"] = side.groupby("id").cumcount()
        both = sides[0].merge(
            sides[1], on=["id", "place"], how="outer", suffixes=("_o", "_t"), indicator="where"
        )
        conditions = [
            (both["where"] != "both") & (both.place > 0), both["where"] == "right_only",
            both["where"] == "left_only", both.currency_o != both.currency_t,
            both.status_o != both.status_t, both.amount_o > both.amount_t,
            both.amount_o < both.amount_t, both.fee_o != both.fee_t,
        ]  # fmt: skip
        names = [
            "duplicate", "missing_ours", "missing_theirs", "currency", "status", "amount_over",
            "amount_short", "fee",
        ]  # fmt: skip
        both["kind"] = np.select(conditions, names, default="")
        found = both[both.kind != ""]
        found.to_csv(folder / "pandas.csv")
        return {str(kind): int(rows) for kind, rows in found.kind.value_counts().items()}

    return work


def spark(folder: Path) -> Callable[[], Kinds]:
    """The same ibis expression on Spark."""
    import ibis
    from pyspark.sql import SparkSession

    from server.reconciliation.matching.compare import differences

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = session.config("spark.driver.memory", "4g").getOrCreate()
    backend: Any = ibis.pyspark.connect(session)

    def work() -> Kinds:
        ours, theirs = (
            backend.read_parquet(str(folder / f"{side}.parquet"), table_name=side)
            for side in ("ours", "theirs")
        )
        found = differences(ours, theirs, lambda table: table)
        counted = found.group_by("kind").agg(rows=found.count()).execute()
        return {str(kind): int(rows) for kind, rows in counted.itertuples(index=False)}

    return work


ENGINES = {"fanpiao": fanpiao, "sql": sql, "join": join, "pandas": pandas, "spark": spark}


def main(engine: str, folder: Path) -> None:
    """Run one engine and print its seconds, its peak memory and what it found."""
    work = ENGINES[engine](folder)
    began = time.perf_counter()
    kinds = work()
    seconds = time.perf_counter() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb, "kinds": kinds}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
