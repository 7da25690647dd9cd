"""Everything the two screens show, as one frozen value: codes and data, never sentences.

The diner's side shows `amount` or `posted`, `masked_name`, `hint` and the tick; never a balance by
itself, never which fund paid. The cashier's side shows all of it. Texts are made from the codes by
`domain.messages` where they are painted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from devices.ports import DeviceHealth, Undriven
from sync.messages import ItemRow, Line
from sync.top_ups import KeptTopUp
from terminal_app.counter.choosing import may_confirm
from terminal_app.counter.effects import Tone
from terminal_app.counter.events import Who
from terminal_app.counter.finding import may_find
from terminal_app.counter.found import Finding
from terminal_app.counter.machine import Machine, Phase, Stage
from terminal_app.counter.meals import Posted
from terminal_app.counter.offline import Left
from terminal_app.counter.parts import CashBack, Hint, Memory, Outline, Parts, StageView
from terminal_app.counter.payers import ON_ACCOUNT, Doubt, Factor, Payer
from terminal_app.counter.pressing import may_practise
from terminal_app.counter.printing import PrinterView
from terminal_app.counter.recover import Question, Settled
from terminal_app.counter.shift import Closed, OpenShift
from terminal_app.counter.stages import CLOCK_ASKS_AFTER_S
from terminal_app.counter.strip import StripRow
from terminal_app.counter.top_up import TopUp
from terminal_app.counter.topping_up import may_begin
from terminal_app.counter.undo import Needs, may_be_undone, needs_of
from terminal_app.counter.ways import Showing, showing_of, tenders_up

HINT_S = 4.0
"""How long a sentence stays when nothing else happens."""
CASH_BACK_S = 10.0
"""How long change is read on both sides, unless the next amount is typed."""


@dataclass(frozen=True, slots=True)
class StripLine:
    """A row of the strip. `undo_left_s`: whole seconds of one-tap undo; `needs`: what it takes.

    `may_undo`: it stands and is of this shift; after the one tap it takes a PIN (`needs`).
    """

    row: StripRow
    undo_left_s: int
    needs: Needs
    may_undo: bool = False


@dataclass(frozen=True, slots=True)
class Badge:
    """What waits for the server, and how the wire stands.

    `rejected_count` of the waiting are records the server would not take: they stay here and are
    offered again, and somebody has to look. `may_extend`: a supervisor's one step is still there.
    """

    waiting_count: int
    waiting_amount: int
    is_online_first: bool
    standing: str
    left: Left
    may_extend: bool
    rejected_count: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """The card an operator confirms, and the page between meals."""

    label: str
    period: str
    name_zh: str
    name_en: str
    next_name_zh: str
    next_name_en: str
    next_starts_at: datetime | None
    is_unsynchronised: bool
    periods: tuple[tuple[str, str, str], ...] = ()
    is_held_open: bool = False


class TopUpState(StrEnum):
    """How a top-up of today stands."""

    OPEN = "open"  # the cash is in the drawer; it is sent until there is a word
    BOOKED = "booked"
    REFUSED = "refused"  # the cash was, or has to be, handed back


@dataclass(frozen=True, slots=True)
class TopUpLine:
    """A top-up of today; `code` says why it is open or was refused."""

    top_up_id: UUID
    label: str
    amount: int
    masked_name: str
    state: TopUpState
    code: str


@dataclass(frozen=True, slots=True)
class CounterView:
    """The state of one counter for both screens. Amounts in fen; `seconds_left` rounds up.

    `shown_amount` is what the diner's side says is due; None while a standing price is posted
    per category (`posted`). `is_spinning` only after 300 ms of asking. `tone_number` grows with
    every tone, so that a screen plays each once. `change_amount` outlives its sale. `top_up` is
    on the glass (phase TOP_UP): its `step`, `amount`, `who.masked_name`; `top_ups` are today's.
    `is_practice`: a watermark on both sides, no money moves; `PracticeLeft` goes back.
    `offers_practice`: this terminal is new, and nobody has practised at it.
    `showing` is the code that a payer scans off the glass; `finding` a sale of any shift.
    `stages` is the start-up page, filled in STARTING, RECOVER and LOCKED.
    """

    phase: Phase
    profile: str
    is_attended: bool
    is_standing: bool
    language: str
    merchant_name: str
    store_name: str
    terminal_name: str
    zone: str
    operator_name: str
    is_signed_in: bool
    must_change_pin: bool
    pin_locked_s: int
    day: Day
    shift: OpenShift | None
    closed: Closed | None
    shown_amount: int | None
    posted: tuple[Posted, ...]
    items: tuple[ItemRow, ...]
    typed_amount: int
    cart: tuple[Line, ...]
    is_asked_twice: bool
    masked_name: str
    credential: str
    tender: str
    given_amount: int
    change_amount: int
    doubt: Doubt
    factor: Factor
    factor_tries_left: int
    paid_label: str
    is_second_price: bool
    is_spinning: bool
    is_online: bool
    is_latched: bool
    is_undo: bool
    is_paid: bool
    code: str
    hint: Hint
    refusal: Hint
    seconds_left: int | None
    diner_undo_left_s: int
    outline: Outline | None
    may_next: bool
    may_plus_one: bool
    may_account: bool
    may_diner_confirm: bool
    tenders: tuple[str, ...]
    devices: tuple[DeviceHealth, ...]
    printer: PrinterView
    strip: tuple[StripLine, ...]
    parked_count: int
    badge: Badge
    questions: tuple[Question, ...]
    settled: tuple[Settled, ...]
    tone: Tone | None
    tone_number: int
    payment_id: UUID | None
    stages: tuple[StageView, ...] = ()
    may_top_up: bool = False
    top_up: TopUp | None = None
    top_ups: tuple[TopUpLine, ...] = ()
    is_practice: bool = False
    may_practise: bool = False
    offers_practice: bool = False
    showing: Showing = Showing()
    finding: Finding | None = None
    may_find: bool = False
    unclaimed: tuple[Undriven, ...] = ()


_BEFORE_WORK = (Phase.STARTING, Phase.RECOVER, Phase.LOCKED)
_LOOKING = (Phase.ARMED, Phase.CANDIDATE, Phase.CONFIRM)
"""Where a face in the zone is outlined on the diner's side."""


