"""The guided start: four steps, each seen to be done at the counter, whoever did it."""

from collections.abc import Sequence
from typing import Any

from terminal_app.screens.bench.view import GUIDE_STEPS

SERVE, CARD, FACE, CUT = range(1, GUIDE_STEPS + 1)
OVER = GUIDE_STEPS + 1
SERVING = ("armed", "candidate", "confirm", "second_factor", "authorising", "approved", "clearing")


class Guide:
    """At which step somebody is; 0 when they skipped it, or are through."""

    def __init__(self) -> None:
        self.step = SERVE
        self._mark = 0

    def skip(self) -> None:
        """No more guidance."""
        self.step = 0

    def look(self, view: dict[str, Any], paid: Sequence[tuple[str, bool]], *, is_cut: bool) -> None:
        """Go on when the present step was done."""
        since = paid[self._mark :]
        is_done = {
            SERVE: view.get("phase") in SERVING,
            CARD: any(credential.startswith("card") for credential, _ in since),
            FACE: any(credential.startswith("face") for credential, _ in since),
            CUT: is_cut and any(not is_online for _, is_online in since),
        }
        if is_done.get(self.step, False):
            self.step += 1
            self._mark = len(paid)
