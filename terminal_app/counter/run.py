"""The counter: one thread that owns the machine, its timers, the replica, the intents and journal.

Rules
- Everything arrives by `post`, from any thread; everything happens in `step`. Nothing here waits
  for a network, a printer or a camera: the only waits are the disk's own syncs.
- The machine decides, `Carrying` does; what follows from doing goes straight back to the machine,
  before anything else that was posted.
- Screens get a new `CounterView` whenever one differs from the last; they never reach in.
"""

import queue
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from uuid import UUID

from devices import ports
from domain.errors import Defect, Refused
from domain.ids import RandomBytes
from domain.pricing import read_barcode
from terminal_app.counter import events as on
from terminal_app.counter.answers import (
    PAID_TOO_LATE,
    cancel_event_of,
    code_text_of,
    event_of,
    refund_event_of,
)
from terminal_app.counter.asking import Answered, RecoveryAnswered, SaleAnswered, TopUpAnswered
from terminal_app.counter.carrying import Carrying
from terminal_app.counter.faces import FaceIdentified
from terminal_app.counter.finding import FindingSales
from terminal_app.counter.machine import Machine, Phase
from terminal_app.counter.parts import Memory, Outline, Parts
from terminal_app.counter.payers import Payer
from terminal_app.counter.presence import CardFresh, CodeFresh, Sign
from terminal_app.counter.presses import Press
from terminal_app.counter.pressing import Pressing
from terminal_app.counter.rules import rules_of
from terminal_app.counter.states import advance
from terminal_app.counter.strip import RowState
from terminal_app.counter.topping_up import ToppingUp
from terminal_app.counter.view import CounterView, view_of
from terminal_app.counter.watching import Watching

STEP_EVERY_S = 0.05
"""How often the thread steps when nothing is posted: a twentieth of a second is never noticed."""
EVENTS_PER_STEP_MAX = 200
"""A babbling device must not starve the timers."""

TAKING = frozenset(
    {
        Phase.ARMED,
        Phase.CANDIDATE,
        Phase.CONFIRM,
        Phase.SECOND_FACTOR,
        Phase.DECLINED,
        Phase.TOP_UP,
    }
)
"""Where a credential may count at all."""

Key = (
    on.Entered | on.ServingStarted | on.Paused | on.Cleared | on.PlusOne | on.Confirmed | on.NotMe
    | on.NextPressed | on.StopPressed | on.NewCodePressed | on.OnAccount | on.LockPressed
)  # fmt: skip
"""Machine events that people press as they are."""
KEYS = (
    on.Entered, on.ServingStarted, on.Paused, on.Cleared, on.PlusOne, on.Confirmed, on.NotMe,
    on.NextPressed, on.StopPressed, on.NewCodePressed, on.OnAccount, on.LockPressed,
)  # fmt: skip

Posted = ports.Event | Press | Key | Answered | RecoveryAnswered | TopUpAnswered | SaleAnswered
Listener = Callable[[CounterView], None]


