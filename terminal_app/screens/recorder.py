"""Keeps one view of every kind of screen that a counter came to, so that each can be looked at.

A kind is a phase and what matters in it: a refusal, a spinner, a parked phone. The first view of a
kind is kept as a file of its own, a typed msgpack of the whole `CounterView`; it holds what is on
a screen and nothing else, so no secret and no face. Free of Qt: it runs on the counter thread.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from devices.ports import HealthState
from terminal_app.counter.machine import Phase
from terminal_app.counter.view import CounterView

SUFFIX: Final = ".view"
RING_MIN: Final = 0.3
"""A face is worth a picture when its ring can be seen."""
STRIP_FULL: Final = 5

_HINTED: Final = (Phase.IDLE, Phase.ARMED, Phase.CANDIDATE, Phase.SECOND_FACTOR)
"""Where a sentence answers what was just tried; elsewhere it is left over from before."""
_RESTING: Final = (Phase.IDLE, Phase.ARMED, Phase.NO_PERIOD)
"""Where the line's surroundings matter: queue, devices, parked phones, the full strip."""


class Recorder:
    """Listens to a counter and keeps the first view of every kind in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._kept = {path.stem for path in folder.glob(f"*{SUFFIX}")}

    def __call__(self, view: CounterView) -> None:
        """Keep this view if its kind is new; a file appears whole or not at all."""
        kind = kind_of(view)
        if kind in self._kept:
            return
        self._kept.add(kind)
        part = self._folder / f"{kind}.part"
        part.write_bytes(msgspec.msgpack.encode(view))
        part.rename(self._folder / f"{kind}{SUFFIX}")


def recorded(*folders: Path) -> dict[str, CounterView]:
    """Return the kept views by kind, in the order of a counter's day; the first folder wins."""
    views: dict[str, CounterView] = {}
    for folder in folders:
        for path in folder.glob(f"*{SUFFIX}"):
            if path.stem not in views:
                views[path.stem] = msgspec.msgpack.decode(path.read_bytes(), type=CounterView)
    order = list(Phase)
    return dict(sorted(views.items(), key=lambda one: (order.index(one[1].phase), one[0])))


def kind_of(view: CounterView) -> str:
    """Name the kind of a view: lower case words joined by `_`, the phase first."""
    aside = next(_aside(view), "")
    return "_".join(word for word in (view.phase.value, _details(view), aside) if word)


def _details(view: CounterView) -> str:
    """What distinguishes two views of one phase."""
    detail = _DETAILS.get(view.phase)
    return detail(view) if detail else ""


def _locked(view: CounterView) -> str:
    if view.must_change_pin:
        return "new_pin"
    if view.is_signed_in:
        return "clock" if view.day.is_unsynchronised else "day"
    if view.pin_locked_s:
        return "waits"
    return "closed" if view.closed else ""


def _amount(view: CounterView) -> str:
    source = "standing" if view.is_standing else "keyed"
    if view.phase is Phase.ARMED and view.outline is not None:
        return f"{source}_face"
    if not view.is_standing and view.is_asked_twice:
        return "keyed_twice"
    if view.phase is Phase.IDLE and view.typed_amount:
        return "keyed_typed"
    return source


def _candidate(view: CounterView) -> str:
    if view.outline is None or view.outline.still_share < RING_MIN:
        return "begins"
    return "named" if view.masked_name else ""


def _confirm(view: CounterView) -> str:
    return "again" if view.is_second_price or view.paid_label else view.credential


def _clearing(view: CounterView) -> str:
    left = "unpaid" if not view.is_paid else ""
    return "_".join(word for word in (left, "left" if view.hint.code else "") if word)


def _approved(view: CounterView) -> str:
    if view.tender == "cash":
        return "change" if view.change_amount else "cash"
    return "again" if view.is_second_price else ""


def _recover(view: CounterView) -> str:
    if any(one.is_asked for one in view.questions):
        return "asks"
    return "code" if view.showing.text else ""


def _awaiting(view: CounterView) -> str:
    shown = view.showing
    code = "" if not shown.is_code else "code" if shown.text else "code_soon"
    return "_".join(word for word in (code, "cut" if shown.is_cut else "") if word)


def _cancelling(view: CounterView) -> str:
    return "undo" if view.is_undo else "renewing" if view.showing.is_renewing else ""


_DETAILS: Final[dict[Phase, Callable[[CounterView], str]]] = {
    Phase.RECOVER: _recover,
    Phase.LOCKED: _locked,
    Phase.IDLE: lambda view: "change" if view.change_amount else _amount(view),
    Phase.ARMED: _amount,
    Phase.CANDIDATE: _candidate,
    Phase.CONFIRM: _confirm,
    Phase.SECOND_FACTOR: lambda view: view.factor.value,
    Phase.AUTHORISING: lambda view: "slow" if view.is_spinning else "",
    Phase.APPROVED: _approved,
    Phase.CLEARING: _clearing,
    Phase.TOP_UP: lambda view: view.top_up.step.value if view.top_up else "",
    Phase.AWAITING: _awaiting,
    Phase.CANCELLING: _cancelling,
    Phase.REVERSED: lambda view: "too_late" if view.showing.was_taken else "",
    Phase.DECLINED: lambda view: _words(view.code),
    Phase.BLOCKED: lambda view: _words(view.code),
}


def _aside(view: CounterView) -> Iterator[str]:
    """What stands beside the state, the most important first."""
    if view.refusal.code:
        yield f"refused_{_words(view.refusal.code)}"
    if view.hint.code and view.phase in _HINTED:
        yield f"hint_{_words(view.hint.code)}"
    if view.phase not in _RESTING:
        return
    if view.parked_count:
        yield "parked"
    if any(one.state is HealthState.LOST for one in view.devices):
        yield "device_lost"
    if view.badge.left.is_near and not view.badge.is_online_first:
        yield "near_cap"
    if view.settled:
        yield "after_power_cut"
    if not view.badge.is_online_first:
        yield "offline"
    elif view.badge.waiting_count:
        yield "waiting"
    if len(view.strip) >= STRIP_FULL:
        yield "full"


def _words(code: str) -> str:
    return code.replace(".", "_")
