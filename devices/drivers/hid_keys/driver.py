"""`HidKeypad` and `HidTrigger`: input devices grabbed, so that their keys reach no window."""

from devices.drivers.hid_keys.protocol import DEBOUNCE_S, DINER_KEYS, KEYS, Pressed, keyed
from devices.ports import DeviceSettings, Key, Keyed, Side, TriggerPressed
from devices.settings import check_fields, choice, number, side_of
from devices.transport.hid import FIELDS, HidLine, HidPort

CODE_MAX = 767
"""KEY_MAX of linux/input-event-codes.h."""


class HidKeypad:
    """A numeric keypad; keeps the contract of `devices.ports.Keypad`."""

    kind = "keypad"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, (*FIELDS, "side", "keys"))
        self.name = name
        self.bus = f"hid:{name}"
        self._side = side_of(settings)
        self._keys = keys_of(settings)
        self._port = HidPort(HidLine.of(settings))

    def open(self, now: float) -> None:
        """Grab the device, what was typed before discarded; `DeviceLost` when it cannot be."""
        self._port.open()

    def step(self, now: float) -> list[Keyed]:
        """Return what was pressed until now, or wait a little; `DeviceLost` when unplugged."""
        pressed = keyed(self._port.take(), self._keys)
        events = [Keyed(key, self._side, self.name, now) for key in pressed]
        if not events:
            self._port.wait()
        return events

    def close(self) -> None:
        """Let go of the device."""
        self._port.close()


class HidTrigger:
    """A foot switch, tray sensor or gate that types a key; keeps `devices.ports.Trigger`."""

    kind = "trigger"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, (*FIELDS, "code", "debounce_s"))
        code = int(number(settings, "code", 0, 0, CODE_MAX)) or None
        self.name = name
        self.bus = f"hid:{name}"
        self._pressed = Pressed(code, number(settings, "debounce_s", DEBOUNCE_S, 0, 10))
        self._port = HidPort(HidLine.of(settings))

    def open(self, now: float) -> None:
        """Grab the device, what was pressed before discarded; `DeviceLost` when it cannot be."""
        self._port.open()

    def step(self, now: float) -> list[TriggerPressed]:
        """Return the presses until now, or wait a little; `DeviceLost` when unplugged."""
        count = self._pressed.count(self._port.take(), now)
        if not count:
            self._port.wait()
        return [TriggerPressed(self.name, now)] * count

    def close(self) -> None:
        """Let go of the device."""
        self._port.close()


def keys_of(settings: DeviceSettings) -> dict[int, Key]:
    """Return what each key code means, the profile's own `keys` first; ValueError for nonsense."""
    own = settings.get("keys", {})
    allowed = [key.value for key in Key]
    if not isinstance(own, dict) or not all(str(code).isdecimal() for code in own):
        raise ValueError('keys: a table of key codes and meanings, as { "98" = "clear" }')
    usual = DINER_KEYS if side_of(settings) is Side.DINER else KEYS
    return {**usual, **{int(code): Key(choice(own, code, allowed, "")) for code in own}}
