"""The table's rows for the day: from power-on to the first diner, and for being blocked."""

from dataclasses import replace

from terminal_app.counter.effects import Show
from terminal_app.counter.events import (
    CapExtended,
    CoreReady,
    DayConfirmed,
    Mended,
    Obstructed,
    Recovered,
    SignedIn,
)
from terminal_app.counter.machine import Machine, Phase, Step, block, go, rest, stay


def core_ready(machine: Machine, _event: CoreReady, now: float) -> Step:
    """Card and code are ready; what the last power cut left open comes first."""
    return go(machine, Phase.RECOVER, now), ()


def recovered(machine: Machine, _event: Recovered, now: float) -> Step:
    """No intent is open: the counter may be opened, or go on if it was open."""
    done = replace(machine, has_open_intent=False)
    if done.obstacle:
        return block(done, now, done.obstacle)
    if done.operator_id is None:
        return go(done, Phase.LOCKED, now, code=""), ()
    return rest(done, now)


def sign_in(machine: Machine, event: SignedIn, _now: float) -> Step:
    """The PIN is right; one card with date, time, meal and price waits to be confirmed."""
    return replace(machine, operator_id=event.operator_id, operator_name=event.name), ()


def confirm_day(machine: Machine, event: DayConfirmed, now: float) -> Step:
    """Open; never without an operator."""
    if machine.operator_id is None:
        return stay(machine, event, now)
    return rest(machine, now)


def obstruct(machine: Machine, event: Obstructed, now: float) -> Step:
    """Nothing is in hand: block at once."""
    return block(machine, now, event.code)


def obstruct_later(machine: Machine, event: Obstructed, _now: float) -> Step:
    """A sale is in hand: block once it is definite."""
    return replace(machine, obstacle=event.code), ()


def obstructed_again(machine: Machine, event: Obstructed, _now: float) -> Step:
    """Show the newest cause."""
    return replace(machine, code=event.code), ()


def mend_pending(machine: Machine, event: Mended, now: float) -> Step:
    """The cause went away before it blocked anything."""
    if machine.obstacle != event.code:
        return stay(machine, event, now)
    return replace(machine, obstacle=""), ()


def mend(machine: Machine, event: Mended, now: float) -> Step:
    """Go on, through RECOVER when a sale was left without an outcome."""
    if machine.code != event.code:
        return stay(machine, event, now)
    if machine.has_open_intent:
        return go(machine, Phase.RECOVER, now, code=""), ()
    return recovered(machine, Recovered(), now)


def extend(machine: Machine, event: CapExtended, now: float) -> Step:
    """A supervisor extended the caps."""
    if not machine.code.startswith("limits."):
        return stay(machine, event, now)
    return recovered(machine, Recovered(), now)


def show_code(machine: Machine, event: object, _now: float) -> Step:
    """Say why a credential or a press was not taken."""
    return machine, (Show(str(getattr(event, "code", ""))),)
