"""Opens every device, watches it, opens it again: one thread per bus, health of all.

- A device that is lost, or breaks by a defect of its driver, never takes another one with it.
- It is opened again at once after `REOPEN_S[0]`, then more and more patiently.
- A step that hangs blocks its own bus only; `step` tells the counter that the bus is silent.
- Threads merely call `Bus.step`, so that a simulation may call it instead.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

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
STOP_S = 2.0
"""How long `stop` waits for a bus; its thread is a daemon and dies with the process."""

Post = Callable[[Event], None]


@dataclass(slots=True)
class Watched:
    """One device, how it stands, and when to try again."""

    device: Device
    post: Post
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
                self.post(event)
            return happened
        except DeviceLost as lost:
            self._lose(now, lost.code, lost.detail)
        except Exception as defect:  # the till goes on; the report names the driver's mistake
            self._lose(now, "devices.defect", type(defect).__name__)
        return True

    def close(self, now: float) -> None:
        """Let go of the device."""
        self._close()
        self._tell(HealthState.STOPPED, now)

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


class Bus:
    """The devices of one bus, served in turn."""

    def __init__(self, name: str, devices: Iterable[Device], post: Post) -> None:
        self.name = name
        self.watched = tuple(Watched(device, post) for device in devices)
        self.stepped_at = float("-inf")

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
        self._threads: list[threading.Thread] = []
        self._silent: set[str] = set()
        by_bus: dict[str, list[Device]] = {}
        for device in devices:
            by_bus.setdefault(device.bus, []).append(device)
        self.buses = tuple(Bus(name, members, post) for name, members in by_bus.items())

    def start(self) -> None:
        """Start one thread per bus."""
        for bus in self.buses:
            thread = threading.Thread(
                target=self._serve, args=(bus,), name=f"bus {bus.name}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def step(self, now: float) -> None:
        """Tell of buses that hang, once each; call it about once a second."""
        for bus in self.buses:
            if now - bus.stepped_at <= SILENT_S or bus.stepped_at == float("-inf"):
                if bus.name in self._silent:
                    self._silent.discard(bus.name)
                    self._tell_all(bus)
            elif bus.name not in self._silent:
                self._silent.add(bus.name)
                self._tell_silent(bus, now)

    def stop(self) -> None:
        """Stop the threads; each closes its own devices. Without threads they are closed here."""
        self._stopping.set()
        for thread in self._threads:
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
        while not self._stopping.is_set():
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
