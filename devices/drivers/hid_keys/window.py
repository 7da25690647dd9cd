"""`WindowTrigger`: a foot switch that types a key into whichever window is in front."""

from devices.drivers.hid_keys.protocol import DEBOUNCE_S
from devices.ports import DeviceSettings, TriggerPressed
from devices.settings import check_fields, number
from devices.transport.window import WindowFeed


class WindowTrigger:
    """A switch behind a window; keeps `devices.ports.Trigger`.

    `key` is what it types, by Qt's name ("F13", "Pause"): a key that nothing else uses, or its
    presses would be a person's. `feed` is the window's end.
    """

    kind = "trigger"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, ("key", "debounce_s"))
        self.name = name
        self.bus = f"window:{name}"
        self.key = str(settings.get("key", "F13"))
        self.feed: WindowFeed[None] = WindowFeed()
        self._debounce_s = number(settings, "debounce_s", DEBOUNCE_S, 0, 10)
        self._pressed_at = float("-inf")

    def open(self, now: float) -> None:
        """Listen to the window; `DeviceLost` when there is none."""
        self.feed.open()

    def step(self, now: float) -> list[TriggerPressed]:
        """Return the press until now, or wait a little; bounces are none."""
        if not self.feed.take() or now - self._pressed_at < self._debounce_s:
            return []
        self._pressed_at = now
        return [TriggerPressed(self.name, now)]

    def close(self) -> None:
        """Stop listening."""
        self.feed.close()
