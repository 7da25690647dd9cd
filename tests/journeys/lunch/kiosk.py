"""A kiosk as people stand at it: a whole terminal with its twins, both windows, a real server.

The terminal is composed as the command composes it; its loops are stepped here, so that time can
be moved. Fingers press what is drawn, cards and phones are put on the twins, and whatever an
approval or a refusal says on the diner's glass is compared with the books at the end.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from devices.simulated.printer import SimulatedPrinter
from devices.simulated.scene import Scene, empty_zone
from domain.messages import Language, is_known, text
from domain.money import format_amount
from kiosk_profiles.schema import Profile
from server.config.sample import SamplePerson
from server.payments.models import Payment
from sync.activation import activate_terminal
from sync.keystore import FileKeyStore
from terminal_app.counter.machine import Phase
from terminal_app.counter.strip import RowState
from terminal_app.counter.view import CounterView
from terminal_app.screens.windows import Kind
from terminal_app.terminal import KEYS, Terminal
from tests.integration.counter.bench import profile as shipped
from tests.journeys.bad_input.books import books_are_sound
from tests.journeys.bad_input.open_canteen import (
    ASKING_LIMIT_S,
    ASKING_S,
    START_LIMIT_S,
    TICK_S,
    OpenCanteen,
    WrongClock,
    _never,
    wait_for,
)
from tests.journeys.lunch.eyes import SteppedEyes
from tests.qt.screens.cashier_glass import CashierGlass

READ_S = 0.5
"""The price was there for a moment before anybody pays (P11)."""
LEFT_S = 2.5
"""Longer than a card or a phone is waited for to be gone."""
TIP_S = 1.0
SALE_LIMIT_S = 12.0


class Glass(CashierGlass):
    """A window of the kiosk, looked at as it is at that moment."""

    def find(self, code: str) -> list[Any]:
        """Look again, then find."""
        self.refresh()
        return super().find(code)


def bind(canteen: OpenCanteen, folder: Path) -> None:
    """Bind a new device to the next counter of the canteen, unless it is bound."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = FileKeyStore(folder / KEYS)
    if keys.load() is None:
        activate_terminal(
            keys, canteen.url, canteen.next_counter().activation_code,
            serial=folder.name, software="journey", random=os.urandom,
        )  # fmt: skip


