"""The table's rows for who pays: ARMED, CANDIDATE, CONFIRM, SECOND_FACTOR and a second try.

Deliberate beats passive (P8): a card, code or number puts a face aside, never the other way round.
"""

from dataclasses import replace

from domain.errors import Defect
from sync.messages import CredentialKind
from terminal_app.counter.effects import Effect, Latch, Log, NewOrder, Play, Show, Tone
from terminal_app.counter.events import (
    CashGiven,
    CodeAsked,
    Confirmed,
    Entered,
    FaceGone,
    FaceKnown,
    FaceMeant,
    FaceSeen,
    FactorGiven,
    Offered,
    PlusOne,
    SecondFace,
    Tick,
    Who,
    ZoneEmptied,
)
from terminal_app.counter.machine import (
    Machine,
    Phase,
    Stage,
    Step,
    charge,
    go,
    rest,
    same_arming,
    stay,
)
from terminal_app.counter.payers import Doubt, Factor, Payer

__all__ = [
    "cancel_confirm",
    "confirm",
    "confirm_by_enter",
    "factor",
    "face_gone",
    "face_known",
    "face_lost_in_confirm",
    "face_meant",
    "face_seen",
    "face_seen_in_confirm",
    "offer",
    "offer_beside_face",
    "offer_in_factor",
    "pay_cash",
    "plus_one",
    "second_face",
    "several_faces",
    "show_payee_code",
    "tick_armed",
    "tick_candidate",
    "tick_confirm",
    "tick_factor",
    "wake_face",
]


# --- ARMED, and DECLINED's other credential ---------------------------------------------------


def offer(machine: Machine, event: Offered, now: float) -> Step:
    """A fresh card, code or number."""
    if machine.held is not None:
        return machine, ()  # the first complete credential wins
    return consider(machine, event.payer, now)


def consider(machine: Machine, payer: Payer, now: float) -> Step:
    """Decide what a payer must still do before the freeze: nothing, confirm, or prove."""
    if is_just_paid(machine, payer, now):
        return _back_to_armed(machine, now, "counters.already_paid", Tone.HINT)
    if payer.due_amount <= 0:
        return _back_to_armed(machine, now, "prices.none", Tone.HINT)
    if payer.doubt is not Doubt.NONE:
        return ask_factor(machine, payer, now)
    if must_confirm(machine, payer):
        return ask_confirm(machine, payer, now)
    return charge(machine, payer, now)


def is_just_paid(machine: Machine, payer: Payer, now: float) -> bool:
    """P7: within ten seconds the same person pays again only by the +1 key."""
    return payer.paid_at is not None and now - payer.paid_at < machine.rules.plus_one_within_s


def must_confirm(machine: Machine, payer: Payer) -> bool:
    """P7, P12, and a face wherever it may not pay by itself."""
    if payer.paid_at is not None:
        return True
    if machine.rules.needs_posted_price and not payer.is_posted:
        return True
    is_auto = machine.rules.face == "auto" and payer.is_opted_in
    return payer.is_face and not is_auto and not payer.proof


def ask_confirm(machine: Machine, payer: Payer, now: float) -> Step:
    """Show name and amount; an amount that was not on the glass before is shown from now (P11)."""
    shown_at = machine.shown_at if payer.is_posted else now
    track = payer.track_id if payer.is_face else machine.track_id
    asked = go(
        machine,
        Phase.CONFIRM,
        now,
        payer=payer,
        due=payer.due_amount,
        shown_at=shown_at,
        track_id=track,
        track_gone_at=None,
    )
    return asked, (Play(Tone.ASK),)


def ask_factor(machine: Machine, payer: Payer, now: float) -> Step:
    """Show the pad, or ask for the card."""
    if payer.factor is Factor.NONE:
        return _back_to_armed(machine, now, "factors.none", Tone.HINT)
    changes = {"payer": payer, "due": payer.due_amount, "wrong": 0, "track_id": payer.track_id}
    asked = go(machine, Phase.SECOND_FACTOR, now, **changes)
    return asked, (Play(Tone.ASK), Show(payer.doubt.value))


def pay_cash(machine: Machine, event: CashGiven, now: float) -> Step:
    """The cash key: enough must have been handed over."""
    payer = event.payer
    if payer.given_amount < payer.due_amount or payer.due_amount <= 0:
        return machine, (Show("cash.too_little"),)
    if machine.held is not None:
        return machine, ()
    return charge(machine, payer, now)


def show_payee_code(machine: Machine, event: CodeAsked, now: float) -> Step:
    """扫码收款: frozen first; the code comes with the server's answer."""
    if machine.held is not None:
        return machine, ()
    if event.payer.due_amount <= 0:
        return machine, (Show("prices.none"), Play(Tone.HINT))
    return charge(machine, event.payer, now)