class Counter:
    """One counter. Make it with `build.build_counter`."""

    def __init__(self, parts: Parts, posted: "queue.SimpleQueue[Posted]", random: RandomBytes):
        self.parts = parts
        self._posted = posted
        self._first: deque[Posted] = deque(maxlen=1)
        self._machine = Machine(rules=rules_of(parts.profile))
        self._memory = Memory()
        self._carrying = Carrying(parts, self._memory, lambda: self._machine.operator_id)
        self._topping_up = ToppingUp(parts, self._memory, self._carrying, lambda: self._machine)
        self._finding = FindingSales(parts, self._memory, self._carrying, lambda: self._machine)
        self._pressing = Pressing(
            parts, self._memory, self._carrying, self._topping_up, lambda: self._machine, random
        )
        self._watching = Watching(parts, self._memory, self._carrying)
        self._listeners: list[Listener] = []
        self._shown: CounterView | None = None

    # --- from other threads ---------------------------------------------------------------

    def post(self, event: Posted) -> None:
        """Hand over a device event, a key or a press; returns at once, from any thread."""
        self._posted.put(event)

    def view(self) -> CounterView:
        """The latest view since `start`; a value, so any thread may hold it."""
        if self._shown is None:
            raise Defect("the counter was not started")
        return self._shown

    def listen(self, listener: Listener) -> None:
        """Call this, on the counter thread, with every new view."""
        self._listeners.append(listener)

    # --- the counter thread ---------------------------------------------------------------

    def start(self, now: float) -> None:
        """The core is ready: disk, clock, prices and readers. What a power cut left comes first."""
        self._watching.watch_stages(self._machine)
        self._show(now)
        self._feed([on.CoreReady()], now)
        self._show(now)

    def step(self, now: float) -> float:
        """Take what was posted, let time pass, show what changed.

        `now` is `time.monotonic()`, the clock that devices stamp their events with. Returns the
        seconds until it wants to be called again.
        """
        for posted in self._taken():
            self._feed(self._events_of(posted, now), now)
        self._feed(self._meant(self.parts.presence.tick(now), now), now)
        self._feed(self._watching.watch(self._machine, now), now)
        self._feed(self._topping_up.watch(now), now)
        self._finding.watch(now)
        self._feed([on.Tick()], now)
        self._show(now)
        return STEP_EVERY_S

    def wait(self, timeout_s: float = STEP_EVERY_S) -> None:
        """Wait until something is posted, at most so long; for the thread that calls `step`."""
        if self._first:
            return
        try:
            self._first.append(self._posted.get(timeout=timeout_s))
        except queue.Empty:
            return

    @property
    def machine(self) -> Machine:
        """The present state, for tests and reports."""
        return self._machine

    # --- inside ---------------------------------------------------------------------------

    def _taken(self) -> Iterable[Posted]:
        for _ in range(EVENTS_PER_STEP_MAX):
            try:
                yield self._first.popleft() if self._first else self._posted.get_nowait()
            except queue.Empty:
                return

    def _feed(self, events: Iterable[on.Event], now: float) -> None:
        """Let the machine take events, and carry out what it asks for, to the end."""
        pending = deque(events)
        while pending:
            before = self._machine.phase
            self._machine, effects = advance(self._machine, pending.popleft(), now)
            answers = [self._carrying.carry_out(effect, now) for effect in effects]
            if self._machine.phase is Phase.RECOVER and before is not Phase.RECOVER:
                answers += self._watching.begin_recovery()
            if before is Phase.RECOVER and self._machine.phase is not Phase.RECOVER:
                self.parts.strip.fill(self.parts.store, self.parts.meals.label)
            for answer in reversed([answer for answer in answers if answer is not None]):
                pending.appendleft(answer)

    def _show(self, now: float) -> None:
        view = view_of(self.parts, self._memory, self._machine, now, self._topping_up.rows())
        if view == self._shown:
            return
        self._shown = view
        for listener in self._listeners:
            listener(view)

    def _events_of(self, posted: Posted, now: float) -> Iterable[on.Event]:
        if isinstance(posted, Answered):
            return self._answered(posted)
        if isinstance(posted, RecoveryAnswered):
            event = self.parts.recovery.answer(posted.payment_id, posted.answer)
            return [event] if event else []
        if isinstance(posted, TopUpAnswered):
            self._topping_up.answer(posted, now)
            return []
        if isinstance(posted, SaleAnswered):
            self._finding.answer(posted, now)
            return []
        if self._finding.takes(posted):
            self._finding.press(posted, now)
            return []
        if isinstance(posted, KEYS) and not self._topping_up.takes(posted):
            return [posted]
        if isinstance(posted, ports.Event):
            return self._device(posted, now)
        return self._pressing.press(posted, now)

    def _answered(self, answered: Answered) -> Iterable[on.Event]:
        hand = self._memory.hands.get(answered.sale)
        if hand is None:
            return []
        answer, sale = answered.answer, answered.sale
        if hand.is_accepted:
            event = refund_event_of(sale, answer, hand.amount)
            is_refunding = self._row_state(hand.payment_id) is RowState.CANCELLING
            if event is None or not is_refunding:
                return []
            self.parts.strip.mark(hand.payment_id, RowState.REVERSED)
            return [event]
        if hand.is_cancelled:
            definite = cancel_event_of(sale, answer)
            if definite is not None:
                code = PAID_TOO_LATE if definite.was_taken else ""
                self.parts.strip.mark(hand.payment_id, RowState.REVERSED, code=code)
            return [definite] if definite else []
        hand.code_text = code_text_of(answer) or hand.code_text
        event = event_of(sale, answer, hand.request.intent.tender)
        if isinstance(event, on.Approved):
            hand.mac, hand.balances = getattr(answer, "mac", b""), getattr(answer, "balances", ())
            hand.payer = self._named(hand.payer, getattr(answer, "masked_name", ""))
        return [event]

    def _named(self, payer: Payer, masked_name: str) -> Payer:
        """The server knew who it was: the tick shows their name too."""
        if payer.masked_name or not masked_name:
            return payer
        named = replace(payer, masked_name=masked_name)
        if self._machine.payer is not None and self._machine.payer.offer == payer.offer:
            self._machine = replace(self._machine, payer=named)
        return named

    def _row_state(self, payment_id: UUID) -> RowState | None:
        row = self.parts.strip.row(payment_id)
        return row.state if row else None

    # --- devices --------------------------------------------------------------------------

    def _device(self, event: ports.Event, now: float) -> Iterable[on.Event]:
        if isinstance(event, ports.DeviceHealth):
            return self._health(event, now)
        if isinstance(event, ports.CodeScanned):
            if self._finding.scanned(event.text, now):
                return []
            label = self._scale_label(event)
            if label is not None:
                return label
        signs = self.parts.presence.see(event, now, is_taking=self._machine.phase in TAKING)
        self._memory.outline = self._outline(event, now)
        return self._meant(signs, now)

    def _outline(self, event: ports.Event, now: float) -> Outline | None:
        if isinstance(event, ports.ZoneEmpty | ports.FaceTrackLost):
            return None
        if not isinstance(event, ports.FaceObserved) or not event.frame_width:
            return self._memory.outline
        width, height = event.frame_width, max(1, event.frame_height)
        return Outline(
            left=round(event.box.x / width, 3),
            top=round(event.box.y / height, 3),
            width=round(event.box.width / width, 3),
            height=round(event.box.height / height, 3),
            still_share=round(self.parts.presence.still_share(now), 2),
            advice=event.advice,
        )

    def _scale_label(self, event: ports.CodeScanned) -> Iterable[on.Event] | None:
        """A scale's price label, scanned while ringing up, is a line and no payer."""
        is_ringing = self._machine.phase in (Phase.IDLE, Phase.ARMED)
        if self._machine.rules.is_standing or not is_ringing:
            return None
        code = read_barcode(event.text.strip())
        if code is None:
            return None
        try:
            return self._pressing.barcode(code)
        except Refused as refused:
            return [on.NotTaken(refused.code)]

    def _health(self, health: ports.DeviceHealth, now: float) -> Iterable[on.Event]:
        self._memory.devices[health.device] = health
        if health.state is not ports.HealthState.LOST:
            return []
        if health.kind == "camera":
            return self._meant(self.parts.presence.lose_camera(health.device), now)
        if health.kind == "card_reader":
            return self._meant(self.parts.presence.lose_reader(health.device, now), now)
        if health.kind == "scanner":
            return self._meant(self.parts.presence.lose_scanner(health.device), now)
        return []

    def _meant(self, signs: Iterable[Sign], now: float) -> Iterable[on.Event]:
        """Events for the machine; credentials become payers, or the reason why not."""
        for sign in signs:
            if isinstance(sign, (CardFresh, CodeFresh, FaceIdentified)):
                try:
                    event = self._identified(sign, now)
                except Refused as refused:
                    event = on.NotTaken(refused.code)
                if event is not None:
                    yield event
            else:
                yield sign

    def _identified(
        self, sign: CardFresh | CodeFresh | FaceIdentified, now: float
    ) -> on.Event | None:
        if self._machine.phase is Phase.TOP_UP:
            if not isinstance(sign, FaceIdentified):
                self._topping_up.offer(sign, now)
            return None
        identify, due = self.parts.identify, self._pressing.due(now)
        tenders = self._machine.rules.tenders
        if isinstance(sign, FaceIdentified):
            if self._machine.phase is not Phase.CANDIDATE or self._machine.payer is not None:
                return None
            return on.FaceKnown(self._pressing.keep(identify.face(sign, due)).payer)
        tender = "card" if isinstance(sign, CardFresh) else "code"
        if tender not in tenders:
            raise Refused("tenders.not_accepted")
        if isinstance(sign, CardFresh):
            return on.Offered(self._pressing.keep(identify.card(sign, due)).payer)
        return on.Offered(self._pressing.keep(identify.code(sign, due)).payer)
