"""One counter on the demo's bench: its process, the far ends of its devices, what it shows.

The scanner is a pty whose far end is here; the camera's scenes and, at the second counter, the
card reader's twin are played over the counter's standard input; a card on the first counter's
PC/SC reader comes from the virtual card's own process.
"""

import base64
import json
import os
import threading
import time
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from devices.simulated.scene import Scene, empty_zone
from devices.simulated.virtual_card import CardProcess
from fanpiao.demo.processes import Child, DemoFailed
from fanpiao.demo.timeline import Timeline

READY_S = 60.0
"""A slow machine imports and loads its models for a while."""
REAL_S = 15.0
"""No single expectation waits longer than this in real time."""
STEP_S = 0.4
GLANCE_S = 0.03
SEED = 7
"""Of the background and the grain of every picture."""

View = dict[str, Any]


@dataclass(slots=True)
class Scanner:
    """The far end of a serial barcode scanner: a pty."""

    near: int = field(init=False)
    far: int = field(init=False)
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.far, self.near = os.openpty()
        tty.setraw(self.near)
        self.path = os.ttyname(self.near)

    def read_out(self, text: str) -> None:
        """Send one code as a scanner does: AIM identifier, text, CR LF."""
        os.write(self.far, b"]Q1" + text.encode() + b"\r\n")

    def close(self) -> None:
        """Unplug it for good."""
        os.close(self.far)
        os.close(self.near)


@dataclass(frozen=True, slots=True)
class Seen:
    """Something a counter said, and when, in the machine's monotonic seconds."""

    at: float
    what: dict[str, Any]


