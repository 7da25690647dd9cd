"""A month of trade of 80 canteens and 30 lots, settled, reconciled and audited on PostgreSQL.

More than 10,000 payments a day go into the books by the product's own commands; each channel's bill
comes as its provider writes it, with differences of every kind put in at known places. The run
fails unless exactly those are found, all of them end, and the audit finds nothing. Some twenty
minutes; `--quick` is three days of it.

script/bench --only month
python -m benchmarks.month DATABASE whole|quick       on an empty database of one's own
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure
from server.config.boot import boot, prepare_database
from tests.postgres import temporary_postgres

if TYPE_CHECKING:
    from tests.factories.month.month import Summary

LIMIT_S = 3 * 3_600
QUICK_DAYS = 3
COUNTED = (
    "payments", "refunds", "lines", "cleared", "decided", "closed_days", "addenda",
    "batches", "payouts",
)  # fmt: skip


def measure(*, quick: bool) -> Iterator[Figure]:
    """Live through the month in a process of its own and yield what it took."""
    with temporary_postgres() as server:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.month", server.fresh_database(),
             "quick" if quick else "whole"],
            stdout=subprocess.PIPE, text=True, timeout=LIMIT_S, check=True,
        )  # fmt: skip
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    yield Figure("month: payments", said["payments"], "")
    yield Figure("… lines of bills", said["lines"], "")
    yield Figure("… differences put in, all found, none invented", sum(said["put"].values()), "")
    yield Figure("… of them resolved by rule", said["by_rule"], "")
    yield Figure("… decided by two people", said["decided"], "")
    for stage, seconds in said["seconds"].items():
        yield Figure(f"… {stage}", seconds, "s")
    yield Figure("… peak memory, without PostgreSQL", said["peak_mb"], "MB")


def live(database: str, *, quick: bool) -> dict[str, Any]:
    """Live through it on an empty database; raises `AssertionError` for a month that is unsound."""
    boot(database)
    prepare_database()
    from tests.factories.month.month import Month
    from tests.factories.month.scale import WHOLE

    scale = replace(WHOLE, days=QUICK_DAYS) if quick else WHOLE
    with tempfile.TemporaryDirectory(prefix="fanpiao-bench-") as keys:
        done = Month(scale, Path(keys), _tell).run()
    said = _as_data(done)
    _tell(_table(said))
    assert said["put"] == said["found"], "not all was found"
    for name in ("missed", "invented", "overstayed", "findings"):
        assert not getattr(done, name), (name, getattr(done, name)[:10])
    assert not any(done.owed.values()), done.owed
    return said


def _as_data(done: "Summary") -> dict[str, Any]:
    return {
        **{name: getattr(done, name) for name in COUNTED},
        "by_rule": done.by_rule,
        "put": {put.value: count for put, count in done.put.items()},
        "found": {put.value: count for put, count in done.found.items()},
        "missed": len(done.missed),
        "invented": len(done.invented),
        "overstayed": len(done.overstayed),
        "findings": len(done.findings),
        "seconds": {name: round(seconds, 1) for name, seconds in done.seconds.items()},
        "peak_mb": done.peak_mb,
    }


def _table(said: dict[str, Any]) -> str:
    """Write the whole summary line by line."""
    lines = [f"{name:>32}  {said[name]:>9,}" for name in (*COUNTED, "by_rule", "peak_mb")]
    lines += [
        f"{put:>32}  {count:>9,} put in {said['found'].get(put, 0):>9,} found"
        for put, count in said["put"].items()
    ]
    lines += [f"{name:>32}  {seconds:>9,.1f} s" for name, seconds in said["seconds"].items()]
    wrong = ("missed", "invented", "overstayed", "findings")
    return "\n".join([*lines, *(f"{name:>32}  {said[name]:>9,}" for name in wrong)])


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    print(json.dumps(live(sys.argv[1], quick=sys.argv[2] == "quick")))
