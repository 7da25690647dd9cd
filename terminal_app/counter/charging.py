"""The table's rows for a frozen sale: AUTHORISING, AWAITING, APPROVED, DECLINED, CLEARING.

Rules
- A yes is shown only after `OnDisk`. A no, whatever its reason, charges nothing: when the server
  may have said yes without our hearing it, the no comes with a journalled cancellation.
- Own tenders (wallet, cash) fall back to the offline decision under the same id; a channel waits.
- Answers about another sale than the one in hand never reach these rows (`states.advance`).
"""

from dataclasses import replace

from domain.authorization import Tender
from domain.errors import Defect
from terminal_app.counter.choosing import ask_confirm, ask_factor, consider, is_just_paid
from terminal_app.counter.effects import (
    DecideOffline,
    Effect,
    EmptyCart,
    Forget,
    JournalAcceptance,
    JournalCancellation,
    JournalDecline,
    OpenDrawer,
    Park,
    Play,
    Poll,
    PrintReceipt,
    Show,
    Tone,
)
from terminal_app.counter.events import (
    AmountKeyed,
    AnotherPerson,
    Approved,
    Awaiting,
    Cleared,
    Declined,
    Entered,
    FactorNeeded,
    NewCodePressed,
    NextPressed,
    NotStored,
    Offered,
    OnAccount,
    OnDisk,
    Repriced,
    StopPressed,
    Tick,
    Unanswered,
    What,
    ZoneEmptied,
)
from terminal_app.counter.machine import (
    Machine,
    Parked,
    Phase,
    Stage,
    Step,
    Then,
    block,
    charge,
    go,
    rest,
    stay,
)
from terminal_app.counter.payers import ON_ACCOUNT, Doubt, Factor, Payer


def tender_of(machine: Machine) -> Tender:
    """The tender of the sale in hand."""
    return _payer(machine).tender


def _payer(machine: Machine) -> Payer:
    if machine.payer is None:
        raise Defect(f"no payer in {machine.phase}")
    return machine.payer


# --- AUTHORISING and AWAITING -----------------------------------------------------------------


def approved(machine: Machine, event: Approved, now: float) -> Step:
    """Yes: first to disk. Only the first yes counts, online or offline."""
    if machine.stage is Stage.DECIDED:
        return stay(machine, event, now)
    decided = replace(machine, stage=Stage.DECIDED)
    return decided, (JournalAcceptance(event.sale, event.is_online),)


def on_disk(machine: Machine, event: OnDisk, now: float) -> Step:
    """Now it may be seen and heard, and the arming is used up."""
    shown = go(machine, Phase.APPROVED, now, charged=machine.arming, approved_at=now, is_told=False)
    shown = replace(shown, amount=0, typed=0, is_asked_twice=False)
    effects: list[Effect] = [Play(Tone.APPROVED), EmptyCart(), PrintReceipt(event.sale)]
    if tender_of(machine) is Tender.CASH:
        effects.insert(0, OpenDrawer())
    return shown, tuple(effects)


def declined(machine: Machine, event: Declined, now: float) -> Step:
    """No. Nothing beeps green, and nothing stays taken."""
    if machine.stage is Stage.DECIDED:
        return stay(machine, event, now)
    ending = (
        JournalDecline(event.sale, event.code)
        if event.is_on_file
        else JournalCancellation(event.sale, event.code)
    )
    refused = go(machine, Phase.DECLINED, now, code=event.code)
    return refused, (ending, Play(Tone.DECLINED), Forget(event.sale))


def repriced(machine: Machine, event: Repriced, now: float) -> Step:
    """The total shown is the total charged: show the server's, ask, and take a new id."""
    payer = replace(_payer(machine), due_amount=event.amount, is_posted=False, confirmed_by="")
    asked, effects = ask_confirm(machine, payer, now)
    return asked, (JournalCancellation(event.sale, "prices.changed"), *effects)


def factor_needed(machine: Machine, event: FactorNeeded, now: float) -> Step:
    """The decider asks for more than the credential; the next try has a new id."""
    payer = _payer(machine)
    if payer.factor is Factor.NONE or payer.proof:
        return declined(machine, Declined(event.sale, event.code), now)
    asked, effects = ask_factor(machine, replace(payer, doubt=Doubt.ABOVE_CAP), now)
    return asked, (JournalCancellation(event.sale, event.code), *effects)