class Bench:
    """A counter process and everything in front of it."""

    def __init__(
        self, name: str, start: Callable[["Bench"], Child], timeline: Timeline, folder: Path
    ) -> None:
        self.name, self.folder, self.timeline = name, folder, timeline
        self.scanner = Scanner()
        self.card: CardProcess | None = None
        self.view: View = {}
        self.faces: list[Seen] = []
        self.views: list[Seen] = []
        self.child: Child | None = None
        self._start = start
        self._left_at: int | None = None
        self._changed = threading.Condition()

    @property
    def store(self) -> Path:
        """The counter's one file."""
        return self.folder / "counter.sqlite3"

    # --- its process ----------------------------------------------------------------------

    def switch_on(self) -> None:
        """Start the counter; `come_up` waits for it."""
        self.view = {}
        self.child = self._start(self)
        reader = threading.Thread(target=self._read, args=(self.child,), daemon=True)
        reader.start()

    def come_up(self) -> None:
        """Wait until it shows something."""
        self.expect(lambda view: bool(view), "to show something", READY_S)

    def cut_power(self) -> None:
        """Kill -9."""
        if self.child is not None:
            self.child.kill()

    def switch_off(self) -> None:
        """End it in order, and its card process."""
        child, self.child = self.child, None
        if child is not None:
            child.stop()
        if self.card is not None:
            self.card.close()
            self.card = None

    def restart(self, meanwhile: Callable[[], None]) -> None:
        """End its process in order and start it again; the devices stay where they are."""
        assert self.child is not None
        self.child.stop()
        meanwhile()
        self.switch_on()
        self.come_up()

    def close(self) -> None:
        """Take the bench away."""
        self.switch_off()
        self.scanner.close()

    # --- hands ----------------------------------------------------------------------------

    def say(self, **line: Any) -> None:
        """Send one line to the counter."""
        assert self.child is not None
        stdin = self.child.process.stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(line).encode() + b"\n")
            stdin.flush()
        except OSError as error:
            raise DemoFailed(f"{self.name} is gone: {self.child.last_words()}") from error

    def press(self, name: str, **fields: Any) -> None:
        """Press something that carries a value."""
        self.say(press=name, **fields)

    def key(self, name: str, **fields: Any) -> None:
        """Press a key."""
        self.say(key=name, **fields)

    def show(self, scene: Scene) -> None:
        """Let people appear before the camera."""
        self.say(scene=base64.b64encode(msgspec.msgpack.encode(scene)).decode())

    def show_nobody(self) -> None:
        """Let everybody leave the picture."""
        self._left_at = len(self.faces)
        self.show(empty_zone(0.1, SEED))

    def await_nobody(self) -> None:
        """Wait until the eyes have noticed that everybody left."""
        mark, self._left_at = self._left_at, None
        if mark is not None:
            self.expect_face(mark, "lost")

    def lay_card(self, uid: bytes) -> None:
        """Put a card on the reader."""
        if self.card is not None:
            self.card.insert(uid)
        else:
            self.say(device="reader", present_hex=uid.hex())

    def lift_card(self) -> None:
        """Take it away."""
        if self.card is not None:
            self.card.remove()
        else:
            self.say(device="reader", remove=True)

    # --- what it shows --------------------------------------------------------------------

    @property
    def phase(self) -> str:
        """The present state."""
        return str(self.view.get("phase", ""))

    def expect(self, is_so: Callable[[View], bool], what: str, within_s: float = REAL_S) -> Seen:
        """Wait in real time until the screens show it; `DemoFailed` with what they show else."""
        end = time.monotonic() + within_s
        with self._changed:
            while not is_so(self.view):
                left_s = end - time.monotonic()
                if left_s <= 0 or not self._is_alive():
                    raise DemoFailed(f"{self.name} was to {what}; it shows {self.view}")
                self._changed.wait(min(left_s, 0.5))
            return self.views[-1] if self.views else Seen(time.monotonic(), self.view)

    def pass_until(self, is_so: Callable[[View], bool], what: str, within_s: float = 12.0) -> None:
        """Let simulated time pass until the screens show it."""
        passed_s, end = 0.0, time.monotonic() + REAL_S
        while not self.glance(is_so):
            if passed_s > within_s and time.monotonic() > end:
                raise DemoFailed(f"{self.name} was to {what}; it shows {self.view}")
            self.timeline.wait(STEP_S)
            passed_s += STEP_S

    def glance(self, is_so: Callable[[View], bool], within_s: float = GLANCE_S) -> bool:
        """Look in real time, at most so long, whether the screens show it."""
        with self._changed:
            return self._changed.wait_for(lambda: is_so(self.view), within_s)

    def expect_face(self, mark: int, what: str, within_s: float = REAL_S) -> Seen:
        """Wait until the eyes say after `mark` that a face is "seen", "matched" or "lost"."""

        def found() -> Seen | None:
            said = self.faces[mark:]
            return next((one for one in said if one.what["is"] == what), None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None, within_s)
            seen = found()
        if seen is None:
            raise DemoFailed(f"{self.name}: no face was {what}; it shows {self.view}")
        return seen

    def stays(self, is_so: Callable[[View], bool], what: str, seconds: float) -> None:
        """Let simulated time pass and fail when the screens ever show otherwise."""
        mark = len(self.views)
        passed_s = 0.0
        while passed_s < seconds:
            self.timeline.wait(STEP_S)
            time.sleep(GLANCE_S)
            passed_s += STEP_S
        for seen in self.views[mark:]:
            if not is_so(seen.what):
                raise DemoFailed(f"{self.name} was not to {what}; it showed {seen.what}")

    def _is_alive(self) -> bool:
        return self.child is not None and self.child.is_running

    def _read(self, child: Child) -> None:
        assert child.process.stdout is not None
        with child.process.stdout as lines:
            for line in lines:
                self._hear(json.loads(line), child)
        with self._changed:
            self._changed.notify_all()

    def _hear(self, said: dict[str, Any], child: Child) -> None:
        with self._changed:
            if child is not self.child and self.child is not None:
                return
            if "view" in said:
                self.view = said["view"]
                self.views.append(Seen(said["at"], self.view))
            elif "face" in said:
                self.faces.append(Seen(said["at"], said["face"]))
            self._changed.notify_all()
