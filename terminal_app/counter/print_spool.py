"""The printing queue's memory on disk: what waits for paper, what was begun, what was handed over.

Rules
- Only the printing thread writes here, so a sale never waits for it. What was sold in the moments
  before a power cut may be missing; the journal has it, and the receipt can be asked for.
- A job is marked as begun before its first byte goes to the printer: one that is found begun after
  a power cut may lie on the counter already, and is printed as a copy.
- The file is replaced as a whole (written beside, synced, renamed). A broken one counts as empty,
  and a full disk is no reason not to print.
"""

import contextlib
import os
from pathlib import Path

import msgspec

from devices.ports import Receipt

HANDED_MAX = 500
"""So many receipts are remembered as handed over; a second paper of them is a copy."""


class Job(msgspec.Struct):
    """A receipt that waits; `is_begun`: some of it may be on paper."""

    receipt: Receipt
    is_begun: bool = False


class Spooled(msgspec.Struct):
    """The whole file."""

    jobs: list[Job] = []
    handed: list[str] = []


class PrintSpool:
    """One file; `path` None remembers nothing, as for practice."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def read(self) -> Spooled:
        """What the last process left."""
        if self._path is None:
            return Spooled()
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Spooled)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return Spooled()

    def write(self, spooled: Spooled) -> None:
        """Replace what is remembered, durably."""
        if self._path is None:
            return
        beside = self._path.with_name(self._path.name + ".new")
        with contextlib.suppress(OSError):
            with beside.open("wb") as file:
                file.write(msgspec.json.encode(spooled))
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
