"""What people press at this counter: PINs, the keypad, by number, cash, undo, shift, caps.

Each press ends in events of the machine, or in a refusal shown to the cashier by code. Wrong PINs
are counted and journalled; a supervisor's PIN lends exactly one action.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from domain.errors import Refused, Unavailable
from domain.ids import RandomBytes
from domain.pricing import ScaleBarcode
from sync.pins import SALT_LENGTH, hash_pin
from sync.sales import acceptance_of
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.carrying import Carrying
from terminal_app.counter.cart import Cart
from terminal_app.counter.identify import Due, Offer
from terminal_app.counter.machine import Machine, Phase
from terminal_app.counter.operators import LOCK_S, WRONG_MAX, Known, Wrong
from terminal_app.counter.parts import CashBack, Hint, Memory, Parts
from terminal_app.counter.states import TABLE
from terminal_app.counter.strip import RowState
from terminal_app.counter.topping_up import ToppingUp
from terminal_app.counter.undo import Needs, undo_rule

Events = Iterable[on.Event]
PIN_LENGTH_MIN = 6
OFFERS_MAX = 16
BEFORE_FREEZE = (Phase.ARMED, Phase.CANDIDATE, Phase.CONFIRM, Phase.SECOND_FACTOR)
"""Where digits still change the armed amount."""
PRACTISED = "practised"
"""The fact that this terminal was practised at once: a new one offers it."""


def may_practise(machine: Machine) -> bool:
    """Whether nothing of the real counter would go unseen meanwhile."""
    return machine.phase in (Phase.LOCKED, Phase.IDLE, Phase.NO_PERIOD) and not machine.parked


class Pressing:
    """Turns presses into events. `machine` gives the present state."""

    def __init__(
        self,
        parts: Parts,
        memory: Memory,
        carrying: Carrying,
        topping_up: ToppingUp,
        machine: Callable[[], Machine],
        random: RandomBytes,
    ) -> None:
        self._parts = parts
        self._memory = memory
        self._carrying = carrying
        self._topping_up = topping_up
        self._machine = machine
        self._random = random
        self._by_type: dict[type, Callable[[Any, float], Events]] = {
            presses.PinEntered: self._pin,
            presses.NewPinEntered: self._new_pin,
            presses.DayAccepted: self._day,
            presses.CloseAsked: self._close,
            presses.CashMovedBy: self._move_cash,
            presses.DigitTyped: lambda press, _: self._key(self._fresh().digit(press.digits)),
            presses.Backspaced: lambda _press, _: self._key(self._cart().backspace()),
            presses.PlusTyped: lambda _press, _: self._key(self._cart().plus()),
            presses.TimesTyped: lambda press, _: self._key(self._cart().times(press.count)),
            presses.DishChosen: self._dish,
            presses.CashTendered: self._cash,
            presses.PayeeCodeAsked: self._payee_code,
            presses.NumberEntered: self._number,
            presses.FactorEntered: self._factor,
            presses.UndoPressed: self._undo,
            presses.HandedOver: self._handed_over,
            presses.ExtensionAsked: self._extend,
            presses.PeriodHeldOpen: self._hold_open,
            presses.ClockAccepted: self._clock,
            presses.ReprintAsked: self._reprint,
            presses.SyncAsked: self._sync,
            presses.TopUpNumber: self._not_now,
            presses.PracticeAsked: self._practise,
            presses.PracticeLeft: self._leave_practice,
            presses.TopUpAsked: lambda _press, now: topping_up.begin(now),
        }

    def press(self, press: presses.Press | on.Event, now: float) -> list[on.Event]:
        """Do what was pressed; a refusal is shown to the cashier and is no event."""
        self._memory.refusal = Hint()
        try:
            if self._topping_up.takes(press):
                return list(self._topping_up.press(press, now))
            return list(self._by_type[type(press)](press, now))
        except (Refused, Unavailable) as error:
            self._memory.refusal = _hint(error, now)
            return []

    def due(self, now: float) -> Due:
        """What is sold now: the keyed amount, or the posted price."""
        machine = self._machine()
        return Due(None if machine.rules.is_standing else machine.amount, now)

    def keep(self, offer: Offer) -> Offer:
        """Remember what was shown, under the offer's number."""
        offers = self._memory.offers
        offers[offer.payer.offer] = offer
        while len(offers) > OFFERS_MAX:
            offers.pop(next(iter(offers)))
        return offer

    # --- the day --------------------------------------------------------------------------

    def _pin(self, press: presses.PinEntered, now: float) -> Events:
        known = self._checked(self._parts.operators.sign_in(press.pin, now, press.operator_id))
        row = known.operator
        self._memory.must_change_pin = row.must_change
        self._memory.closed = None
        yield on.SignedIn(row.operator_id, row.name)

    def _new_pin(self, press: presses.NewPinEntered, now: float) -> Events:
        if len(press.pin) < PIN_LENGTH_MIN or not press.pin.isdigit():
            raise Refused("pins.too_short")
        if not self._memory.must_change_pin:
            return
        operator_id = self._machine().operator_id
        if operator_id is None:
            raise Refused("counters.locked")
        hashed = hash_pin(press.pin, self._random(SALT_LENGTH))
        self._parts.operators.change_pin(operator_id, hashed)
        self._note("pin_changed", {"pin_hash": hashed})
        self._memory.must_change_pin = False
        yield from ()

    def _day(self, press: presses.DayAccepted, _now: float) -> Events:
        operator_id = self._machine().operator_id
        if operator_id is None:
            raise Refused("counters.locked")
        if self._memory.must_change_pin:
            raise Refused("pins.must_change")
        meals = self._parts.meals
        self._parts.shift.open(
            operator_id, meals.business_on(), meals.present(), press.float_amount
        )
        yield on.DayConfirmed()

    def _close(self, press: presses.CloseAsked, _now: float) -> Events:
        machine = self._machine()
        if machine.phase not in (Phase.IDLE, Phase.ARMED, Phase.NO_PERIOD, Phase.BLOCKED):
            raise Refused("counters.busy")
        if machine.operator_id is None:
            raise Refused("counters.locked")
        self._memory.closed = self._parts.shift.close(
            machine.operator_id,
            press.counted_amount,
            is_queue_accepted=press.is_queue_accepted,
        )
        self._parts.hurry()
        yield on.LockPressed()

    def _move_cash(self, press: presses.CashMovedBy, now: float) -> Events:
        supervisor = self._supervisor(press.pin, now, "cash_moved")
        self._parts.shift.move_cash(press.amount, press.reason, supervisor.operator.operator_id)
        return ()

    # --- the keypad -----------------------------------------------------------------------

    def _cart(self) -> Cart:
        return self._memory.cart

    def _fresh(self) -> Cart:
        """What the next digit or dish joins: never what was rung up for a sale that is over."""
        is_over = self._memory.cart.is_armed and self._machine().phase not in BEFORE_FREEZE
        return Cart() if is_over else self._memory.cart

    def _key(self, cart: Cart) -> Events:
        machine = self._machine()
        if machine.rules.is_standing or on.AmountKeyed not in TABLE[machine.phase]:
            raise Refused("counters.busy")
        self._memory.cart = replace(cart, is_armed=False)
        self._memory.cash_back = CashBack()
        return [on.AmountKeyed(cart.total)]

    def _dish(self, press: presses.DishChosen, _now: float) -> Events:
        item = next((i for i in self._parts.replica.items() if i.item == press.item), None)
        if item is None:
            raise Refused("items.unknown")
        return self._key(self._fresh().dish(item))

    def barcode(self, code: ScaleBarcode) -> Events:
        """A weighed dish's label, scanned while ringing up."""
        items = {item.item: item for item in self._parts.replica.items()}
        return self._key(self._fresh().barcode(code, items))

    # --- paying ---------------------------------------------------------------------------

    def _cash(self, press: presses.CashTendered, now: float) -> Events:
        self._check_tender("cash")
        offer = self.keep(self._parts.identify.cash(press.given_amount, self.due(now)))
        missing = offer.payer.due_amount - offer.payer.given_amount
        if missing > 0:
            raise Refused("cash.too_little", missing_amount=missing)
        yield on.CashGiven(offer.payer)

    def _payee_code(self, _press: presses.PayeeCodeAsked, now: float) -> Events:
        self._check_tender("code")
        if not self._parts.asking.is_online_first:
            raise Refused("tenders.not_offline")
        if not self._parts.shows_codes():
            raise Refused("tenders.not_accepted")
        offer = self.keep(self._parts.identify.payee(self.due(now)))
        yield on.CodeAsked(offer.payer)

    def _number(self, press: presses.NumberEntered, now: float) -> Events:
        self._check_tender("number")
        offer = self._by_number(press, now)
        if press.reason:
            self._note("by_number", {"reason": press.reason})
        yield on.Offered(self.keep(offer).payer)

    def _by_number(self, press: presses.NumberEntered, now: float) -> Offer:
        """Find the person; guessing PINs locks the pad for a minute, as it does for operators."""
        memory = self._memory
        if now < memory.numbers_locked_until:
            raise Refused("pins.locked")
        try:
            offer = self._parts.identify.number(
                press.number, press.pin, press.reason, self.due(now)
            )
        except Refused as refused:
            memory.wrong_numbers += refused.code == "pins.wrong"
            if memory.wrong_numbers >= WRONG_MAX:
                memory.wrong_numbers, memory.numbers_locked_until = 0, now + LOCK_S
                self._note("by_number_locked", {})
            if press.pin:  # they typed it themselves, and wait for a word on their own side
                memory.hint = _hint(refused, now)
            raise
        memory.wrong_numbers = 0
        return offer

    def _check_tender(self, tender: str) -> None:
        machine = self._machine()
        if tender not in machine.rules.tenders:
            raise Refused("tenders.not_accepted")
        if machine.phase not in (Phase.ARMED, Phase.CANDIDATE, Phase.DECLINED):
            raise Refused("counters.busy")

    def _factor(self, press: presses.FactorEntered, _now: float) -> Events:
        machine = self._machine()
        if machine.phase is not Phase.SECOND_FACTOR or machine.payer is None:
            return ()
        proof = self._parts.identify.is_factor_right(machine.payer, press.text)
        return [on.FactorGiven(bool(proof), proof)]

    # --- mistakes -------------------------------------------------------------------------

    def _undo(self, press: presses.UndoPressed, now: float) -> Events:
        parts, row = self._parts, self._parts.strip.row(press.payment_id)
        if row is None:
            raise Refused("undo.nothing")
        acceptance = acceptance_of(parts.store, press.payment_id)
        rule = undo_rule(
            row,
            acceptance,
            parts.profile,
            shift_id=parts.shift.shift_id,
            who=press.who,
            now=now,
            is_online=parts.asking.is_online_first,
        )
        if rule.code or acceptance is None:
            raise Refused(rule.code or "undo.nothing")
        who = self._authorised(rule.needs, press, now)
        if row.sale:
            return [on.UndoAsked(row.sale, who)]
        operator_id = self._machine().operator_id
        problem = parts.till.refund(
            acceptance.request, row.amount, f"undo_{who}", operator_id,
            self._memory.approvals.pop(row.payment_id, None),
        )  # fmt: skip
        if problem:
            raise Refused(problem)
        self._parts.hurry()
        parts.strip.mark(row.payment_id, RowState.REVERSED)
        return ()

    def _authorised(self, needs: Needs, press: presses.UndoPressed, now: float) -> on.Who:
        if needs is Needs.SUPERVISOR:
            if not press.pin:
                raise Refused("undo.needs_supervisor")
            known = self._supervisor(press.pin, now, "undo")
            supervisor_id = known.operator.operator_id
            fed = self._parts.operators.fed_hash(supervisor_id)
            self._memory.approvals[press.payment_id] = (supervisor_id, fed)
            return on.Who.SUPERVISOR
        if needs is Needs.PIN:
            if not press.pin:
                raise Refused("undo.needs_pin")
            operator_id = self._machine().operator_id
            self._checked(self._parts.operators.own(press.pin, now, operator_id))
        return press.who

    def _handed_over(self, press: presses.HandedOver, _now: float) -> Events:
        event = self._parts.recovery.handed_over(
            press.payment_id, is_handed_over=press.is_handed_over
        )
        return [event] if event else ()

    def _reprint(self, press: presses.ReprintAsked, _now: float) -> Events:
        if not self._carrying.print_again(press.payment_id):
            raise Refused("undo.nothing")
        return ()

    def _practise(self, press: presses.PracticeAsked, now: float) -> Events:
        if self._parts.is_practice or not may_practise(self._machine()):
            raise Refused("counters.busy")
        known = self._checked(self._parts.operators.sign_in(press.pin, now))
        if known.operator.must_change:
            raise Refused("pins.must_change")
        self._note("practice_begun", {"by": str(known.operator.operator_id)})
        self._parts.store.put_meta(PRACTISED, value=True)
        self._memory.offers_practice = False
        self._parts.practise(press.pin)
        return ()

    def _leave_practice(self, _press: presses.PracticeLeft, _now: float) -> Events:
        if self._parts.is_practice:
            self._parts.practise(None)
        return ()

    def _not_now(self, _press: presses.Press, _now: float) -> Events:
        raise Refused("counters.busy")

    def _sync(self, _press: presses.SyncAsked, _now: float) -> Events:
        self._parts.sync_now()
        return ()

    # --- what a supervisor lends ----------------------------------------------------------

    def _extend(self, press: presses.ExtensionAsked, now: float) -> Events:
        if not self._parts.desk.may_extend():
            raise Refused("limits.extended_already")
        self._supervisor(press.pin, now, "caps_extended")
        self._parts.desk.extend()
        return [on.CapExtended()]

    def _hold_open(self, press: presses.PeriodHeldOpen, now: float) -> Events:
        if press.period and self._parts.meals.row(press.period) is None:
            raise Refused("periods.unknown")
        self._supervisor(press.pin, now, "period_held_open")
        self._parts.meals.hold_open(press.period)
        return [on.PeriodChanged(self._parts.meals.present())]

    def _clock(self, _press: presses.ClockAccepted, _now: float) -> Events:
        if self._machine().operator_id is None and self._machine().phase is not Phase.BLOCKED:
            raise Refused("counters.locked")
        self._memory.is_clock_accepted = True
        self._note("clock_accepted", {"label": self._parts.meals.day_label()})
        return ()

    def _supervisor(self, pin: str, now: float, action: str) -> Known:
        known = self._checked(self._parts.operators.supervisor(pin, now))
        self._note("supervisor_lent", {"action": action, "by": str(known.operator.operator_id)})
        return known

    def _checked(self, result: Known | Wrong) -> Known:
        if isinstance(result, Known):
            return result
        if result.has_locked:
            self._note("pin_locked", {})
        raise Refused(result.code)

    def _note(self, name: str, data: dict[str, object]) -> None:
        problem = self._parts.till.note(
            name,
            data,
            shift_id=self._parts.shift.shift_id,
            operator_id=self._machine().operator_id,
        )
        if problem:
            raise Unavailable(problem)


def _hint(error: Refused | Unavailable, now: float) -> Hint:
    data = {k: v for k, v in error.data.items() if isinstance(v, (int, str))}
    return Hint(error.code, data, now)
