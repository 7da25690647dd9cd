"""A scale on which weights are put."""

from devices.ports import DeviceLost, WeightRead
from devices.simulated.played import Played


class SimulatedScale(Played[tuple[int, bool]]):
    """Twin of a counter scale."""

    kind = "scale"

    def present(self, grams: int, *, is_stable: bool = True) -> None:
        """Put a weight on it."""
        self._play((grams, is_stable))

    def remove(self) -> None:
        """Take everything off."""
        self._play((0, True))

    def zero(self) -> None:
        """Call what lies there nothing; `DeviceLost` when unplugged."""
        if self._is_unplugged or not self._is_open:
            raise DeviceLost("devices.lost", self.name)
        self._play((0, True))

    def step(self, now: float) -> list[WeightRead]:
        """Return what was weighed; never waits."""
        return [WeightRead(grams, stable, self.name, now) for grams, stable in self._fetch()]
