"""The engine on this machine: DuckDB through ibis, within a memory cap, spilling to its own folder.

What does not fit under the cap goes to a temporary folder that is gone when the engine is closed;
so a day of tens of millions of rows needs disk, not memory. The cap is DuckDB's; the process
needs about 150 MB more.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import ibis

from domain.errors import Refused, Unavailable
from server.reconciliation.matching.compare import Table, differences

MEMORY_CAP: Final = "1GB"
LEAST_MB: Final = 128
_SIZE = re.compile(r"(\d{1,6})(MB|GB)")


@dataclass(frozen=True, slots=True)
class Engine:
    """An open engine. `folder` is where it spills, and where files may wait to be read."""

    backend: Any
    folder: Path

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement of DuckDB's and return its rows; raises `duckdb.Error`."""
        rows: list[tuple[Any, ...]] = self.backend.raw_sql(sql).fetchall()
        return rows

    def load(self, name: str, rows: Any) -> Table:
        """Take the rows of an Arrow table in as the table `name`, in place of an earlier one."""
        self.backend.con.register("arriving", rows)
        self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM arriving")
        self.backend.con.unregister("arriving")
        return self.backend.table(name)

    def keep(self, table: Table, name: str | None = None) -> Table:
        """Work `table` out and keep its rows, until the engine is closed or `name` is kept anew."""
        name = name or ibis.util.gen_name("kept")
        self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {self.backend.compile(table)}")
        return self.backend.table(name)

    def match(self, ours: Table, theirs: Table, name: str = "differences") -> Table:
        """Work out what differs, as the table `name`; see `compare.differences`."""
        return self.keep(differences(ours, theirs, self.keep), name)


@contextmanager
def open_engine(memory: str = MEMORY_CAP, spill_to: Path | None = None) -> Iterator[Engine]:
    """Open an engine that keeps under `memory` ("512MB", "4GB"), in a folder of its own.

    Raises `Refused` for a cap that is none, `Unavailable` when the disk is full or memory does not
    do for what is asked.
    """
    size = _SIZE.fullmatch(memory.strip().upper())
    if size is None or int(size[1]) * (1000 if size[2] == "GB" else 1) < LEAST_MB:
        raise Refused("reconcile.memory", given=memory, least=f"{LEAST_MB}MB")
    with TemporaryDirectory(prefix="fanpiao-match-", dir=spill_to) as name:
        folder = Path(name)
        backend = ibis.duckdb.connect(
            str(folder / "match.duckdb"),
            memory_limit=size[0],
            temp_directory=str(folder / "spilled"),
            # Order is asked for where it matters; keeping it costs memory everywhere
            preserve_insertion_order=False,
            # Nothing is ever fetched from a network
            autoinstall_known_extensions=False,
        )
        try:
            yield Engine(backend, folder)
        except duckdb.OutOfMemoryException as error:
            raise Unavailable("reconcile.out_of_memory", cap=size[0]) from error
        finally:
            backend.disconnect()
