"""What one durable write costs here and now: without it no rate of a database means anything."""

import os
import statistics
import tempfile
import time
from pathlib import Path

WRITES = 200
BLOCK = b"\0" * 8192
"""As large as a page of PostgreSQL's log."""


def sync_us(folder: Path | None = None) -> float:
    """Return the median µs of fdatasync after a write of one block, in the file system that
    holds `folder` (by default where temporary files, and so the databases measured, live).
    """
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        descriptor = file.fileno()
        os.write(descriptor, BLOCK * WRITES)
        os.fsync(descriptor)
        return statistics.median(_one(descriptor, n) for n in range(WRITES)) * 1e6


def _one(descriptor: int, number: int) -> float:
    os.pwrite(descriptor, os.urandom(len(BLOCK)), number * len(BLOCK))
    started = time.perf_counter()
    os.fdatasync(descriptor)
    return time.perf_counter() - started
