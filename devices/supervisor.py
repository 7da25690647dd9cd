"""Opens every device, watches it, opens it again: one thread per bus, health of all.

- A device that is lost, or breaks by a defect of its driver, never takes another one with it.
- It is opened again at once after `REOPEN_S[0]`, then more and more patiently.
- What was plugged in is noticed (`devices.hotplug`), and what waits for it tries at once.
- A step that hangs blocks its own bus only; `step` tells the counter that the bus is silent, and
  after `ABANDON_S` leaves the thread to itself and goes on with a device made anew, where the
  driver can do that (`renewed`).
- An act that a device tells again under the number it had (`devices.acts`) is told once.
- Threads merely call `Bus.step`, so that a simulation may call it instead.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from devices.acts import Acts
from devices.hotplug import Plugs
from devices.ports import (
    Device,
    DeviceEntry,
    DeviceHealth,
    DeviceLost,
    Event,
    HealthState,
    Undriven,
)
from domain.clock import Clock

REOPEN_S = (0.25, 0.5, 1.0, 1.0, 2.0, 4.0, 5.0)
"""The wait before each attempt to open again; the last one holds for all that follow."""
IDLE_S = 0.005
"""The pause after a round in which nothing happened: devices that cannot wait do not spin."""
STEADY_S = 5.0
"""A device that stays so long counts as mended; one that comes and goes is waited for longer and
longer, or a loose plug would fill the counter's queue.
"""
SILENT_S = 3.0
"""A bus that has not come round for so long is stuck in a driver: 60 times the longest step."""
ABANDON_S = 6.0
"""A call that hangs so long may hang for ever: a new thread with new devices takes over."""
ABANDONED_MAX = 20
"""Each left thread keeps a connection; with so many, something else is wrong and a person is due.
"""
STOP_S = 2.0
"""How long `stop` waits for a bus; its thread is a daemon and dies with the process."""

MISSING = frozenset(
    {"devices.absent", "devices.lost", "devices.no_service", "devices.no_permission"}
)
"""What plugging something in may mend."""

Post = Callable[[Event], None]


@dataclass(slots=True)
class Watched:
    """One device, how it stands, and when to try again."""

    device: Device
    post: Post
    acts: Acts = field(default_factory=Acts)
    health: DeviceHealth = field(init=False)
    _tries: int = 0
    _retry_at: float = float("-inf")

    def __post_init__(self) -> None:
        self.health = DeviceHealth(
            self.device.name, self.device.kind, HealthState.STARTING, seen_at=0.0
        )

    def step(self, now: float) -> bool:
        """Open it if it is due, else ask it what happened. True: something did."""
        try:
            if self.health.state is not HealthState.READY:
                return self._open(now)
            happened = False
            for event in self.device.step(now):
                happened = True
                if self.acts.is_new(event):
                    self.post(event)
            return happened
        except DeviceLost as lost:
            self._lose(now, lost.code, lost.detail)
        except Exception as defect:  # the till goes on; the report names the driver's mistake
            self._lose(now, "devices.defect", type(defect).__name__)
        return True

    def hurry(self) -> None:
        """Something was plugged in: what was not there may be there now. From any thread."""
        if self.health.error_code in MISSING:
            self._retry_at = float("-inf")

    def close(self, now: float) -> None:
        """Let go of the device."""
        self._close()
        self._tell(HealthState.STOPPED, now)

    def mute(self) -> None:
        """Say nothing any more, whatever comes out of the call that hangs."""
        self.post = _nothing

    def renewed(self, now: float, post: Post) -> "Watched":
        """Return the same device made anew, lost until it is opened."""
        made: Device = self.device.renewed()  # type: ignore[attr-defined]
        new = Watched(made, post, self.acts)
        new.health = DeviceHealth(
            made.name, made.kind, HealthState.LOST, now, "devices.silent",
            reopened_count=self.health.reopened_count,
        )  # fmt: skip
        return new

    def _close(self) -> None:
        # A port that was pulled out may fail at closing too: its bus goes on
        with contextlib.suppress(Exception):
            self.device.close()

    def _open(self, now: float) -> bool:
        if now < self._retry_at:
            return False
        self.device.open(now)
        self._tell(HealthState.READY, now)
        return True

    def _lose(self, now: float, code: str, detail: str) -> None:
        self._close()
        if self.health.state is HealthState.READY and now - self.health.seen_at >= STEADY_S:
            self._tries = 0
        self._retry_at = now + REOPEN_S[min(self._tries, len(REOPEN_S) - 1)]
        self._tries += 1
        if (self.health.state, self.health.error_code) != (HealthState.LOST, code):
            self._tell(HealthState.LOST, now, code, detail)

    def _tell(self, state: HealthState, now: float, code: str = "", detail: str = "") -> None:
        was = self.health
        self.health = DeviceHealth(
            was.device,
            was.kind,
            state,
            now,
            code,
            detail or was.last_error,
            was.reopened_count + (state is HealthState.READY and was.state is HealthState.LOST),
        )
        self.post(self.health)


def _nothing(_event: Event) -> None:
    """What a left device says reaches nobody."""


class Bus:
    """The devices of one bus, served in turn."""

    def __init__(self, name: str, watched: Iterable[Watched]) -> None:
        self.name = name
        self.watched = tuple(watched)
        self.stepped_at = float("-inf")
        self.is_left = False
        """Its thread hung and was left; should it come back, it closes its devices and ends."""

    @property
    def is_renewable(self) -> bool:
        """Whether every device on it can be made anew."""
        return all(hasattr(watched.device, "renewed") for watched in self.watched)

    def leave(self, now: float, post: Post) -> "Bus":
        """Give up this bus and return another with the same devices made anew."""
        self.is_left = True
        for watched in self.watched:
            watched.mute()
        return Bus(self.name, [watched.renewed(now, post) for watched in self.watched])

    def step(self, now: float) -> bool:
        """Serve every device once; True when anything happened."""
        self.stepped_at = now
        happened = [watched.step(now) for watched in self.watched]
        return any(happened)

    def close(self, now: float) -> None:
        """Let go of all."""
        for watched in self.watched:
            watched.close(now)


class Supervisor:
    """All devices of a counter but the camera, which the eyes open, and printers, which queue.

    `post` is called on the threads of the buses and must not block.
    """

    def __init__(
        self,
        devices: Iterable[Device],
        post: Post,
        clock: Clock,
        entries: Iterable[DeviceEntry] = (),
    ) -> None:
        self._clock = clock
        self._post = post
        self._entries = tuple(entries)
        self._stopping = threading.Event()
        self._threads: list[tuple[Bus, threading.Thread]] = []
        self._silent: dict[str, float] = {}
        self._left_count = 0
        self._plugs = Plugs(self._entries)
        self.unclaimed: tuple[Undriven, ...] = ()
        """What is plugged in and nobody drives, as of the last plugging; for the screens."""
        by_bus: dict[str, list[Device]] = {}
        for device in devices:
            by_bus.setdefault(device.bus, []).append(device)
        self.buses = tuple(
            Bus(name, [Watched(device, post) for device in members])
            for name, members in by_bus.items()
        )

    def start(self) -> None:
        """Start one thread per bus."""
        for bus in self.buses:
            self._start(bus)
        self.unclaimed = self.undriven()

    def step(self, now: float) -> None:
        """Notice what was plugged in, and buses that hang; call it several times a second."""
        if self._plugs.changed(now):
            for watched in (one for bus in self.buses for one in bus.watched):
                watched.hurry()
            self.unclaimed = self.undriven()
        for bus in self.buses:
            silent_s = now - bus.stepped_at
            if silent_s <= SILENT_S or bus.stepped_at == float("-inf"):
                if self._silent.pop(bus.name, None) is not None:
                    self._tell_all(bus)
            elif bus.name not in self._silent:
                self._silent[bus.name] = now
                self._tell_silent(bus, now)
            # Since it was told, not since it was silent: a clock that leaps is no hanging call
            elif now - self._silent[bus.name] > ABANDON_S - SILENT_S:
                self._leave(bus, now)

    def _leave(self, bus: Bus, now: float) -> None:
        is_worth_it = bus.is_renewable and bool(self._threads)
        if not is_worth_it or self._left_count >= ABANDONED_MAX:
            return
        self._left_count += 1
        renewed = bus.leave(now, self._post)
        self.buses = tuple(renewed if one is bus else one for one in self.buses)
        self._start(renewed)

    def _start(self, bus: Bus) -> None:
        thread = threading.Thread(
            target=self._serve, args=(bus,), name=f"bus {bus.name}", daemon=True
        )
        self._threads.append((bus, thread))
        thread.start()

    def stop(self) -> None:
        """Stop the threads; each closes its own devices. Without threads they are closed here."""
        self._stopping.set()
        for bus, thread in self._threads:
            if not bus.is_left:
                thread.join(STOP_S)
        if not self._threads:
            for bus in self.buses:
                bus.close(self._clock.monotonic())

    def health(self) -> tuple[DeviceHealth, ...]:
        """How every device stands now."""
        return tuple(watched.health for bus in self.buses for watched in bus.watched)

    def undriven(self) -> tuple[Undriven, ...]:
        """List what is plugged in and no profile entry names. Asks the system: not in a loop."""
        from devices.undriven import undriven

        return undriven(self._entries)

    def _serve(self, bus: Bus) -> None:
        while not (self._stopping.is_set() or bus.is_left):
            if not bus.step(self._clock.monotonic()):
                self._stopping.wait(IDLE_S)
        bus.close(self._clock.monotonic())

    def _tell_all(self, bus: Bus) -> None:
        for watched in bus.watched:
            self._post(watched.health)

    def _tell_silent(self, bus: Bus, now: float) -> None:
        for watched in bus.watched:
            self._post(
                DeviceHealth(
                    watched.device.name,
                    watched.device.kind,
                    HealthState.LOST,
                    now,
                    "devices.silent",
                    bus.name,
                    watched.health.reopened_count,
                )
            )
