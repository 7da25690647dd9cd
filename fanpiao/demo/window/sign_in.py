"""Signs in and begins to serve for whoever does not want to type the PIN themselves."""

from typing import Any, Final

from fanpiao.demo.bench import Bench
from fanpiao.demo.canteen import CASHIER_PIN, FLOAT_AMOUNT

AGAIN_S: Final = 1.5
"""A press that changed nothing, since the counter was not ready for it, is made again."""
GIVE_UP_S: Final = 30.0
"""A counter that waits for an answer of its cashier's is left to them."""


class SignIn:
    """Presses what leads from the locked screen to serving, one press at a time."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._pressed: tuple[str, float] = ("", 0.0)

    def begin(self, now: float) -> None:
        """Start; `step` does the rest."""
        self._began, self._pressed = now, ("", 0.0)

    def step(self, bench: Bench, now: float) -> None:
        """Make the next press, if it is time for one."""
        if self._began is None:
            return
        wanted = _wanted(bench.view)
        if wanted == "done" or now - self._began > GIVE_UP_S:
            self._began = None
        elif wanted and (wanted != self._pressed[0] or now - self._pressed[1] > AGAIN_S):
            self._pressed = (wanted, now)
            _press(bench, wanted)


def _wanted(view: dict[str, Any]) -> str:
    phase = view.get("phase", "")
    if phase == "locked":
        if view["is_signed_in"]:
            return "day_accepted"
        return "pin_entered" if view["period"] else ""
    if phase == "idle":
        return "serving_started"
    return "done" if phase == "armed" else ""


def _press(bench: Bench, wanted: str) -> None:
    if wanted == "pin_entered":
        bench.press(wanted, pin=CASHIER_PIN)
    elif wanted == "day_accepted":
        bench.press(wanted, float_amount=FLOAT_AMOUNT)
    else:
        bench.key(wanted)
