"""A numeric keypad whose keys are pressed from outside."""

from devices.ports import DeviceSettings, Key, Keyed
from devices.settings import check_fields, side_of
from devices.simulated.played import Played


class SimulatedKeypad(Played[Key]):
    """Twin of a numeric keypad."""

    kind = "keypad"

    def __init__(self, name: str, settings: DeviceSettings) -> None:
        check_fields(settings, ("side",))
        super().__init__(name, {})
        self._side = side_of(settings)

    def present(self, key: str) -> None:
        """Press one key by its meaning: a digit, plus, times, minus, enter, clear…"""
        self._play(Key(key))

    def step(self, now: float) -> list[Keyed]:
        """Return what was pressed; never waits."""
        return [Keyed(key, self._side, self.name, now) for key in self._fetch()]