class Kiosk:
    """One counter and its two windows; `canteen` is the place around it."""

    def __init__(
        self,
        canteen: OpenCanteen,
        folder: Path,
        profile: Profile | None = None,
        clock: WrongClock | None = None,
        *,
        is_simulated: bool = True,
    ) -> None:
        self.canteen, self.folder = canteen, folder
        self.clock = clock or WrongClock(canteen.noon)
        self.shown: dict[UUID, int] = {}
        """What the diner's glass said was paid, by payment, less what it said went back."""
        bind(canteen, folder)
        self.terminal = Terminal(
            profile or shipped("canteen"),
            folder,
            is_simulated=is_simulated,
            clock=self.clock,
            make_eyes=SteppedEyes,
        )
        self._twins: dict[str, Any] = {one.name: one for one in self.terminal.hardware.supervised}
        self.terminal.counter.start(self.now)
        eyes = self.terminal.eyes
        assert eyes is None or isinstance(eyes, SteppedEyes)
        self._eyes = eyes
        if eyes is not None:
            eyes.begin(self.now)
        # The cashier's last: keys go to the window that was opened last
        self.diner = Glass(self, Kind.DINER)  # type: ignore[arg-type]
        self.cashier = Glass(self, Kind.CASHIER)  # type: ignore[arg-type]

    def close(self) -> None:
        """Shut up for the day, or cut the power: what is on disk stays."""
        self.cashier.close()
        self.diner.close()
        self.terminal.stop()

    # --- time ------------------------------------------------------------

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    @property
    def view(self) -> CounterView:
        return self.terminal.counter.view()

    @property
    def phase(self) -> Phase:
        return self.view.phase

    @property
    def printer(self) -> SimulatedPrinter:
        printer = self.terminal.hardware.printer
        assert isinstance(printer, SimulatedPrinter)
        return printer

    def step(self) -> None:
        """One turn of every loop but the pump's."""
        for bus in self.terminal.supervisor.buses:
            bus.step(self.now)
        if self._eyes is not None:
            self._eyes.step(self.now)
        self.terminal.counter.step(self.now)
        self.terminal.counter.parts.printing.step(self.now)

    def wait(self, seconds: float) -> None:
        """Let time pass; while the server is being asked, real time."""
        for _ in range(max(1, round(seconds / TICK_S))):
            self.canteen.noon.skip(TICK_S)
            self.step()
            self.until_answered()

    def until(self, phase: Phase, limit_s: float = SALE_LIMIT_S) -> None:
        """Let time pass until the counter is there."""
        left = round(limit_s / TICK_S)
        while self.phase is not phase:
            assert left > 0, f"{self.phase}: {self.cashier.words()} | {self.diner.words()}"
            left -= 1
            self.wait(TICK_S)

    def until_answered(self) -> None:
        """Wait in real time for what the server is asked."""
        asking = (Phase.AUTHORISING, Phase.CANCELLING, Phase.RECOVER)
        until = time.monotonic() + ASKING_LIMIT_S
        while self.phase in asking and not any(one.is_asked for one in self.view.questions):
            assert time.monotonic() < until, f"hangs in {self.phase}"
            _never.wait(ASKING_S)
            self.terminal.counter.step(self.now)

    def post(self, event: Any) -> None:
        """What a press in a window does."""
        self.terminal.counter.post(event)
        self.step()
        self.until_answered()

    def speak(self) -> None:
        """One whole turn with the server: hand over, fetch, report."""
        self.terminal.pump.hurry()
        while self.terminal.pump.step(self.now) == 0:
            pass
        self.step()

    def speak_until(self, is_so: Callable[[], bool]) -> None:
        """Speak with the server until it is so; the sequencer takes its real time."""

        def spoken() -> bool:
            self.speak()
            return is_so()

        wait_for(spoken, START_LIMIT_S)

    def learn(self) -> None:
        """Fetch people, prices, operators and faces."""
        pump, replica = self.terminal.pump, self.terminal.replica
        self.speak_until(lambda: pump.state.is_complete and bool(replica.operators()))
        self.wait(1.2)

    def drain(self) -> None:
        """Hand over everything that waits."""
        self.speak_until(lambda: self.view.badge.waiting_count == 0)

    # --- the cashier ------------------------------------------------------------

    def sign_in(self, float_amount: int = 0, role: str = "cashier") -> None:
        """PIN, a look at the day, the cash in the drawer."""
        self.cashier.type(self.canteen.pin(role))
        self.cashier.tap("pad_enter")
        self.wait(1.2)
        if float_amount:
            self.cashier.type(str(float_amount))
        self.cashier.tap("acceptDay")
        assert self.phase is Phase.IDLE, self.cashier.words()

    def serve(self) -> None:
        """开始供餐, and the price is read."""
        self.cashier.tap("serve")
        self.until(Phase.ARMED)
        self.wait(READ_S)

    def enters(self, pin: str) -> None:
        """Type a PIN on the cashier's side."""
        self.cashier.type(pin)
        self.cashier.tap("pad_enter")

    # --- the diner ------------------------------------------------------------

    def lays_card(self, uid: bytes) -> None:
        """Put a card on the reader."""
        self._twins["reader"].present(uid)
        self.wait(TICK_S)

    def lifts_card(self) -> None:
        """Take it away, and make room."""
        self._twins["reader"].remove()
        self.wait(LEFT_S)

    def shows_phone(self, code: str) -> None:
        """Hold a phone over the scanner and take it away again."""
        self._twins["scanner"].present(code)
        self.wait(TICK_S)

    def shows_wallet(self, diner: SamplePerson) -> None:
        """Show the wallet's own code on a phone."""
        self.shows_phone(diner.phone.code(self.canteen.noon.now(), os.urandom(8)))

    def looks(self, scene: Scene) -> None:
        """Stand before the camera."""
        assert self._eyes is not None, "this kiosk has no camera"
        self._eyes.show(scene)

    def leaves(self) -> None:
        """Nobody is there any more."""
        if self._eyes is not None:
            self._eyes.show(empty_zone(0.0))
        self.wait(LEFT_S)

    def dials(self, digits: str) -> None:
        """Type on the diner's pad."""
        for digit in (*digits, "done"):
            self.diner.tap(f"diner.key.{digit}")

    # --- what is seen ------------------------------------------------------------

    def sees_paid(self, amount: int, name: str = "") -> UUID:
        """The tick is on both glasses, with this amount and name; it is remembered as shown."""
        self.until(Phase.APPROVED)
        words = self.diner.words()
        assert format_amount(amount) in words, words
        assert name in words, words
        assert self.word("approvedTitle") in self.cashier.words()
        row = self.view.strip[0].row
        assert row.amount == amount
        assert row.payment_id not in self.shown
        self.shown[row.payment_id] = amount
        return row.payment_id

    def sees_returned(self, amount: int) -> None:
        """Both glasses say that this went back."""
        words = self.diner.words()
        assert self.word("dinerReturned", self.diner) in words, words
        assert format_amount(amount) in words, words
        assert self.word("reversedText") in self.cashier.words(), self.cashier.words()

    def took_back(self, payment_id: UUID) -> None:
        """Nobody owes this any more; the row of the strip is struck."""
        (row,) = [one.row for one in self.view.strip if one.row.payment_id == payment_id]
        assert row.state is RowState.REVERSED, row
        self.shown[payment_id] = 0

    def word(self, name: str, glass: CashierGlass | None = None) -> str:
        """A word as the glass's own language has it."""
        words: Any = (glass or self.cashier).screen.view.words
        assert words.contains(name), name
        return str(words.value(name))

    def says(self, glass: CashierGlass, code: str, language: Language = "zh", **data: Any) -> None:
        """The sentence of this code can be read on this glass."""
        assert is_known(code), code
        sentence = text(code, data, language)
        words = glass.words()
        assert sentence in words, f"{sentence!r} is not in {words!r}"

    # --- the books ------------------------------------------------------------

    def books_hold(self) -> None:
        """Every fen shown at this counter stands in the books, no other, and the audit is clean."""
        self.drain()
        rows = Payment.objects.filter(terminal=self.terminal.counter.parts.binding.terminal_id)
        booked = {
            row.id: row.total_amount - row.refunded_amount if row.state == "succeeded" else 0
            for row in rows
        }
        charged = {id: amount for id, amount in booked.items() if amount or id in self.shown}
        assert charged == self.shown
        books_are_sound(self.canteen)
