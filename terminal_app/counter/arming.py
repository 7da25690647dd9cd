"""The table's rows for the amount: IDLE and ARMED, and what a changed amount does before freeze."""

from dataclasses import replace

from terminal_app.counter.effects import AwaitName, Disarm, EmptyCart, Show
from terminal_app.counter.events import (
    AmountKeyed,
    Cleared,
    Entered,
    LockPressed,
    Paused,
    PeriodChanged,
    PriceChanged,
    ServingStarted,
    TopUpEnded,
    TopUpStarted,
)
from terminal_app.counter.machine import (
    NOBODY,
    Machine,
    Phase,
    Step,
    arm,
    go,
    rest,
    stay,
    to_idle,
)


def key_idle(machine: Machine, event: AmountKeyed, _now: float) -> Step:
    """Type an amount; nothing is armed until Enter."""
    return replace(machine, typed=event.amount, is_asked_twice=False), ()


def enter_idle(machine: Machine, event: Entered, now: float) -> Step:
    """Arm for one diner; a sum that looks like a slip is asked for twice."""
    if machine.rules.is_standing or machine.typed <= 0:
        return stay(machine, event, now)
    if machine.typed > machine.rules.limit_amount:
        return machine, (Show("limits.per_payment"),)
    if machine.typed > machine.rules.ask_above_amount and not machine.is_asked_twice:
        return replace(machine, is_asked_twice=True), (Show("counters.amount_above"),)
    return arm(replace(machine, is_asked_twice=False), now, machine.typed)


def start_serving(machine: Machine, event: ServingStarted, now: float) -> Step:
    """开始供餐: from now on each diner is armed for by the one before leaving."""
    if not machine.rules.is_standing or not machine.sells():
        return stay(machine, event, now)
    return arm(replace(machine, is_serving=True), now, 0)


def key_armed(machine: Machine, event: AmountKeyed, now: float) -> Step:
    """P11: an edited amount begins anew; what needs a second Enter, or nothing, is not armed."""
    rules = machine.rules
    if rules.is_standing or event.amount == machine.amount:
        return stay(machine, event, now)
    typed = replace(machine, typed=event.amount, is_asked_twice=False)
    if 0 < event.amount <= min(rules.ask_above_amount, rules.limit_amount):
        armed, effects = arm(typed, now, event.amount)
        return armed, (Show("counters.amount_changed"), *effects)
    return to_idle(typed, now)


def pause(machine: Machine, _event: Paused, now: float) -> Step:
    """Back to IDLE; what was typed stays typed."""
    return to_idle(replace(machine, is_serving=False), now)


def clear_armed(machine: Machine, _event: Cleared, now: float) -> Step:
    """Keyed: drop the amount. Standing: the same price for whoever comes, begun anew."""
    if machine.rules.is_standing:
        return arm(machine, now, 0)
    idle, effects = to_idle(replace(machine, typed=0), now)
    return idle, (*effects, EmptyCart())


def clear_idle(machine: Machine, _event: Cleared, _now: float) -> Step:
    """Drop what was typed."""
    return replace(machine, typed=0, is_asked_twice=False), (EmptyCart(),)


def change_period(machine: Machine, event: PeriodChanged, now: float) -> Step:
    """P11: another meal before freeze begins anew; between meals nothing sells at a fixed price."""
    moved = replace(machine, period=event.period)
    if machine.rules.is_standing and not event.period:
        return go(moved, Phase.NO_PERIOD, now, **NOBODY), (Disarm(),)
    if machine.phase is Phase.IDLE or event.period == machine.period:
        return moved, ()
    return arm(moved, now, machine.amount)


def change_price(machine: Machine, _event: PriceChanged, now: float) -> Step:
    """P11: what the diner read no longer holds."""
    armed, effects = arm(machine, now, machine.amount)
    return armed, (Show("counters.amount_changed"), *effects)


def note_period(machine: Machine, event: PeriodChanged, _now: float) -> Step:
    """Elsewhere another meal is only noted: a frozen sale keeps its price."""
    return replace(machine, period=event.period), ()


def end_no_period(machine: Machine, event: PeriodChanged, now: float) -> Step:
    """The meal starts, or a supervisor holds one open; serving goes on if it was on."""
    moved = replace(machine, period=event.period)
    if not moved.sells():
        return moved, ()
    if moved.rules.is_standing and moved.is_serving:
        return arm(moved, now, 0)
    return to_idle(moved, now)


def start_top_up(machine: Machine, _event: TopUpStarted, now: float) -> Step:
    """Cash for a wallet: nobody is armed for while it is on the glass."""
    return go(machine, Phase.TOP_UP, now, amount=0, **NOBODY), (AwaitName(),)


def end_top_up(machine: Machine, _event: TopUpEnded, now: float) -> Step:
    """Go on where the line was: serving, waiting for an amount, or between meals."""
    return rest(machine, now)


def lock_blocked(machine: Machine, _event: LockPressed, _now: float) -> Step:
    """The shift ends though nothing can be sold: mended, it opens with a PIN."""
    return replace(machine, operator_id=None, operator_name="", is_serving=False), ()


def lock(machine: Machine, _event: LockPressed, now: float) -> Step:
    """Lock, change the operator or close: only between sales."""
    locked = go(machine, Phase.LOCKED, now, **NOBODY, is_serving=False)
    return replace(locked, operator_id=None, operator_name=""), (Disarm(),)
