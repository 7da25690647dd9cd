"""A counter process of the demo: the whole terminal, on the demo's clock, played by lines.

python -m fanpiao.demo.counter --state DIR --profile FILE --clock FILE --server URL

With `--windows SHARE` it opens its windows in frames, on this share of the screen's width.

Standard input: one JSON object per line, as in `terminal_app.headless` (press, key, device), and
    {"scene": "<base64 of a msgpack Scene>"}     what the camera sees from now on
    {"undo": "newest"}                           the cashier's one tap
Standard output: one JSON object per line
    {"view": {…}, "at": s}     every change of the screens, `at` in the machine's monotonic seconds
    {"face": {"is": …}, "at": s}   a new face in the zone "seen", "matched" with somebody, "lost"
"""

import argparse
import base64
import io
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from devices import ports
from devices.simulated.scene import Scene
from fanpiao.demo.clock import SharedClock
from kiosk_profiles.load import load
from kiosk_profiles.schema import Profile
from terminal_app.counter.view import CounterView
from terminal_app.eyes import wire
from terminal_app.eyes.client import EyesClient
from terminal_app.headless import Play, summary
from terminal_app.screens.recorder import Recorder
from terminal_app.terminal import Terminal

if TYPE_CHECKING:
    from terminal_app.screens.kiosk import Kiosk

Say = Callable[[dict[str, Any]], None]

VIEWS = "views"
"""The folder of what the counter's screens showed, in its folder of state."""


class FollowingEyes(EyesClient):
    """Eyes whose child reads the machine's clock, for a counter that reads the demo's."""

    def __init__(
        self,
        config: wire.Config,
        post: Callable[[ports.Event], None],
        *,
        clock: SharedClock,
        say: Say,
    ) -> None:
        super().__init__(config, self._take)
        self._clock = clock
        self._hand_on = post
        self._say = say
        self._seen: set[int] = set()
        self._matched: set[int] = set()

    def arm(self, now: float) -> None:
        """Arm by the child's clock."""
        super().arm(now - self._clock.offset_s)

    def step(self, now: float) -> None:
        """Watch by the child's clock."""
        super().step(now - self._clock.offset_s)

    def _take(self, event: ports.Event) -> None:
        if isinstance(event, ports.FaceObserved):
            self._note(event)
        elif isinstance(event, ports.FaceTrackLost):
            self._say({"face": {"track": event.track_id, "is": "lost"}, "at": time.monotonic()})
        self._hand_on(self._shifted(event))

    def _shifted(self, event: Any) -> ports.Event:
        offset_s = self._clock.offset_s
        name = "captured_at" if hasattr(event, "captured_at") else "seen_at"
        shifted: ports.Event = replace(event, **{name: getattr(event, name) + offset_s})
        return shifted

    def _note(self, event: ports.FaceObserved) -> None:
        """Say when a face was first in the zone, and when a frame first had a match."""
        track, at = event.track_id, event.captured_at
        if event.in_zone and track not in self._seen:
            self._seen.add(track)
            self._say({"face": {"track": track, "is": "seen"}, "at": at})
        if event.match is not None and track not in self._matched:
            self._matched.add(track)
            distance = round(event.match.distance, 3)
            face = {"track": track, "is": "matched", "distance": distance}
            self._say({"face": face, "at": time.monotonic()})


class Table:
    """Reads the lines, plays them, and says what the screens show."""

    def __init__(self, terminal: Terminal, say: Say) -> None:
        self._terminal = terminal
        self._say = say
        self._play = Play(terminal)
        self._last: dict[str, Any] = {}
        terminal.counter.listen(self._shown)

    def run(self) -> None:
        """Play until standard input ends or the terminal stops."""
        for line in sys.stdin:
            step = json.loads(line)
            if "scene" in step:
                scene = msgspec.msgpack.decode(base64.b64decode(step["scene"]), type=Scene)
                eyes = self._terminal.eyes
                assert isinstance(eyes, FollowingEyes)
                eyes.show(scene)
            else:
                self._play.run(io.StringIO(line))
        self._terminal.interrupt()

    def _shown(self, view: CounterView) -> None:
        told = told_of(view)
        if told != self._last:
            self._last = told
            self._say({"view": told, "at": time.monotonic()})


def told_of(view: CounterView) -> dict[str, Any]:
    """What the demo needs of a view: codes, amounts and ids."""
    rows = [line.row for line in view.strip]
    return {
        **summary(view),
        "is_signed_in": view.is_signed_in,
        "period": view.day.period,
        "day": view.day.label,
        "tenders": sorted(view.tenders),
        "devices": {
            one.device: " ".join(
                word for word in (one.state.value, one.error_code, one.last_error) if word
            )
            for one in view.devices
        },
        "online": view.badge.is_online_first,
        "payment": str(view.payment_id) if view.payment_id else "",
        "doubt": view.doubt.value,
        "factor": view.factor.value,
        "parked": view.parked_count,
        "change": view.change_amount,
        "tender": view.tender,
        "credential": view.credential,
        "latched": view.is_latched,
        "shift": str(view.shift.shift_id) if view.shift else "",
        "difference": view.closed.difference_amount if view.closed else None,
        "strip": [
            [str(row.payment_id), row.amount, row.state.value, row.is_online] for row in rows
        ],
        "questions": [[str(one.payment_id), one.is_asked] for one in view.questions],
        "settled": [[str(one.payment_id), one.is_charged] for one in view.settled],
        "printer": view.printer.waiting,
    }


def main() -> int:
    """Run one counter until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("state", "profile", "clock"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--windows", type=float, default=0.0)
    given = parser.parse_args()
    turn = threading.Lock()
    if given.windows:
        from terminal_app.screens.kiosk import prepare

        prepare()

    def say(what: dict[str, Any]) -> None:
        with turn:
            print(json.dumps(what, ensure_ascii=False), flush=True)

    clock = SharedClock(given.clock)
    profile = load(str(given.profile))
    terminal = Terminal(
        profile,
        given.state,
        server_url=given.server,
        clock=clock,
        make_eyes=lambda config, post: FollowingEyes(config, post, clock=clock, say=say),
    )
    table = Table(terminal, say)
    kiosk = _windows(profile, terminal, given.windows) if given.windows else None
    if kiosk is None:
        terminal.counter.listen(Recorder(given.state / VIEWS))
    terminal.start()
    reading = threading.Thread(target=table.run, name="table", daemon=True)
    reading.start()
    terminal.wait() if kiosk is None else kiosk.run()
    terminal.stop()
    if kiosk is not None:
        kiosk.close()
    if terminal.defect is not None:
        raise terminal.defect
    return 0


def _windows(profile: Profile, terminal: Any, share: float) -> "Kiosk":
    from terminal_app.screens.kiosk import Kiosk

    signal.signal(signal.SIGTERM, lambda *_: terminal.interrupt())
    devices = terminal.hardware.supervised
    return Kiosk(profile, terminal, devices, time.monotonic, is_framed=True, share=share)


if __name__ == "__main__":
    sys.exit(main())
