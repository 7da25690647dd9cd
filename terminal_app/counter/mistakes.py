"""The table's rows for taking back: CANCELLING, REVERSED, undo, and sales parked beside the line.

Rules
- Before an acceptance is on disk, giving up is a cancellation; after it, only a refund.
- Undo of the sale on the glass is seen there; of an older one only its row in the strip pulses, so
  the diner who is being served notices nothing.
- Nothing is called failed while it is unknown: after its time a cancelling sale is parked.
"""

from dataclasses import replace

from terminal_app.counter.charging import to_clearing
from terminal_app.counter.effects import (
    Effect,
    Forget,
    JournalAcceptance,
    JournalCancellation,
    JournalDecline,
    JournalRefund,
    Log,
    Park,
    Play,
    Poll,
    Show,
    Tone,
)
from terminal_app.counter.events import (
    Approved,
    CancelDefinite,
    CancelledOnDisk,
    Declined,
    NotStored,
    OnDisk,
    ProvedPaid,
    Tick,
    UndoAsked,
    Who,
)
from terminal_app.counter.machine import (
    Machine,
    Parked,
    Phase,
    Step,
    Then,
    charge,
    go,
    rest,
    same_arming,
    stay,
)


def undo_shown(machine: Machine, event: UndoAsked, now: float) -> Step:
    """撤销 of the sale on the glass, or 取消 by the diner within five seconds."""
    if event.sale != machine.sale or machine.charged != machine.arming:
        return undo_beside(machine, event, now)
    if event.who is Who.DINER and not _diner_may_undo(machine, now):
        return machine, (Show("undo.too_late"),)
    undoing = go(machine, Phase.CANCELLING, now, is_undo=True, asked_at=now)
    return undoing, (JournalRefund(event.sale, f"undo_{event.who}", is_shown=True),)


def _diner_may_undo(machine: Machine, now: float) -> bool:
    approved_at = machine.approved_at
    is_soon = approved_at is not None and now - approved_at <= machine.rules.diner_undo_s
    return machine.rules.is_attended and is_soon


def undo_beside(machine: Machine, event: UndoAsked, now: float) -> Step:
    """An older sale, from any state: the line goes on."""
    if event.who is Who.DINER:
        return stay(machine, event, now)
    return machine, (JournalRefund(event.sale, f"undo_{event.who}"),)


# --- CANCELLING and REVERSED ------------------------------------------------------------------


def cancelled_on_disk(machine: Machine, event: CancelledOnDisk, now: float) -> Step:
    """An own tender is undone by the record itself; a channel's word is waited for."""
    if not event.is_definite:
        return stay(machine, event, now)
    return _reversed(machine, now)


def cancel_definite(machine: Machine, event: CancelDefinite, now: float) -> Step:
    """The server says that nothing is taken any more; money that came late is told as returned."""
    if event.was_taken:
        return _reversed(replace(machine, was_taken=True), now)
    if machine.then is Then.AGAIN and machine.payer is not None:
        again, effects = charge(machine, machine.payer, now)
        return again, (Forget(machine.sale), *effects)
    if machine.then is Then.EXPIRED:
        # The amount is read on the glass again: whoever pays next saw it there (P11)
        armed = same_arming(machine, now, shown_at=now)
        return armed, (Show("codes.shown_expired"), Play(Tone.HINT), Forget(machine.sale))
    return _reversed(machine, now)


def _reversed(machine: Machine, now: float) -> Step:
    log = Log("undone" if machine.is_undo else "given_up", machine.sale)
    undone = go(machine, Phase.REVERSED, now)
    return undone, (Play(Tone.REVERSED), log, Forget(machine.sale))


def proved_paid(machine: Machine, event: ProvedPaid, now: float) -> Step:
    """The refund was refused: the sale stands, and is shown as what it is."""
    if not machine.is_undo:
        return stay(machine, event, now)
    shown = go(machine, Phase.APPROVED, now, is_undo=False)
    return shown, (Show(event.code or "payments.still_paid"), Play(Tone.DECLINED))


def tick_cancelling(machine: Machine, event: Tick, now: float) -> Step:
    """Ask once a second; after fifteen park it, still unknown."""
    if now - machine.since >= machine.rules.cancelling_max_s:
        parked = (*machine.parked, Parked(machine.sale, now, is_cancelling=True))
        after, effects = rest(replace(machine, parked=parked), now)
        return after, (Park(machine.sale, is_cancelling=True), *effects)
    if now - machine.asked_at >= machine.rules.poll_every_s:
        return replace(machine, asked_at=now), (Poll(machine.sale),)
    return stay(machine, event, now)


def tick_reversed(machine: Machine, event: Tick, now: float) -> Step:
    """已退回 is seen for a second and a half."""
    if now - machine.since < machine.rules.reversed_s:
        return stay(machine, event, now)
    return to_clearing(machine, now)


# --- parked sales, in any phase ---------------------------------------------------------------


def parked_of(machine: Machine, sale: int) -> Parked | None:
    """The parked sale of this number."""
    return next((parked for parked in machine.parked if parked.sale == sale), None)


def answer_parked(machine: Machine, event: object, _now: float) -> Step:
    """What became of a sale beside the line; the phase of the line is untouched."""
    sale = getattr(event, "sale", 0)
    parked = parked_of(machine, sale)
    if parked is None:
        return machine, ()
    without = replace(machine, parked=tuple(one for one in machine.parked if one is not parked))
    match event:
        case Approved() if not parked.is_cancelling:
            return machine, (JournalAcceptance(sale, event.is_online),)
        case OnDisk():
            return without, (Play(Tone.APPROVED), Log("parked_approved", sale), Forget(sale))
        case Declined() if not parked.is_cancelling:
            ending: Effect = JournalCancellation(sale, event.code)
            if event.is_on_file:
                ending = JournalDecline(sale, event.code)
            return without, (ending, Play(Tone.DECLINED), Forget(sale))
        case CancelDefinite(was_taken=True):
            # Paid after it was given up: whoever stands there still believes it is paid
            return without, (Play(Tone.REVERSED), Log("parked_returned", sale), Forget(sale))
        case CancelDefinite() | ProvedPaid():
            return without, (Log("parked_settled", sale), Forget(sale))
        case NotStored():
            return replace(without, obstacle=event.code, has_open_intent=True), ()
    return machine, ()


def tick_parked(machine: Machine, now: float) -> Step:
    """A phone that is not answered in time is given up, journalled first.

    One that is being given up is watched as long again; then only its row in the strip, and the
    journal's custody, speak of it.
    """
    longest_s = machine.rules.awaiting_max_s
    late = [one for one in machine.parked if now - one.since >= (one.max_s or longest_s)]
    if not late:
        return machine, ()
    giving_up = [one for one in late if not one.is_cancelling]
    kept = [one for one in machine.parked if one not in late]
    kept += [replace(one, is_cancelling=True, since=now, max_s=None) for one in giving_up]
    effects: list[Effect] = [JournalCancellation(one.sale, "timed_out") for one in giving_up]
    effects += [Forget(one.sale) for one in late if one.is_cancelling]
    return replace(machine, parked=tuple(kept)), tuple(effects)
