"""What a camera is told besides its picture size: the mains' flicker, and when to hold exposure.

Automatic exposure follows whoever walks through the picture: a white coat makes a face dark. So the
camera measures for a while, then what it found is held; now and then it may measure again, for the
sun moves. Pure: controls come as an argument, time too.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from devices.transport.video import Control, ExposureMode, Mains

WARM_UP_S: Final = 2.0
"""Cameras settle within a second or two after they start to stream."""
HELD_S: Final = 600.0
"""Daylight changes little in ten minutes."""
MAINS: Final = {50: Mains.HZ_50, 60: Mains.HZ_60}


class Knobs(Protocol):
    """What sets a camera's controls: `devices.transport.video.Controls`, or a twin."""

    def get(self, control: Control) -> int | None:
        """Return its value, None when the camera lacks it."""

    def set(self, control: Control, value: int) -> bool:
        """Set it; False when the camera lacks it."""


@dataclass(slots=True)
class Exposure:
    """Holds what the camera measured. `begin` when it was opened, `step` with every frame."""

    knobs: Knobs
    mains_hz: int = 50
    is_locked: bool = True
    warm_up_s: float = WARM_UP_S
    held_s: float = HELD_S
    _hold_at: float | None = None
    _free_at: float | None = None

    def begin(self, now: float) -> None:
        """Say what flickers, and let the camera measure."""
        self.knobs.set(Control.MAINS, MAINS[self.mains_hz])
        self._free(now)

    def step(self, now: float) -> None:
        """Hold or let go when it is time; a camera without the controls is left alone."""
        if self._hold_at is not None and now >= self._hold_at:
            self._hold(now)
        elif self._free_at is not None and now >= self._free_at:
            self._free(now)

    def _free(self, now: float) -> None:
        self._free_at = None
        can_hold = self.knobs.set(Control.EXPOSURE_MODE, ExposureMode.APERTURE_PRIORITY)
        self._hold_at = now + self.warm_up_s if can_hold and self.is_locked else None

    def _hold(self, now: float) -> None:
        self._hold_at = None
        measured = self.knobs.get(Control.EXPOSURE)
        if measured is None:
            return
        # In this order: many cameras refuse a value while they measure themselves
        if self.knobs.set(Control.EXPOSURE_MODE, ExposureMode.MANUAL):
            self.knobs.set(Control.EXPOSURE, measured)
        self._free_at = now + self.held_s
