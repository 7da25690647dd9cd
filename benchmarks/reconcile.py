"""Two statements of ten million rows, matched and classified: ours, plain SQL, pandas, same files.

Each engine runs in a process of its own (`benchmarks/reconcile_engines.py`), so that its peak of
memory is its own, and each must find exactly the differences that were put in. Spark is run on a
tenth of the rows where pyspark is installed (the extra `spark`) and Java is there.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.figures import Figure

ROWS, QUICK_ROWS = 10_000_000, 1_000_000
SPARK_SHARE = 10
LIMIT_S = 1_800
MOST_TIMES = 1.5
MOST_MB = 1_500

BASE = """
SELECT md5(i::VARCHAR) AS id, (hash(i) % 100000 + 1)::BIGINT AS amount,
       (hash(i + 7) % 600)::BIGINT AS fee, 'CNY' AS currency, 'SUCCESS' AS status,
       TIMESTAMP '2026-11-22 00:00:00' + to_milliseconds(hash(i + 3) % 86400000) AS occurred_at, i
FROM range({rows}) t(i)
"""
OURS = "SELECT * EXCLUDE i FROM ({base}) WHERE i % 1000 <> 1"
THEIRS = """
SELECT id, CASE i % 1000 WHEN 3 THEN amount + 1 WHEN 4 THEN amount - 1 ELSE amount END AS amount,
       fee + (i % 1000 = 5)::INT AS fee, CASE i % 1000 WHEN 6 THEN 'USD' ELSE currency END
       AS currency, CASE i % 1000 WHEN 7 THEN 'REFUND' ELSE status END AS status, occurred_at
FROM ({base}) WHERE i % 1000 <> 2
UNION ALL SELECT * EXCLUDE i FROM ({base}) WHERE i % 1000 = 8
ORDER BY hash(id)
"""
KINDS = (
    "missing_ours", "missing_theirs", "amount_short", "amount_over", "fee", "currency", "status",
    "duplicate",
)  # fmt: skip
"""In the order of the remainders above: a thousandth of each is put in."""


def measure(*, quick: bool) -> list[Figure]:
    """Make the files, let every engine match them, and compare."""
    rows = QUICK_ROWS if quick else ROWS
    with tempfile.TemporaryDirectory(prefix="fanpiao-bench-") as name:
        folder = Path(name)
        make_files(folder, rows)
        ours, sql, join, pandas = (
            run(engine, folder, rows) for engine in ("fanpiao", "sql", "join", "pandas")
        )
        figures = _figures(rows, ours, sql, join, pandas)
        if has_spark():
            make_files(folder, rows // SPARK_SHARE)
            said = run("spark", folder, rows // SPARK_SHARE)
            label = f"the same expression on Spark, {rows // SPARK_SHARE:,} rows, same answer"
            figures.append(Figure(label, said["seconds"], "s"))
    return figures


def make_files(folder: Path, rows: int) -> None:
    """Write both statements as Parquet, theirs in another order."""
    with duckdb.connect() as made:
        made.execute("SET memory_limit = '2GB'")
        made.execute(f"SET temp_directory = '{folder}/spilled'")
        base = BASE.format(rows=rows)
        for side, statement in (("ours", OURS), ("theirs", THEIRS)):
            made.execute(f"COPY ({statement.format(base=base)}) TO '{folder}/{side}.parquet'")


def run(engine: str, folder: Path, rows: int) -> dict[str, Any]:
    """Let one engine match the files in a process of its own; its answer must be exact."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.reconcile_engines", engine, str(folder)],
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{engine}: {done.stderr[-2000:]}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    # A join that knows of no duplicates sees the row that was repeated match twice
    wanted = {kind: rows // 1000 for kind in KINDS if engine != "join" or kind != "duplicate"}
    if said["kinds"] != wanted:
        raise RuntimeError(f"{engine} found {said['kinds']}")
    return said


def has_spark() -> bool:
    """Whether the optional engine is there."""
    return importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None


def _figures(
    rows: int, ours: dict[str, Any], sql: dict[str, Any], join: dict[str, Any],
    pandas: dict[str, Any],
) -> list[Figure]:  # fmt: skip
    what = f"{rows:,} × {rows:,} rows matched and classified"
    is_met = ours["seconds"] <= MOST_TIMES * sql["seconds"]
    return [
        Figure(
            what, ours["seconds"], "s", "plain DuckDB SQL, same files", sql["seconds"],
            f"≤ {MOST_TIMES}", is_met, "parsing no more than once, the disk it spills to",
        ),
        Figure("… beside pandas", ours["seconds"], "s", "pandas", pandas["seconds"]),
        Figure(
            "… beside a bare full join, blind to duplicates", ours["seconds"], "s",
            "a bare join", join["seconds"],
        ),
        Figure(
            "… peak memory", ours["peak_mb"], "MB", "plain DuckDB SQL", sql["peak_mb"],
            "", None, "the cap it is given (1 GB), and Python with ibis",
        ),
        Figure(
            "… peak memory, alone", ours["peak_mb"], "MB", target=f"≤ {MOST_MB} MB",
            is_met=ours["peak_mb"] <= MOST_MB,
        ),
        Figure("… peak memory of pandas", pandas["peak_mb"], "MB"),
    ]  # fmt: skip
