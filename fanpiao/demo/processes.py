"""Processes that the demo starts, and ends again by their own id whatever happens.

Each has its log beside the report. A child asks the kernel to end with its parent, so that even a
demo that is killed leaves nothing behind.
"""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from fanpiao.fetch_data import ROOT

STOP_S: Final = 8.0
_PR_SET_PDEATHSIG: Final = 1


class DemoFailed(Exception):
    """Something the demo needs did not happen; the text says what and where to look."""


class Child:
    """One process: `python -m MODULE …`, its standard error in a log."""

    def __init__(
        self, module: str, arguments: list[str], log: Path, environment: dict[str, str]
    ) -> None:
        self.name, self.log = module.rsplit(".", 1)[-1], log
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                preexec_fn=_end_with_parent,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send it a signal, and nobody else."""
        if self.is_running:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Cut its power: SIGKILL, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self._close()

    def stop(self) -> None:
        """Ask it to end; after `STOP_S` it is ended."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
        self._close()

    def last_words(self) -> str:
        """The end of its log, for whoever must find out why."""
        return self.log.read_text(errors="replace")[-1500:].strip() or "its log is empty"

    def _close(self) -> None:
        self.process.wait()
        if self.process.stdin is not None and not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except OSError:
                return


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
