"""Does what a top-up asks for: finds the person, checks the PIN, keeps the request, sends it.

What is open is sent again every few seconds while the server answers, also after a restart, until
there is a word; the receipt is printed when there is.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from domain.errors import Refused, Unavailable
from sync import top_ups as kept
from sync.client import Unanswered
from sync.messages import CredentialKind, TopUpAnswer, TopUpOutcome, TopUpRequest
from sync.top_ups import KeptTopUp
from terminal_app.counter import effects as do
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter import top_up as steps
from terminal_app.counter.asking import TopUpAnswered
from terminal_app.counter.carrying import Carrying
from terminal_app.counter.identify import Due
from terminal_app.counter.machine import Machine, Phase
from terminal_app.counter.operators import Known
from terminal_app.counter.parts import Hint, Memory, Parts
from terminal_app.counter.payers import Payer
from terminal_app.counter.presence import CardFresh, CodeFresh
from terminal_app.counter.printing import top_up_receipt_of
from terminal_app.counter.top_up import Beneficiary, TopUp, TopUpStep

SEND_AGAIN_S = 5.0
WATCH_EVERY_S = 1.0
SHOWN_MAX = 5
Events = Iterable[on.Event]


class ToppingUp:
    """The top-up on the glass (`memory.top_up`), and those that wait for a word."""

    def __init__(
        self, parts: Parts, memory: Memory, carrying: Carrying, machine: Callable[[], Machine]
    ) -> None:
        self._parts = parts
        self._memory = memory
        self._carrying = carrying
        self._machine = machine
        self._sent_at: dict[UUID, float] = {}
        self._sent_before: dict[UUID, int] = {}
        self._rows: tuple[KeptTopUp, ...] = ()
        self._watched_at = float("-inf")
        self._by_type: dict[type, Callable[[Any, float], Events]] = {
            presses.DigitTyped: lambda press, now: self._put(
                steps.typed(self._open(), press.digits, now)
            ),
            presses.Backspaced: lambda _, now: self._put(steps.backspaced(self._open(), now)),
            presses.TopUpNumber: self._number,
            presses.PinEntered: self._pin,
            on.Entered: self._enter,
            on.Confirmed: self._confirm,
            on.Cleared: self._back,
            on.NotMe: self._back,
        }

    def takes(self, posted: object) -> bool:
        """Whether this press is the top-up's while it is on the glass."""
        return self._machine().phase is Phase.TOP_UP and type(posted) in self._by_type

    def press(self, posted: object, now: float) -> Events:
        """Take a press or key; `Refused` with the code to show."""
        return self._by_type[type(posted)](posted, now)

    def begin(self, now: float) -> Events:
        """Start one: only with the server, at an attended counter that takes cash."""
        if not takes_top_ups(self._parts, self._machine().operator_id):
            raise Refused("top_ups.not_yours")
        if not may_begin(self._parts, self._machine()):
            raise Refused("counters.busy")
        if not self._parts.asking.is_online_first:
            raise Refused("top_ups.needs_server")
        self._memory.top_up = TopUp(since=now)
        return [on.TopUpStarted()]

    def offer(self, sign: CardFresh | CodeFresh, now: float) -> None:
        """A card or our own code names the person."""
        identify, due = self._parts.identify, Due(0, now)
        if isinstance(sign, CardFresh):
            self._name(identify.card(sign, due).payer, now)
        else:
            self._name(identify.code(sign, due).payer, now)

    def answer(self, answered: TopUpAnswered, now: float) -> None:
        """Keep the server's word; show it when this top-up is on the glass."""
        was_sent = self._sent_before.pop(answered.top_up_id, 1) > 0
        answer = steps.final(answered.answer, answered.top_up_id, was_sent=was_sent)
        try:
            self._keep(answer, answered.top_up_id, now)
        except Unavailable as full:  # open on disk still: sent again, and answered again
            answer = Unanswered(full.code)
        self._rows = self._read_rows()
        shown = self._memory.top_up
        if shown is not None and shown.top_up_id == answered.top_up_id:
            self._memory.top_up = steps.answered(shown, answer, now)

    def _keep(self, answer: TopUpAnswer | Unanswered, top_up_id: UUID, now: float) -> None:
        if isinstance(answer, Unanswered):
            kept.keep_waiting(self._parts.store, top_up_id, answer.code)
            return
        if kept.settle(self._parts.journal, answer):
            self._tell(answer, now)
        self._parts.hurry()

    def watch(self, now: float) -> Events:
        """Send what is open again; leave a page nobody touches."""
        if now - self._watched_at >= WATCH_EVERY_S:
            self._watched_at = now
            self._rows = self._read_rows()
            with suppress(Unavailable):  # a sending that cannot be counted is not made
                self._send_open(now)
        shown = self._memory.top_up
        if shown is not None and steps.is_over(shown, now):
            return self._end()
        return ()

    def rows(self) -> tuple[KeptTopUp, ...]:
        """The business day's newest, and every open one."""
        return self._rows

    def _send_open(self, now: float) -> None:
        if self._parts.asking.is_online_first:
            for one in kept.open_top_ups(self._parts.store):
                self._send(one.request, now)

    def _read_rows(self) -> tuple[KeptTopUp, ...]:
        since = self._parts.meals.day_since()
        return tuple(kept.last_top_ups(self._parts.store, SHOWN_MAX, since))

    # --- presses --------------------------------------------------------------------------

    def _open(self) -> TopUp:
        return self._memory.top_up or TopUp()

    def _put(self, top_up: TopUp) -> Events:
        self._memory.top_up = top_up
        return ()

    def _number(self, press: presses.TopUpNumber, now: float) -> Events:
        person = self._parts.replica.person_by_number(press.number.strip())
        if person is None:
            raise Refused("people.unknown")
        who = Beneficiary(
            person.person_id,
            f"person:{person.person_id}",
            CredentialKind.NUMBER,
            person.masked_name,
        )
        return self._put(steps.named(self._open(), who, now))

    def _name(self, payer: Payer, now: float) -> None:
        if payer.credential not in steps.KNOWING:
            raise Refused("top_ups.no_person")
        if payer.person_id is None:
            raise Refused("people.not_entitled_here")
        who = Beneficiary(payer.person_id, payer.reference, payer.credential, payer.masked_name)
        self._put(steps.named(self._open(), who, now))

    def _enter(self, _key: on.Entered, now: float) -> Events:
        shown = self._open()
        if shown.step in (TopUpStep.BOOKED, TopUpStep.REFUSED, TopUpStep.WAITING):
            return self._end()
        limit_amount = self._parts.profile.amount.limit_amount
        if shown.step is TopUpStep.AMOUNT and shown.amount > limit_amount:
            raise Refused("limits.per_payment")
        return self._put(steps.entered(shown, limit_amount, now))

    def _confirm(self, key: on.Confirmed, now: float) -> Events:
        if key.who is not on.Who.DINER:
            raise Refused("top_ups.diner_confirms")
        return self._put(steps.agreed(self._open(), now))

    def _back(self, _key: object, now: float) -> Events:
        back = steps.stepped_back(self._open(), now)
        return self._end() if back is None else self._put(back)

    def _pin(self, press: presses.PinEntered, now: float) -> Events:
        shown = self._open()
        if shown.step is not TopUpStep.PIN:
            raise Refused("counters.busy")
        parts, operator_id = self._parts, self._machine().operator_id
        known = parts.operators.own(press.pin, now, operator_id)
        if not isinstance(known, Known):
            if known.has_locked:
                self._note_lock(operator_id)
            raise Refused(known.code)
        if not takes_top_ups(parts, operator_id):
            raise Refused("top_ups.not_yours")
        if not parts.asking.is_online_first:
            raise Refused("top_ups.needs_server")
        request = self._request(shown, known.operator.operator_id)
        assert shown.who is not None
        kept.freeze(parts.journal, request, shown.who.person_id)
        self._memory.top_up = steps.asked(shown, request.top_up_id, now)
        self._carrying.carry_out(do.OpenDrawer(), now)
        self._send(request, now)
        return ()

    # --- inside ---------------------------------------------------------------------------

    def _note_lock(self, operator_id: UUID | None) -> None:
        """Five wrong PINs close the door: the owner hears of it, wherever they were typed."""
        shift_id = self._parts.shift.shift_id
        self._parts.till.note("pin_locked", {}, shift_id=shift_id, operator_id=operator_id)

    def _request(self, shown: TopUp, operator_id: UUID) -> TopUpRequest:
        parts, binding, who = self._parts, self._parts.binding, shown.who
        shift_id = parts.shift.shift_id
        if who is None or shift_id is None:
            raise Refused("shifts.none_open")
        return TopUpRequest(
            top_up_id=parts.maker.new_id(),
            organisation_id=binding.organisation_id,
            merchant_id=binding.merchant_id,
            store_id=binding.store_id,
            terminal_id=binding.terminal_id,
            currency=binding.currency,
            payer=who.reference,
            amount=shown.amount,
            credential=who.credential,
            operator_id=operator_id,
            shift_id=shift_id,
            stamp=parts.clock.stamp(),
            binding_version=binding.binding_version,
        )

    def _send(self, request: TopUpRequest, now: float) -> None:
        top_up_id = request.top_up_id
        if now - self._sent_at.get(top_up_id, float("-inf")) < SEND_AGAIN_S:
            return
        self._sent_at[top_up_id] = now
        before = kept.count_sending(self._parts.store, top_up_id)
        self._sent_before[top_up_id] = before
        self._parts.asking.top_up(request)

    def _end(self) -> Events:
        self._memory.top_up = None
        return [on.TopUpEnded()]

    def _tell(self, answer: TopUpAnswer, now: float) -> None:
        is_booked = answer.outcome is TopUpOutcome.BOOKED
        self._carrying.carry_out(do.Play(do.Tone.APPROVED if is_booked else do.Tone.DECLINED), now)
        self._sent_at.pop(answer.top_up_id, None)
        one = kept.one(self._parts.store, answer.top_up_id)
        if is_booked and one is not None:
            self.print_receipt(one)
        elif not is_booked:
            self._memory.refusal = Hint(answer.code or "top_ups.refused", {}, now)

    def print_receipt(self, one: KeptTopUp) -> None:
        """Queue the receipt of a booked top-up."""
        parts, person = self._parts, self._parts.replica.person(one.person_id)
        label = parts.meals.label(one.request.stamp.corrected_at)
        parts.printing.put(
            top_up_receipt_of(
                one,
                title=parts.binding.merchant_name,
                label=label,
                masked_name=person.masked_name if person else "",
                language=parts.profile.language,
            )
        )


def takes_top_ups(parts: Parts, operator_id: UUID | None) -> bool:
    """Whether this counter takes cash for a wallet at all, and this operator may."""
    row = parts.operators.row(operator_id)
    return row is not None and row.role in parts.profile.top_ups.roles


def may_begin(parts: Parts, machine: Machine) -> bool:
    """Whether cash for a wallet may be taken here now, the network aside."""
    if not takes_top_ups(parts, machine.operator_id):
        return False
    takes_cash = parts.profile.attended and "cash" in parts.profile.tenders
    is_between = machine.phase in (Phase.IDLE, Phase.ARMED, Phase.NO_PERIOD)
    has_operator = machine.operator_id is not None and parts.shift.shift_id is not None
    return takes_cash and is_between and has_operator and machine.held is None
