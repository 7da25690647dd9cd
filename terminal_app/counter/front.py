"""The counter on the glass: the real one, or practice in front of it; screens see only this.

Rules
- While practice is on the glass every press and every credential is practice's alone; the real
  counter goes on stepping (its queue drains, its prices follow) but hears nothing of them.
- What a device says of its health both hear.
"""

import threading
from collections.abc import Callable

from devices import ports
from terminal_app.counter.machine import Machine
from terminal_app.counter.parts import Parts
from terminal_app.counter.practice import Practice
from terminal_app.counter.run import STEP_EVERY_S, Counter, Listener, Posted
from terminal_app.counter.view import CounterView

Switch = Callable[[str | None], None]
MakePractice = Callable[[Parts, Switch], Practice]


class Front:
    """A counter as `Counter` is, with practice in front of it when asked for.

    `make_real` gets what `build_counter` wants as `practise`.
    """

    def __init__(self, make_real: Callable[[Switch], Counter], make_practice: MakePractice) -> None:
        self._real = make_real(self._switch)
        self._make_practice = make_practice
        self._practice: Practice | None = None
        self._turn = threading.Lock()
        self._wanted: list[str | None] = []
        self._listeners: list[Listener] = []
        self._health: dict[str, ports.DeviceHealth] = {}
        self._real.listen(self._real_changed)

    # --- from other threads ---------------------------------------------------------------

    def post(self, event: Posted) -> None:
        """Hand over a device event, a key or a press, to whichever counter is on the glass."""
        if isinstance(event, ports.DeviceHealth):
            with self._turn:
                self._health[event.device] = event
            self._real.post(event)
        practice = self._practice
        if practice is not None:
            practice.counter.post(event)
        elif not isinstance(event, ports.DeviceHealth):
            self._real.post(event)

    def health(self) -> tuple[ports.DeviceHealth, ...]:
        """What every device last said of itself; from any thread."""
        with self._turn:
            return tuple(self._health.values())

    def view(self) -> CounterView:
        """The latest view of what is on the glass."""
        return self._present().view()

    def listen(self, listener: Listener) -> None:
        """Call this, on the counter thread, with every new view."""
        self._listeners.append(listener)

    # --- the counter thread ---------------------------------------------------------------

    def start(self, now: float) -> None:
        """Start the real counter."""
        self._real.start(now)

    def step(self, now: float) -> float:
        """Step the real counter, and practice when there is one; then switch if that was asked."""
        self._real.step(now)
        if self._practice is not None:
            self._practice.counter.step(now)
        while self._wanted:
            self._change(self._wanted.pop(0), now)
        return STEP_EVERY_S

    def wait(self, timeout_s: float = STEP_EVERY_S) -> None:
        """Wait until something is posted, at most so long; for the thread that calls `step`."""
        self._present().wait(timeout_s)

    def close(self) -> None:
        """End a practice that is on the glass."""
        if self._practice is not None:
            self._practice.close()
            self._practice = None
            if self.parts.eyes is not None:
                self.parts.eyes.disarm()

    @property
    def parts(self) -> Parts:
        """The real counter's parts, whatever is on the glass."""
        return self._real.parts

    @property
    def machine(self) -> Machine:
        """The machine on the glass, for tests and reports."""
        return self._present().machine

    # --- inside ---------------------------------------------------------------------------

    def _present(self) -> Counter:
        practice = self._practice
        return self._real if practice is None else practice.counter

    def _switch(self, pin: str | None) -> None:
        self._wanted.append(pin)

    def _change(self, pin: str | None, now: float) -> None:
        self.close()
        if pin is None:
            self._told(self._real.view())
            return
        practice = self._make_practice(self._real.parts, self._switch)
        practice.counter.listen(self._told)
        practice.open_day(pin, now)
        with self._turn:
            for health in self._health.values():
                practice.counter.post(health)
        self._practice = practice
        practice.counter.step(now)

    def _real_changed(self, view: CounterView) -> None:
        if self._practice is None:
            self._told(view)

    def _told(self, view: CounterView) -> None:
        for listener in self._listeners:
            listener(view)