def view_of(
    parts: Parts,
    memory: Memory,
    machine: Machine,
    now: float,
    top_ups: Sequence[KeptTopUp] = (),
) -> CounterView:
    """Draw the present state up for the screens; reads the store, changes nothing."""
    return replace(
        _selling(parts, memory, machine, now),
        stages=memory.stages if machine.phase in _BEFORE_WORK else (),
        may_top_up=parts.asking.is_online_first and may_begin(parts, machine),
        top_up=memory.top_up,
        finding=memory.finding,
        may_find=may_find(parts, machine),
        unclaimed=parts.unclaimed(),
        showing=showing_of(parts, memory, machine, now),
        is_practice=parts.is_practice,
        may_practise=may_practise(machine) and not parts.is_practice,
        offers_practice=memory.offers_practice and machine.phase is Phase.LOCKED,
        top_ups=tuple(_top_up_line(parts, one) for one in top_ups),
    )


def _selling(parts: Parts, memory: Memory, machine: Machine, now: float) -> CounterView:
    payer, hand = machine.payer, memory.hands.get(machine.sale)
    rules, binding = machine.rules, parts.binding
    back = _cash_back(memory, machine, now)
    second = payer is not None and (payer.paid_at is not None or machine.is_extra)
    return CounterView(
        phase=machine.phase,
        profile=parts.profile.name,
        is_attended=rules.is_attended,
        is_standing=rules.is_standing,
        language=parts.profile.language,
        merchant_name=binding.merchant_name,
        store_name=binding.store_name,
        terminal_name=binding.terminal_name,
        zone=binding.zone,
        operator_name=machine.operator_name,
        is_signed_in=machine.operator_id is not None,
        must_change_pin=memory.must_change_pin,
        pin_locked_s=_up(parts.operators.locked_for_s(now)),
        day=_day(parts, machine),
        shift=parts.shift.present,
        closed=memory.closed,
        shown_amount=_shown(machine),
        posted=memory.posted,
        items=memory.items,
        typed_amount=memory.cart.total,
        cart=memory.cart.lines,
        is_asked_twice=machine.is_asked_twice,
        masked_name=payer.masked_name if payer else "",
        credential=payer.credential.value if payer else "",
        tender=payer.tender.value if payer else "",
        given_amount=payer.given_amount if payer else back.given_amount,
        change_amount=_change(payer, back),
        doubt=payer.doubt if payer else Doubt.NONE,
        factor=payer.factor if payer else Factor.NONE,
        factor_tries_left=rules.factor_wrong_max - machine.wrong,
        paid_label=payer.paid_label if payer else "",
        is_second_price=second,
        is_spinning=_is_spinning(machine, now),
        is_online=hand is not None and hand.mode.value == "online",
        is_latched=machine.phase is Phase.CLEARING or machine.is_resting,
        is_undo=machine.is_undo,
        is_paid=machine.charged == machine.arming and not machine.is_undo,
        code=machine.code,
        hint=_fresh(memory.hint, now),
        refusal=_fresh(memory.refusal, now),
        seconds_left=_seconds_left(machine, now),
        diner_undo_left_s=_diner_undo_left_s(machine, now),
        outline=memory.outline if machine.phase in _LOOKING else None,
        may_next=machine.phase is Phase.AWAITING and machine.awaited < rules.parked_max,
        may_plus_one=_may_plus_one(machine),
        may_account=_may_account(machine),
        may_diner_confirm=machine.phase is Phase.CONFIRM and may_confirm(machine, Who.DINER),
        tenders=tenders_up(parts, memory),
        devices=tuple(memory.devices.values()),
        printer=parts.printing.view(),
        strip=tuple(_line(parts, row, now) for row in parts.strip.rows()),
        parked_count=len(machine.parked),
        badge=_badge(parts),
        questions=parts.recovery.questions() if machine.phase is Phase.RECOVER else (),
        settled=parts.recovery.settled,
        tone=memory.tone,
        tone_number=memory.tones,
        payment_id=hand.payment_id if hand else None,
    )