def tick_armed(machine: Machine, event: Tick, now: float) -> Step:
    """Charge whoever was held; a keyed amount nobody pays goes back to IDLE."""
    if machine.held is not None:
        return _charge_held(machine, now)
    if not machine.rules.is_standing and now - machine.since >= machine.rules.keyed_idle_s:
        return rest(replace(machine, is_next_entered=False), now)
    return stay(machine, event, now)


def _charge_held(machine: Machine, now: float) -> Step:
    if machine.held is None:
        raise Defect("nobody is held")
    return charge(replace(machine, held=None), machine.held, now)


def wake_face(machine: Machine, _event: ZoneEmptied, _now: float) -> Step:
    """The zone is empty: a face that could not be told may try again."""
    return replace(machine, is_resting=False), ()


# --- CANDIDATE --------------------------------------------------------------------------------


def face_seen(machine: Machine, event: FaceSeen, now: float) -> Step:
    """P1–P3 hold for one face."""
    is_face_on = machine.rules.face != "off" and "face" in machine.rules.tenders
    if not is_face_on or machine.is_resting or machine.held is not None:
        return stay(machine, event, now)
    changes = {"track_id": event.track_id, "is_meant": False, "payer": None}
    return go(machine, Phase.CANDIDATE, now, **changes), ()


def face_known(machine: Machine, event: FaceKnown, now: float) -> Step:
    """P4: now the person is known; in auto mode P5 must hold too."""
    payer = event.payer
    if payer.track_id != machine.track_id:
        return stay(machine, event, now)
    if is_just_paid(machine, payer, now):
        return _back_to_armed(machine, now, "counters.already_paid", Tone.HINT, is_latched=True)
    if payer.due_amount <= 0:
        return _back_to_armed(machine, now, "prices.none", Tone.HINT, is_latched=True)
    known = replace(machine, payer=payer)
    if payer.doubt is not Doubt.NONE:
        return ask_factor(known, payer, now)
    if must_confirm(known, payer):
        return ask_confirm(known, payer, now)
    return charge(known, payer, now) if known.is_meant else (known, ())


def face_meant(machine: Machine, event: FaceMeant, now: float) -> Step:
    """P5: standing still, or a trigger."""
    if event.track_id != machine.track_id:
        return stay(machine, event, now)
    meant = replace(machine, is_meant=True)
    if meant.payer is None:
        return meant, ()
    return charge(meant, meant.payer, now)


def face_gone(machine: Machine, event: FaceGone, now: float) -> Step:
    """They walked on."""
    if event.track_id != machine.track_id:
        return stay(machine, event, now)
    return same_arming(machine, now), ()


def second_face(machine: Machine, _event: SecondFace, now: float) -> Step:
    """P2: one at a time."""
    return same_arming(machine, now), (Show("faces.several"),)


def several_faces(machine: Machine, _event: SecondFace, _now: float) -> Step:
    """P2, before either of them became a candidate."""
    return machine, (Show("faces.several"),)


def tick_candidate(machine: Machine, event: Tick, now: float) -> Step:
    """Charge who was held; a face nobody can name rests until the zone empties."""
    if machine.held is not None:
        return _charge_held(machine, now)
    if machine.payer is None and now - machine.since >= machine.rules.candidate_max_s:
        resting = same_arming(machine, now, is_resting=True)
        return resting, (Show("counters.not_recognised"), Log("face_unknown"))
    return stay(machine, event, now)


def offer_beside_face(machine: Machine, event: Offered, now: float) -> Step:
    """P8: deliberate beats passive; a card that waits for its own confirmation keeps its place."""
    if machine.payer is not None and not machine.payer.is_face:
        return stay(machine, event, now)
    armed = same_arming(machine, now)
    after, effects = consider(armed, event.payer, now)
    return after, (Latch(machine.track_id), *effects)


# --- CONFIRM ----------------------------------------------------------------------------------


def confirm(machine: Machine, event: Confirmed, now: float) -> Step:
    """确认, by whoever may say so."""
    if machine.payer is None or not may_confirm(machine, event.who):
        return stay(machine, event, now)
    if now - machine.shown_at < machine.rules.shown_min_s:
        return stay(machine, event, now)  # that press was meant for something else
    payer = replace(machine.payer, confirmed_by=event.who.value)
    return charge(machine, payer, now)


def confirm_by_enter(machine: Machine, _event: Entered, now: float) -> Step:
    """The cashier's Enter."""
    return confirm(machine, Confirmed(Who.CASHIER), now)


def may_confirm(machine: Machine, who: Who) -> bool:
    """P7 is the cashier's to allow; a face is confirmed by whom the profile says."""
    is_cashier = who in (Who.CASHIER, Who.SUPERVISOR)
    if not machine.rules.is_attended:
        return who is Who.DINER
    if machine.payer is not None and (machine.payer.paid_at is not None or machine.is_extra):
        return is_cashier
    if machine.payer is not None and not machine.payer.is_face:
        return True
    allowed = machine.rules.confirm_by
    return allowed == "either" or (allowed == "cashier") == is_cashier


