"""Play a counter from a script: one JSON object per line, on the device twins or on real devices.

Each line does one thing:

    {"press": "pin_entered", "pin": "135790"}       what a person presses (counter/presses.py)
    {"press": "day_accepted", "float_amount": 20000}
    {"key": "serving_started"}                      a key of the machine (counter/events.py)
    {"key": "confirmed", "who": "cashier"}
    {"device": "scanner", "present": "FP1:…"}       a code on a simulated scanner
    {"device": "reader", "present_hex": "04a1b2"}   a card on a simulated reader
    {"device": "reader", "remove": true}            what lies there is taken away
    {"device": "reader", "unplug": true}            or "plug_in"
    {"wait_s": 0.5}                                 let time pass
    {"until": "approved", "within_s": 5}            wait for a state; a time-out ends with exit 1
    {"ready_within_s": 10}                          wait for people, prices and the time
    {"undo": "newest"}                              undo the newest sale of the strip

Empty lines and lines that begin with # are skipped.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TextIO

import msgspec

from domain.errors import Refused
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from terminal_app.counter.run import KEYS
from terminal_app.counter.strip import RowState
from terminal_app.counter.view import CounterView
from terminal_app.terminal import Terminal

LOOK_S = 0.05
UNTIL_S = 10.0
"""How long `until` waits when it does not say."""


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


PRESSES: dict[str, type] = {
    _snake(name): value
    for name, value in vars(presses).items()
    if isinstance(value, type) and value.__module__ == presses.__name__
}
EVENTS: dict[str, type] = {_snake(key.__name__): key for key in KEYS}


class Play:
    """A script on a running terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._changed = threading.Condition()
        self._devices: dict[str, Any] = {one.name: one for one in terminal.hardware.supervised}
        terminal.counter.listen(self._hear)
        self._steps: dict[str, Callable[[dict[str, Any]], bool]] = {
            "press": self._press,
            "key": self._key,
            "device": self._device,
            "wait_s": self._wait,
            "until": self._until,
            "ready_within_s": self._ready,
            "undo": self._undo,
        }

    def run(self, script: TextIO) -> int:
        """Play every line; return how many expectations were not met."""
        missed = 0
        for number, line in _lines(script):
            if self._terminal.wait(0):
                return missed + 1
            try:
                is_met = self._play(line)
            except (ValueError, KeyError, msgspec.ValidationError) as mistake:
                raise Refused("scripts.mistake", line=number, detail=str(mistake)) from mistake
            missed += not is_met
        return missed

    def _play(self, line: str) -> bool:
        step = json.loads(line)
        if not isinstance(step, dict):
            raise ValueError("a line is one JSON object")
        name = next((name for name in self._steps if name in step), None)
        if name is None:
            raise ValueError(f"a line has one of: {', '.join(self._steps)}")
        return self._steps[name](step)

    def _press(self, step: dict[str, Any]) -> bool:
        self._terminal.counter.post(_made(PRESSES, step.pop("press"), step))
        return True

    def _key(self, step: dict[str, Any]) -> bool:
        self._terminal.counter.post(_made(EVENTS, step.pop("key"), step))
        return True

    def _device(self, step: dict[str, Any]) -> bool:
        name = step.pop("device")
        device = self._devices.get(name)
        if device is None:
            raise ValueError(f"no device {name!r}; there are: {', '.join(self._devices)}")
        for action, value in step.items():
            if action == "present_hex":
                device.present(bytes.fromhex(value))
            elif action in ("remove", "unplug", "plug_in"):
                getattr(device, action)()
            elif action in ("present", "lay"):
                getattr(device, action)(value)
            else:
                raise ValueError(f"no action {action!r} on a device")
        return True

    def _wait(self, step: dict[str, Any]) -> bool:
        self._terminal.wait(float(step["wait_s"]))
        return True

    def _until(self, step: dict[str, Any]) -> bool:
        phase = Phase(step["until"])
        within_s = float(step.get("within_s", UNTIL_S))
        with self._changed:
            return self._changed.wait_for(
                lambda: self._terminal.counter.view().phase is phase, within_s
            )

    def _ready(self, step: dict[str, Any]) -> bool:
        counter, pump = self._terminal.counter, self._terminal.pump
        deadline = time.monotonic() + float(step["ready_within_s"])
        while time.monotonic() < deadline and not self._terminal.wait(LOOK_S):
            if pump.state.is_complete and counter.view().phase is Phase.LOCKED:
                return True
        return False

    def _undo(self, _step: dict[str, Any]) -> bool:
        lines = self._terminal.counter.view().strip
        rows = [line.row for line in lines if line.row.state is RowState.APPROVED]
        if not rows:
            return False
        self._terminal.counter.post(presses.UndoPressed(rows[0].payment_id, on.Who.CASHIER))
        return True

    def _hear(self, _view: CounterView) -> None:
        with self._changed:
            self._changed.notify_all()


def _made(kinds: dict[str, type], name: str, fields: dict[str, Any]) -> Any:
    kind = kinds.get(name)
    if kind is None:
        raise ValueError(f"no {name!r}; there are: {', '.join(sorted(kinds))}")
    return msgspec.convert(fields, kind)


def _lines(script: TextIO) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(script, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def summary(view: CounterView) -> dict[str, Any]:
    """What a view says in one line of JSON: codes, amounts and masked names only."""
    newest = view.strip[0].row if view.strip else None
    return {
        "phase": view.phase.value,
        "amount": view.shown_amount,
        "name": view.masked_name,
        "code": view.code,
        "hint": view.hint.code,
        "refusal": view.refusal.code,
        "waiting": [view.badge.waiting_count, view.badge.waiting_amount],
        "newest": None if newest is None else [newest.label, newest.amount, newest.state.value],
    }