def awaiting(machine: Machine, _event: Awaiting, now: float) -> Step:
    """The payer's phone asks them; or the channel does not know yet."""
    return go(machine, Phase.AWAITING, now, asked_at=now, heard_at=now), ()


def unanswered(machine: Machine, event: Unanswered, now: float) -> Step:
    """Own tenders are decided here and now; a channel is waited for."""
    if tender_of(machine) is Tender.CHANNEL:
        return awaiting(machine, Awaiting(event.sale), now)
    return _decide_offline(machine)


def _decide_offline(machine: Machine) -> Step:
    if machine.stage is not Stage.ASKING:
        return machine, ()
    return replace(machine, stage=Stage.OFFLINE), (DecideOffline(machine.sale),)


def tick_authorising(machine: Machine, event: Tick, now: float) -> Step:
    """The wallet's budget; a channel's answer is bounded by AWAITING."""
    if now - machine.since < machine.rules.wallet_budget_s:
        return stay(machine, event, now)
    if tender_of(machine) is Tender.CHANNEL:
        return awaiting(machine, Awaiting(machine.sale), now)
    return _decide_offline(machine)


def give_up(machine: Machine, event: Cleared | StopPressed, now: float) -> Step:
    """Clear or stop: the cancellation goes to disk first; a yes on its way to disk wins."""
    if machine.stage is Stage.DECIDED:
        return stay(machine, event, now)
    return _cancel(machine, now, "cleared")


def new_code(machine: Machine, event: NewCodePressed, now: float) -> Step:
    """Another code for this sale: only when the old one is closed, so that one is ever paid."""
    if not machine.is_showing or machine.stage is Stage.DECIDED:
        return stay(machine, event, now)
    return _cancel(machine, now, "new_code", Then.AGAIN)


def _cancel(machine: Machine, now: float, reason: str, then: Then = Then.OVER) -> Step:
    cancelling = go(machine, Phase.CANCELLING, now, is_undo=False, asked_at=now, then=then)
    return cancelling, (JournalCancellation(machine.sale, reason, is_shown=True),)


def awaiting_unanswered(machine: Machine, event: Unanswered | Awaiting, now: float) -> Step:
    """Still nothing definite: the next poll is the tick's."""
    if isinstance(event, Awaiting):
        return replace(machine, heard_at=now), ()
    return stay(machine, event, now)


def tick_awaiting(machine: Machine, event: Tick, now: float) -> Step:
    """Ask again and again; after 45 s give up, or when the code that is shown grows too old."""
    if machine.stage is Stage.DECIDED:
        return stay(machine, event, now)
    if now - machine.since >= machine.awaiting_max_s:
        then = Then.EXPIRED if machine.is_showing else Then.OVER
        return _cancel(machine, now, "timed_out", then)
    rules = machine.rules
    every_s = rules.code_poll_every_s if machine.is_showing else rules.poll_every_s
    if now - machine.asked_at >= every_s:
        return replace(machine, asked_at=now), (Poll(machine.sale),)
    return stay(machine, event, now)


def next_diner(machine: Machine, event: NextPressed, now: float) -> Step:
    """Park this phone beside the line; its arming is used up, whatever comes of it."""
    is_full = machine.awaited >= machine.rules.parked_max
    if is_full or machine.stage is Stage.DECIDED:
        return stay(machine, event, now)
    parked = (
        *machine.parked,
        Parked(machine.sale, machine.since, max_s=machine.awaiting_max_s),
    )
    done = replace(machine, parked=parked, charged=machine.arming, amount=0, typed=0)
    after, effects = rest(done, now)
    return after, (Park(machine.sale), EmptyCart(), *effects)


def not_stored(machine: Machine, event: NotStored, now: float) -> Step:
    """The disk would not take it: nothing is shown, and the intent gets its outcome first."""
    blocked, effects = block(replace(machine, has_open_intent=True), now, event.code)
    return blocked, (Play(Tone.DECLINED), *effects)