def cancel_confirm(machine: Machine, event: object, now: float) -> Step:
    """不是我, or clear: nothing was charged, and this track may not try again."""
    return _leave_confirm(machine, now, "counters.not_me", f"confirm_{type(event).__name__}")


def tick_confirm(machine: Machine, event: Tick, now: float) -> Step:
    """Eight seconds, or two without the face."""
    gone_at = machine.track_gone_at
    if gone_at is not None and now - gone_at >= machine.rules.track_lost_s:
        return _leave_confirm(machine, now, "counters.timed_out", "confirm_left")
    if now - machine.since >= machine.rules.confirm_max_s:
        return _leave_confirm(machine, now, "counters.timed_out", "confirm_timed_out")
    return stay(machine, event, now)


def _leave_confirm(machine: Machine, now: float, code: str, log: str) -> Step:
    effects = (Latch(machine.track_id), Show(code), Log(log))
    if machine.is_extra:
        after, more = rest(machine, now)
        return after, (*effects, *more)
    # A price shown only here (P12) leaves the glass: what is armed is shown anew
    return same_arming(machine, now, shown_at=now), effects


def face_lost_in_confirm(machine: Machine, event: FaceGone, now: float) -> Step:
    """The face may come back within two seconds."""
    is_theirs = machine.payer is not None and machine.payer.is_face
    if not is_theirs or event.track_id != machine.track_id:
        return stay(machine, event, now)
    return replace(machine, track_gone_at=now), ()


def face_seen_in_confirm(machine: Machine, event: FaceSeen, now: float) -> Step:
    """They looked back."""
    if event.track_id != machine.track_id:
        return stay(machine, event, now)
    return replace(machine, track_gone_at=None), ()


# --- SECOND_FACTOR ----------------------------------------------------------------------------


def factor(machine: Machine, event: FactorGiven, now: float) -> Step:
    """Right: go on. Wrong twice: without the face."""
    if machine.payer is None:
        raise Defect("a factor without a payer")
    if event.is_right:
        return _proved(machine, machine.payer, event.proof, now)
    wrong = machine.wrong + 1
    if wrong < machine.rules.factor_wrong_max:
        return replace(machine, wrong=wrong), (Show("factors.wrong"), Play(Tone.DECLINED))
    return _give_up_factor(machine, now, "factors.spent", "factor_wrong")


def offer_in_factor(machine: Machine, event: Offered, now: float) -> Step:
    """The person's own card proves the face; anybody else's takes its place (P8)."""
    if machine.payer is not None and machine.payer.is_same_person(event.payer):
        return _proved(machine, machine.payer, event.payer.credential.value, now)
    after, effects = consider(same_arming(machine, now), event.payer, now)
    return after, (Latch(machine.track_id), *effects)


def tick_factor(machine: Machine, event: Tick, now: float) -> Step:
    """Charge who was held; fifteen seconds are enough."""
    if machine.held is not None:
        return _charge_held(machine, now)
    if now - machine.since >= machine.rules.factor_max_s:
        return _give_up_factor(machine, now, "counters.timed_out", "factor_timed_out")
    return stay(machine, event, now)


def _proved(machine: Machine, payer: Payer, proof: str, now: float) -> Step:
    proved = replace(payer, doubt=Doubt.NONE, proof=proof)
    if proved.paid_at is not None or (machine.rules.needs_posted_price and not proved.is_posted):
        return ask_confirm(machine, proved, now)
    return charge(machine, proved, now)


def _give_up_factor(machine: Machine, now: float, code: str, log: str) -> Step:
    armed = same_arming(machine, now, is_resting=True)
    return armed, (Latch(machine.track_id), Show(code), Play(Tone.DECLINED), Log(log))


# --- one more portion -------------------------------------------------------------------------


def plus_one(machine: Machine, event: PlusOne, now: float) -> Step:
    """The cashier's +1: a new order for the one who has just paid, at the second price."""
    payer = machine.payer
    if payer is None or payer.person_id is None or machine.charged != machine.arming:
        return stay(machine, event, now)
    if payer.credential is CredentialKind.WALLET_CODE:
        return machine, (Show("codes.replayed"),)  # a code pays once; they show a new one
    second = payer.due_amount if payer.second_amount is None else payer.second_amount
    again = replace(payer, due_amount=second, is_posted=False, confirmed_by="", given_amount=0)
    armed = replace(machine, arming=machine.arming + 1, stage=Stage.ASKING, approved_at=None)
    if not machine.rules.is_standing:
        armed = replace(armed, amount=second)
    asked, effects = ask_confirm(replace(armed, is_extra=True, is_told=False), again, now)
    return asked, (NewOrder(asked.arming), *effects)


def _back_to_armed(
    machine: Machine, now: float, code: str, tone: Tone, *, is_latched: bool = False
) -> Step:
    effects: tuple[Effect, ...] = (Show(code), Play(tone))
    if is_latched:
        effects = (Latch(machine.track_id), *effects)
    if machine.phase in (Phase.ARMED, Phase.DECLINED):
        return machine, effects
    return same_arming(machine, now), effects