def _shown(machine: Machine) -> int | None:
    if machine.due:
        return machine.due
    return machine.amount if machine.amount or not machine.rules.is_standing else None


def _cash_back(memory: Memory, machine: Machine, now: float) -> CashBack:
    """The change of the diner before, while nobody else pays: the line is not held up by it."""
    is_fresh = now - memory.cash_back.since < CASH_BACK_S
    is_shown = is_fresh and machine.phase in (Phase.IDLE, Phase.ARMED)
    return memory.cash_back if is_shown else CashBack()


def _change(payer: Payer | None, back: CashBack) -> int:
    if payer is None:
        return back.change_amount
    return payer.change_amount if payer.given_amount else 0


def _is_spinning(machine: Machine, now: float) -> bool:
    is_asking = machine.phase is Phase.AUTHORISING and machine.stage is not Stage.DECIDED
    return is_asking and now - machine.since >= machine.rules.spinner_after_s


def _may_plus_one(machine: Machine) -> bool:
    is_paid = machine.charged == machine.arming and machine.payer is not None
    return is_paid and machine.phase in (Phase.APPROVED, Phase.CLEARING)


def _may_account(machine: Machine) -> bool:
    is_known = machine.payer is not None and machine.payer.person_id is not None
    return is_known and ON_ACCOUNT in machine.rules.tenders and machine.phase is Phase.DECLINED


def _seconds_left(machine: Machine, now: float) -> int | None:
    rules = machine.rules
    limits = {
        Phase.CONFIRM: rules.confirm_max_s,
        Phase.SECOND_FACTOR: rules.factor_max_s,
        Phase.AWAITING: machine.awaiting_max_s,
        Phase.CANCELLING: rules.cancelling_max_s,
        Phase.DECLINED: rules.retry_s,
    }
    limit = limits.get(machine.phase)
    return None if limit is None else _up(limit - (now - machine.since))


def _diner_undo_left_s(machine: Machine, now: float) -> int:
    is_shown = machine.phase in (Phase.APPROVED, Phase.CLEARING) and machine.rules.is_attended
    if machine.approved_at is None or machine.is_undo or not is_shown:
        return 0
    return _up(machine.rules.diner_undo_s - (now - machine.approved_at))


def _up(seconds: float) -> int:
    return -int(-seconds // 1) if seconds > 0 else 0


def _fresh(hint: Hint, now: float) -> Hint:
    return hint if hint.code and now - hint.since < HINT_S else Hint()


def _line(parts: Parts, row: StripRow, now: float) -> StripLine:
    left = parts.profile.timing.cashier_undo_s - (now - row.approved_at)
    may_undo = may_be_undone(row, parts.shift.shift_id)
    needs = needs_of(row, parts.profile, now)
    return StripLine(row, _up(left) if may_undo else 0, needs, may_undo)


def _top_up_line(parts: Parts, kept: KeptTopUp) -> TopUpLine:
    person = parts.replica.person(kept.person_id)
    return TopUpLine(
        top_up_id=kept.request.top_up_id,
        label=parts.meals.label(kept.request.stamp.corrected_at),
        amount=kept.request.amount,
        masked_name=person.masked_name if person else "",
        state=TopUpState(kept.outcome.value) if kept.outcome else TopUpState.OPEN,
        code=kept.code,
    )


def _badge(parts: Parts) -> Badge:
    waiting = parts.journal.waiting()
    return Badge(
        waiting_count=waiting.count,
        waiting_amount=waiting.amount,
        is_online_first=parts.asking.is_online_first,
        standing=parts.standing(),
        left=parts.desk.left(),
        may_extend=parts.desk.may_extend(),
        rejected_count=waiting.rejected_count,
    )


def _day(parts: Parts, machine: Machine) -> Day:
    row = parts.meals.row(machine.period)
    coming = parts.meals.coming()
    return Day(
        label=parts.meals.day_label(),
        period=machine.period,
        name_zh=row.name_zh if row else "",
        name_en=row.name_en if row else "",
        next_name_zh=coming.name_zh if coming else "",
        next_name_en=coming.name_en if coming else "",
        next_starts_at=coming.starts_at if coming else None,
        is_unsynchronised=parts.clock.unsynchronised_s() > CLOCK_ASKS_AFTER_S,
        periods=tuple((one.period, one.name_zh, one.name_en) for one in parts.replica.periods()),
        is_held_open=parts.meals.is_held_open(),
    )
