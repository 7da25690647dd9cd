"""The counter's machine: the pure table `(state, event, now) → (state, effects)`.

Read `TABLE` as the page of rules: per phase, which event is taken by which row, and where it may
lead. An event without a row in the present phase is ignored: nothing happens by accident. The rows
are small functions in `opening` (the day), `arming` (the amount), `choosing` (who pays),
`charging` (the frozen sale) and `mistakes` (taking back).

Rules
- No I/O, no clock, no randomness: `now` is monotonic seconds, ids are serial numbers that
  `run.py` maps to real ones.
- An answer is taken only for the sale it names: the one in hand, or one parked beside the line.
- A row leads only where the table says; `advance` asserts it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from domain.errors import Defect
from terminal_app.counter import arming, charging, choosing, mistakes, opening
from terminal_app.counter import events as on
from terminal_app.counter.machine import Handler, Machine, Phase, Step

__all__ = ["TABLE", "Machine", "Phase", "Row", "advance"]


P = Phase


@dataclass(frozen=True, slots=True)
class Row:
    """What takes an event, and the phases it may lead to besides the one it is in."""

    handler: Handler
    leads_to: frozenset[Phase]


def _row(handler: Handler, *leads_to: Phase) -> Row:
    return Row(handler, frozenset(leads_to))


Rows = Mapping[type, Row]

_RESTING = (P.IDLE, P.ARMED, P.NO_PERIOD, P.BLOCKED)
"""Where the end of a sale may lead."""
_CHOSEN = (P.ARMED, P.CONFIRM, P.SECOND_FACTOR, P.AUTHORISING)
"""Where a payer may lead."""

_NEW_MEAL: Rows = {on.PeriodChanged: _row(arming.change_period, P.ARMED, P.NO_PERIOD)}
_NEW_PRICE: Rows = {on.PriceChanged: _row(arming.change_price, P.ARMED)}
_BLOCK_NOW: Rows = {
    on.Obstructed: _row(opening.obstruct, P.BLOCKED),
    on.NotStored: _row(charging.not_stored, P.BLOCKED),
}
_BLOCK_LATER: Rows = {
    on.Obstructed: _row(opening.obstruct_later),
    on.Mended: _row(opening.mend_pending),
    on.PeriodChanged: _row(arming.note_period),
    on.NotStored: _row(charging.not_stored_later),
}
_BLOCK_AFTER_STORE: Rows = {**_BLOCK_LATER, on.NotStored: _row(charging.not_stored, P.BLOCKED)}
_BEFORE_FREEZE: Rows = {
    **_NEW_MEAL,
    **_NEW_PRICE,
    **_BLOCK_NOW,
    on.AmountKeyed: _row(arming.key_armed, P.ARMED, P.IDLE),
    on.Paused: _row(arming.pause, P.IDLE),
    on.NotTaken: _row(opening.show_code),
}
_UNDO_BESIDE: Rows = {on.UndoAsked: _row(mistakes.undo_beside)}
_TOP_UP: Rows = {on.TopUpStarted: _row(arming.start_top_up, P.TOP_UP)}
_UNDO_SHOWN: Rows = {on.UndoAsked: _row(mistakes.undo_shown, P.CANCELLING)}
_LEFT_EARLY: Rows = {on.ZoneEmptied: _row(charging.note_emptied)}
_TYPE_NEXT: Rows = {
    on.AmountKeyed: _row(charging.type_next),
    on.Entered: _row(charging.enter_next),
}

TABLE: Final[Mapping[Phase, Rows]] = {
    P.STARTING: {
        **_BLOCK_LATER,
        on.CoreReady: _row(opening.core_ready, P.RECOVER),
    },
    P.RECOVER: {
        **_BLOCK_LATER,
        on.Recovered: _row(opening.recovered, P.LOCKED, *_RESTING),
    },
    P.LOCKED: {
        **_BLOCK_NOW,
        on.PeriodChanged: _row(arming.note_period),
        on.SignedIn: _row(opening.sign_in),
        on.DayConfirmed: _row(opening.confirm_day, *_RESTING),
        on.LockPressed: _row(arming.lock),
        on.NotTaken: _row(opening.show_code),
    },
    P.NO_PERIOD: {
        **_BLOCK_NOW,
        **_UNDO_BESIDE,
        **_TOP_UP,
        on.PeriodChanged: _row(arming.end_no_period, P.IDLE, P.ARMED),
        on.LockPressed: _row(arming.lock, P.LOCKED),
    },
    P.IDLE: {
        **_BLOCK_NOW,
        **_UNDO_BESIDE,
        **_TOP_UP,
        on.PeriodChanged: _row(arming.change_period, P.NO_PERIOD),
        on.AmountKeyed: _row(arming.key_idle),
        on.Entered: _row(arming.enter_idle, P.ARMED),
        on.ServingStarted: _row(arming.start_serving, P.ARMED),
        on.Cleared: _row(arming.clear_idle),
        on.LockPressed: _row(arming.lock, P.LOCKED),
        on.NotTaken: _row(opening.show_code),
    },
    P.ARMED: {
        **_BEFORE_FREEZE,
        **_UNDO_BESIDE,
        **_TOP_UP,
        on.Offered: _row(choosing.offer, *_CHOSEN),
        on.FaceSeen: _row(choosing.face_seen, P.CANDIDATE),
        on.SecondFace: _row(choosing.several_faces),
        on.CashGiven: _row(choosing.pay_cash, P.AUTHORISING),
        on.CodeAsked: _row(choosing.show_payee_code, P.AUTHORISING),
        on.Cleared: _row(arming.clear_armed, P.IDLE),
        on.ZoneEmptied: _row(choosing.wake_face),
        on.LockPressed: _row(arming.lock, P.LOCKED),
        on.Tick: _row(choosing.tick_armed, P.AUTHORISING, *_RESTING),
    },
    P.CANDIDATE: {
        **_BEFORE_FREEZE,
        **_UNDO_BESIDE,
        on.FaceKnown: _row(choosing.face_known, *_CHOSEN),
        on.FaceMeant: _row(choosing.face_meant, P.AUTHORISING),
        on.FaceGone: _row(choosing.face_gone, P.ARMED),
        on.SecondFace: _row(choosing.second_face, P.ARMED),
        on.Offered: _row(choosing.offer_beside_face, *_CHOSEN),
        on.CashGiven: _row(choosing.pay_cash, P.AUTHORISING),
        on.CodeAsked: _row(choosing.show_payee_code, P.AUTHORISING),
        on.Cleared: _row(arming.clear_armed, P.IDLE, P.ARMED),
        on.Tick: _row(choosing.tick_candidate, P.ARMED, P.AUTHORISING),
    },
    P.CONFIRM: {
        **_BEFORE_FREEZE,
        **_UNDO_BESIDE,
        on.Confirmed: _row(choosing.confirm, P.AUTHORISING),
        on.Entered: _row(choosing.confirm_by_enter, P.AUTHORISING),
        on.NotMe: _row(choosing.cancel_confirm, *_RESTING),
        on.Cleared: _row(choosing.cancel_confirm, *_RESTING),
        on.Offered: _row(choosing.offer_beside_face, *_CHOSEN),
        on.FaceGone: _row(choosing.face_lost_in_confirm),
        on.FaceSeen: _row(choosing.face_seen_in_confirm),
        on.Tick: _row(choosing.tick_confirm, *_RESTING),
    },
    P.SECOND_FACTOR: {
        **_BEFORE_FREEZE,
        **_UNDO_BESIDE,
        on.FactorGiven: _row(choosing.factor, P.CONFIRM, P.AUTHORISING, P.ARMED),
        on.Offered: _row(choosing.offer_in_factor, *_CHOSEN),
        on.NotMe: _row(choosing.cancel_confirm, *_RESTING),
        on.Cleared: _row(choosing.cancel_confirm, *_RESTING),
        on.Tick: _row(choosing.tick_factor, P.AUTHORISING, P.ARMED),
    },
    P.AUTHORISING: {
        **_LEFT_EARLY,
        **_BLOCK_AFTER_STORE,
        **_UNDO_BESIDE,
        on.Approved: _row(charging.approved),
        on.OnDisk: _row(charging.on_disk, P.APPROVED),
        on.Declined: _row(charging.declined, P.DECLINED),
        on.Repriced: _row(charging.repriced, P.CONFIRM),
        on.FactorNeeded: _row(charging.factor_needed, P.SECOND_FACTOR, P.DECLINED),
        on.Awaiting: _row(charging.awaiting, P.AWAITING),
        on.Unanswered: _row(charging.unanswered, P.AWAITING),
        on.Cleared: _row(charging.give_up, P.CANCELLING),
        on.Tick: _row(charging.tick_authorising, P.AWAITING),
    },
    P.AWAITING: {
        **_LEFT_EARLY,
        **_BLOCK_AFTER_STORE,
        **_UNDO_BESIDE,
        on.Approved: _row(charging.approved),
        on.OnDisk: _row(charging.on_disk, P.APPROVED),
        on.Declined: _row(charging.declined, P.DECLINED),
        on.Repriced: _row(charging.repriced, P.CONFIRM),
        on.Unanswered: _row(charging.awaiting_unanswered),
        on.Awaiting: _row(charging.awaiting_unanswered),
        on.NextPressed: _row(charging.next_diner, *_RESTING),
        on.NewCodePressed: _row(charging.new_code, P.CANCELLING),
        on.StopPressed: _row(charging.give_up, P.CANCELLING),
        on.Cleared: _row(charging.give_up, P.CANCELLING),
        on.Tick: _row(charging.tick_awaiting, P.CANCELLING),
    },
    P.APPROVED: {
        **_LEFT_EARLY,
        **_BLOCK_LATER,
        **_UNDO_SHOWN,
        **_TYPE_NEXT,
        on.PlusOne: _row(choosing.plus_one, P.CONFIRM),
        on.Tick: _row(charging.tick_approved, P.CLEARING, *_RESTING),
    },
    P.CANCELLING: {
        **_LEFT_EARLY,
        **_BLOCK_AFTER_STORE,
        **_UNDO_BESIDE,
        on.CancelledOnDisk: _row(mistakes.cancelled_on_disk, P.REVERSED),
        on.CancelDefinite: _row(mistakes.cancel_definite, P.REVERSED, P.AUTHORISING, P.ARMED),
        on.ProvedPaid: _row(mistakes.proved_paid, P.APPROVED),
        on.Tick: _row(mistakes.tick_cancelling, *_RESTING),
    },
    P.REVERSED: {
        **_LEFT_EARLY,
        **_BLOCK_LATER,
        **_UNDO_BESIDE,
        **_TYPE_NEXT,
        on.Tick: _row(mistakes.tick_reversed, P.CLEARING, *_RESTING),
    },
    P.CLEARING: {
        **_BLOCK_LATER,
        **_UNDO_SHOWN,
        **_TYPE_NEXT,
        on.ZoneEmptied: _row(charging.zone_emptied, *_RESTING),
        on.AnotherPerson: _row(charging.another_person, *_RESTING),
        on.Cleared: _row(charging.clear_clearing, *_RESTING),
        on.PlusOne: _row(choosing.plus_one, P.CONFIRM),
        on.Tick: _row(charging.tick_clearing),
    },
    P.DECLINED: {
        **_LEFT_EARLY,
        **_BLOCK_AFTER_STORE,
        **_UNDO_BESIDE,
        on.Offered: _row(charging.offer_after_decline, *_CHOSEN),
        on.CashGiven: _row(choosing.pay_cash, P.AUTHORISING),
        on.CodeAsked: _row(choosing.show_payee_code, P.AUTHORISING),
        on.OnAccount: _row(charging.on_account, P.AUTHORISING),
        on.NotTaken: _row(opening.show_code),
        on.Cleared: _row(charging.clear_declined, P.CLEARING, *_RESTING),
        on.Tick: _row(charging.tick_declined, P.AUTHORISING, P.CLEARING, *_RESTING),
    },
    P.TOP_UP: {
        **_BLOCK_LATER,
        **_UNDO_BESIDE,
        on.TopUpEnded: _row(arming.end_top_up, *_RESTING),
        on.NotTaken: _row(opening.show_code),
    },
    P.BLOCKED: {
        **_UNDO_BESIDE,
        on.Obstructed: _row(opening.obstructed_again),
        on.PeriodChanged: _row(arming.note_period),
        on.Mended: _row(opening.mend, P.LOCKED, P.RECOVER, *_RESTING),
        on.CapExtended: _row(opening.extend, P.LOCKED, *_RESTING),
        on.LockPressed: _row(arming.lock_blocked),
    },
}

_ANSWERS = (
    on.Approved,
    on.OnDisk,
    on.Declined,
    on.Repriced,
    on.FactorNeeded,
    on.Awaiting,
    on.Unanswered,
    on.CancelledOnDisk,
    on.CancelDefinite,
    on.ProvedPaid,
    on.NotStored,
)


def advance(machine: Machine, event: on.Event, now: float) -> Step:
    """Return the next state and what to do, in order; pure.

    Asserts that the row led where the table says, so that the drawn table and the running one
    cannot drift apart.
    """
    if isinstance(event, on.Tick) and machine.parked:
        machine, parked_effects = mistakes.tick_parked(machine, now)
        after, effects = _take(machine, event, now)
        return after, (*parked_effects, *effects)
    if isinstance(event, _ANSWERS):
        if mistakes.parked_of(machine, event.sale) is not None:
            return mistakes.answer_parked(machine, event, now)
        if event.sale != machine.sale and not isinstance(event, on.NotStored):
            return machine, ()
    return _take(machine, event, now)


def _take(machine: Machine, event: on.Event, now: float) -> Step:
    row = TABLE[machine.phase].get(type(event))
    if row is None:
        return machine, ()
    after, effects = row.handler(machine, event, now)
    if after.phase is not machine.phase and after.phase not in row.leads_to:
        raise Defect(f"{machine.phase} {type(event).__name__} led to {after.phase}")
    return after, effects


def ways_out(phase: Phase) -> Iterable[Phase]:
    """Return every phase that one event can lead to."""
    return {target for row in TABLE[phase].values() for target in row.leads_to} - {phase}
