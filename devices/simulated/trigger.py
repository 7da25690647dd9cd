"""A foot switch, tray sensor or gate that is pressed from outside."""

from devices.ports import TriggerPressed
from devices.simulated.played import Played


class SimulatedTrigger(Played[None]):
    """Twin of anything that says: this person means it."""

    kind = "trigger"

    def present(self) -> None:
        """Press it once."""
        self._play(None)

    def step(self, now: float) -> list[TriggerPressed]:
        """Return the presses; never waits."""
        return [TriggerPressed(self.name, now) for _ in self._fetch()]