def not_stored_later(machine: Machine, event: NotStored, _now: float) -> Step:
    """An older sale's record would not go to disk while this one is on the glass."""
    return replace(machine, obstacle=event.code, has_open_intent=True), ()


# --- APPROVED, CLEARING and DECLINED ----------------------------------------------------------


def type_next(machine: Machine, event: AmountKeyed, _now: float) -> Step:
    """The next amount may be typed at once."""
    return replace(machine, typed=event.amount, is_next_entered=False), ()


def enter_next(machine: Machine, event: Entered, now: float) -> Step:
    """Enter for the next diner, once this one has gone; a large sum waits for IDLE's question."""
    rules = machine.rules
    is_plain = 0 < machine.typed <= min(rules.ask_above_amount, rules.limit_amount)
    if rules.is_standing or not is_plain:
        return stay(machine, event, now)
    return replace(machine, is_next_entered=True), ()


def tick_approved(machine: Machine, event: Tick, now: float) -> Step:
    """The green tick is seen for at least 0.8 s."""
    if now - machine.since < machine.rules.approved_min_s:
        return stay(machine, event, now)
    return to_clearing(machine, now)


def to_clearing(machine: Machine, now: float) -> Step:
    """Wait until what was spent is gone; cash and numbers leave nothing behind."""
    if machine.spent is What.NOTHING or machine.is_emptied:
        return _serve_next(machine, now)
    return go(machine, Phase.CLEARING, now), ()


def _serve_next(machine: Machine, now: float) -> Step:
    after, effects = rest(machine, now)
    return after, (Forget(machine.sale), *effects)


def note_emptied(machine: Machine, event: ZoneEmptied, now: float) -> Step:
    """It left while the sale was still decided or shown: it will not leave a second time."""
    if event.what is not machine.spent:
        return stay(machine, event, now)
    return replace(machine, is_emptied=True), ()


def zone_emptied(machine: Machine, event: ZoneEmptied, now: float) -> Step:
    """P6: what was spent has cleared."""
    if event.what is not machine.spent:
        return stay(machine, event, now)
    return _serve_next(machine, now)


def another_person(machine: Machine, _event: AnotherPerson, now: float) -> Step:
    """P6: somebody else stands there on a new track."""
    return _serve_next(machine, now)


def clear_clearing(machine: Machine, _event: Cleared, now: float) -> Step:
    """The cashier goes on; what lies there stays spent."""
    return _serve_next(machine, now)


def tick_clearing(machine: Machine, event: Tick, now: float) -> Step:
    """Still there after four seconds: say once that it is paid."""
    if machine.is_told or now - machine.since <= machine.rules.still_there_s:
        return stay(machine, event, now)
    is_paid = machine.charged == machine.arming and not machine.is_undo
    code = "counters.take_meal" if is_paid else "counters.take_away"
    return replace(machine, is_told=True), (Show(code),)


def offer_after_decline(machine: Machine, event: Offered, now: float) -> Step:
    """Another credential for the same order, under a new payment id."""
    if is_just_paid(machine, event.payer, now):
        return machine, (Show("counters.already_paid"), Play(Tone.HINT))
    return consider(machine, event.payer, now)


def clear_declined(machine: Machine, _event: Cleared, now: float) -> Step:
    """No other try."""
    return to_clearing(machine, now)


def tick_declined(machine: Machine, event: Tick, now: float) -> Step:
    """Charge who was held; fifteen seconds for another credential."""
    if machine.held is not None:
        return charge(replace(machine, held=None), machine.held, now)
    if now - machine.since < machine.rules.retry_s:
        return stay(machine, event, now)
    return to_clearing(machine, now)


def on_account(machine: Machine, event: OnAccount, now: float) -> Step:
    """No child is refused: the operator's word, a new id, and the notice that goes with it."""
    payer = machine.payer
    if payer is None or payer.person_id is None or ON_ACCOUNT not in machine.rules.tenders:
        return stay(machine, event, now)
    owed = replace(payer, tender=Tender.WALLET, override_reason=ON_ACCOUNT)
    return charge(machine, owed, now)
