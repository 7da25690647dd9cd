"""A scale at the far end of a serial line, in any of the three dialects. Written against the
manuals and not against the driver. Its controls may be called on any thread.
"""

import contextlib
import os
import select
import threading
import tty
from pathlib import Path

_SELECT_S = 0.02
_STATES = ("stable", "motion", "over", "under")
_8217 = {"motion": b"a", "over": b"b", "under": b"d"}
_SICS = {"motion": "D", "over": "+", "under": "-"}
_NCI = {"stable": "00", "motion": "10", "over": "02", "under": "01"}


class ScaleLine:
    """The scale and its port; `path` is what a profile's `port` names."""

    def __init__(self, path: Path, dialect: str) -> None:
        self.path, self.dialect = path, dialect
        self._grams, self._state = 0, "stable"
        self._ends: tuple[int, int] | None = None
        self._thread: threading.Thread | None = None
        self.plug_in()

    def put(self, grams: int, state: str = "stable") -> None:
        """Put a weight on it; `state` is stable, motion, over or under."""
        assert state in _STATES, state
        self._grams, self._state = grams, state

    def plug_in(self) -> None:
        """Connect the line."""
        if self._ends is None:
            self._ends = os.openpty()
            tty.setraw(self._ends[1])
            self.path.symlink_to(os.ttyname(self._ends[1]))
            self._thread = threading.Thread(target=self._run, args=(self._ends[0],), daemon=True)
            self._thread.start()

    def unplug(self) -> None:
        """Pull the plug."""
        ends, self._ends = self._ends, None
        if ends is None or self._thread is None:
            return
        self._thread.join()
        self.path.unlink(missing_ok=True)
        for end in reversed(ends):
            os.close(end)

    def _run(self, end: int) -> None:
        while self._ends is not None:
            if not select.select([end], [], [], _SELECT_S)[0]:
                continue
            asked = b""
            with contextlib.suppress(OSError):
                asked = os.read(end, 256)
            for byte in asked:
                if byte == ord("Z"):
                    self._grams = 0
                if byte in b"WI":
                    os.write(end, self._answer())

    def _answer(self) -> bytes:
        grams, state = self._grams, self._state
        if self.dialect == "mettler_8217":
            status = _8217.get(state)
            weight = f"{grams / 1000:06.3f}".encode()
            return b"\x02" + (weight if status is None else b"?" + status) + b"\r"
        if self.dialect == "mt_sics":
            if state in ("over", "under"):
                return f"S {_SICS[state]}\r\n".encode()
            return f"S {_SICS.get(state, 'S')} {grams:10.2f} g\r\n".encode()
        return f"\n {grams / 1000:.3f}KG\r\nS{_NCI[state]}\r\x03".encode()
