"""What the counter looks at by itself, once a second: meal, prices, clock, caps, disk, faces."""

from collections.abc import Iterable

from terminal_app.counter import events as on
from terminal_app.counter.carrying import Carrying, gallery_of
from terminal_app.counter.machine import Machine, Phase
from terminal_app.counter.meals import Posted
from terminal_app.counter.parts import Memory, Parts, StageState
from terminal_app.counter.pressing import PRACTISED
from terminal_app.counter.stages import clock_code, disk_code, stages_of
from terminal_app.counter.strip import RowState

WATCH_EVERY_S = 1.0
_BEFORE_WORK = (Phase.STARTING, Phase.RECOVER, Phase.LOCKED)
"""Where the start-up page is looked at."""
_OURS = ("limits.", "clock.", "terminals.", "merchants.")
"""Causes that this file raises and takes back; every other one is the disk's."""


class Watching:
    """Turns facts about the store and the wire into events of the machine."""

    def __init__(self, parts: Parts, memory: Memory, carrying: Carrying) -> None:
        self._parts = parts
        self._memory = memory
        self._carrying = carrying

    def begin_recovery(self) -> list[on.Event | None]:
        """Look which intents are open; with none, recovery is over at once."""
        self._parts.recovery.begin()
        return [on.Recovered()] if self._parts.recovery.is_done else []

    def watch(self, machine: Machine, now: float) -> Iterable[on.Event]:
        """What has changed since the last look."""
        if now - self._memory.watched_at < WATCH_EVERY_S:
            return
        self._memory.watched_at = now
        self.watch_stages(machine)
        if machine.phase is Phase.RECOVER:
            self._parts.recovery.look()
        self._watch_practice(machine)
        yield from self._watch_meal(machine)
        yield from self._watch_obstacles(machine)
        self._watch_faces()
        self._watch_waiting()

    def watch_stages(self, machine: Machine) -> None:
        """See how far the start has come, until all of it is ready."""
        stages = self._memory.stages
        is_done = stages and all(one.state is StageState.READY for one in stages)
        if machine.phase in _BEFORE_WORK and not is_done:
            self._memory.stages = stages_of(self._parts, self._memory)

    def _watch_practice(self, machine: Machine) -> None:
        is_new = self._parts.shift.present is None and not self._parts.is_practice
        self._memory.offers_practice = (
            machine.phase is Phase.LOCKED
            and is_new
            and bool(self._parts.replica.operators())
            and not self._parts.store.meta(PRACTISED)
            and not self._parts.strip.rows()
        )

    def _watch_meal(self, machine: Machine) -> Iterable[on.Event]:
        present = self._parts.meals.present()
        posted = self._posted() if present else ()
        has_changed = bool(self._memory.posted) and posted != self._memory.posted
        self._memory.posted = posted
        if not machine.rules.is_standing:
            self._memory.items = self._parts.replica.items()
        if present != machine.period:
            yield on.PeriodChanged(present)
        elif has_changed and machine.rules.is_standing:
            yield on.PriceChanged()

    def _posted(self) -> tuple[Posted, ...]:
        if self._parts.profile.amount.source != "standing":
            return ()
        return self._parts.meals.posted()

    def _watch_obstacles(self, machine: Machine) -> Iterable[on.Event]:
        code = self._obstacle(machine)
        known = machine.code if machine.phase is Phase.BLOCKED else machine.obstacle
        if code and code != known:
            yield on.Obstructed(code)
        elif known and not code:
            yield from self._mended(machine, known)

    def _mended(self, machine: Machine, known: str) -> Iterable[on.Event]:
        if not known.startswith(_OURS) and disk_code(self._parts):
            return
        yield on.Mended(known)
        if machine.phase is Phase.RECOVER and not self._parts.recovery.is_done:
            self._parts.recovery.begin()

    def _obstacle(self, machine: Machine) -> str:
        parts = self._parts
        if parts.standing() == "revoked":
            return "terminals.revoked"
        is_retired = parts.standing() == "retired"
        code = "terminals.retired" if is_retired else parts.not_selling()
        if code and not self._is_drawer_left(machine):
            return code
        return clock_code(parts, self._memory) or self._cap()

    def _is_drawer_left(self, machine: Machine) -> bool:
        """Whether somebody must still sign in to end a shift: locked, it sells nothing anyway."""
        parts = self._parts
        is_locked = parts.profile.attended and machine.operator_id is None
        return is_locked and parts.shift.present is not None

    def _cap(self) -> str:
        parts = self._parts
        if parts.asking.is_online_first or not parts.desk.left().is_reached:
            return ""
        is_last_word = not parts.desk.may_extend() and "on_account" in parts.profile.tenders
        return "" if is_last_word else "limits.offline_terminal"

    def _watch_faces(self) -> None:
        eyes = self._parts.eyes
        if eyes is None:
            return
        key = self._parts.data_key()
        mark = (*self._parts.replica.template_mark(), key is None)
        if mark == self._memory.gallery_mark:
            return
        # Without a key (the lease ended, or a revocation) the faces in memory go too
        eyes.set_gallery(gallery_of(self._parts, key) if key else [])
        self._memory.gallery_mark = mark

    def _watch_waiting(self) -> None:
        if self._parts.journal.waiting().count == 0:
            self._parts.desk.renew()
        for row in self._parts.strip.rows():
            if row.sale and row.state in (RowState.AWAITING, RowState.CANCELLING):
                self._carrying.poll(row.sale)
