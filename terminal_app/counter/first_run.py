"""A terminal that is bound to nothing yet: scan the activation code, look at each device, done.

There is no store and no counter before the binding: this stands in their place, with the same
`post`, `step`, `view` and `listen`. What comes after is the counter's own first practice sale
(`CounterView.offers_practice`).

Rules
- A code is asked for once at a time, and beside this thread; trying again is always safe.
- A device is ticked by what it really did: a read code, a card, a face, a printed page. Only the
  sound needs a person's word. Every check can be skipped, and says so.
"""

import queue
import sys
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from devices import ports
from domain.errors import Refused, Unavailable
from kiosk_profiles.schema import Profile
from sync.keystore import TerminalSecrets
from sync.messages import ActivationAnswer, read_activation_link
from sync.server_address import checked_server
from terminal_app.counter.parts import Hint

STEP_EVERY_S = 0.05
EVENTS_PER_STEP_MAX = 200
CODE_LENGTH_MAX = 64


class FirstRunStage(StrEnum):
    """How far a new terminal is."""

    CODE = "code"
    ASKING = "asking"
    CHECK = "check"
    DONE = "done"


class CheckName(StrEnum):
    """A device that is tried live."""

    SCAN = "scan"
    TAP = "tap"
    LOOK = "look"
    PRINT = "print"
    SOUND = "sound"


class CheckState(StrEnum):
    """How a check stands."""

    WAITING = "waiting"
    OK = "ok"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the device page; `code` says why it failed."""

    name: CheckName
    state: CheckState = CheckState.WAITING
    code: str = ""


@dataclass(frozen=True, slots=True)
class FirstRunView:
    """What a screen shows of a new terminal. `refusal` is why the last code was not taken.

    `server` is the last address given, so that a typed code needs it once. `tone_number` grows
    with every tone that is to be played for the sound check.
    """

    stage: FirstRunStage
    language: str
    server: str = ""
    refusal: Hint = field(default_factory=Hint)
    merchant_name: str = ""
    store_name: str = ""
    terminal_name: str = ""
    checks: tuple[Check, ...] = ()
    devices: tuple[ports.DeviceHealth, ...] = ()
    tone_number: int = 0


# --- what people press ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodeTyped:
    """The activation code by hand; `server` is its address, "" for the one given before."""

    code: str = field(repr=False)
    server: str = ""


@dataclass(frozen=True, slots=True)
class PrintTried:
    """Print a page now."""


@dataclass(frozen=True, slots=True)
class SoundTried:
    """Play a tone now."""


@dataclass(frozen=True, slots=True)
class SoundHeard:
    """Somebody heard it."""


@dataclass(frozen=True, slots=True)
class CheckSkipped:
    """Leave a device out."""

    name: CheckName


@dataclass(frozen=True, slots=True)
class ChecksDone:
    """Go on to the counter; what was not tried counts as skipped."""


@dataclass(frozen=True, slots=True)
class Activated:
    """The server took the code."""

    binding: ActivationAnswer = field(repr=False)


@dataclass(frozen=True, slots=True)
class NotActivated:
    """It did not, or there was no answer."""

    code: str
    data: dict[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Printed:
    """The page came out, or not: `code`."""

    code: str = ""


Press = CodeTyped | PrintTried | SoundTried | SoundHeard | CheckSkipped | ChecksDone
Posted = ports.Event | Press | Activated | NotActivated | Printed
Activate = Callable[[str, str], TerminalSecrets]
Listener = Callable[[FirstRunView], None]


class FirstRun:
    """One new terminal. `activate(server, code)` binds it, `print_page()` prints a test page.

    Both run on `executor`: they wait for a network and for paper. `print_page` raises
    `devices.ports.DeviceLost`; None when the profile has no printer.
    """

    def __init__(
        self,
        profile: Profile,
        activate: Activate,
        executor: Executor,
        print_page: Callable[[], None] | None = None,
        server: str = "",
    ) -> None:
        self._activate = activate
        self._executor = executor
        self._print_page = print_page
        self._given_server = server
        """Told at the start: another address of the same server, which a picture does not outdo."""
        self._posted: queue.SimpleQueue[Posted] = queue.SimpleQueue()
        self._listeners: list[Listener] = []
        self._view = FirstRunView(
            stage=FirstRunStage.CODE,
            language=profile.language,
            server=server,
            checks=tuple(Check(name) for name in checks_of(profile)),
        )
        self._by_type: dict[type, Callable[[Any, float], None]] = {
            CodeTyped: lambda press, now: self._typed(press, now),
            ports.CodeScanned: self._scanned,
            ports.CardPresented: lambda _, __: self._tick(CheckName.TAP),
            ports.FaceObserved: lambda _, __: self._tick(CheckName.LOOK),
            ports.DeviceHealth: lambda health, _: self._health(health),
            PrintTried: lambda _, __: self._print(),
            Printed: lambda printed, _: self._tick(CheckName.PRINT, printed.code),
            SoundTried: lambda _, __: self._sound(),
            SoundHeard: lambda _, __: self._tick(CheckName.SOUND),
            CheckSkipped: lambda press, _: self._set(press.name, CheckState.SKIPPED),
            ChecksDone: lambda _, __: self._finish(),
            Activated: lambda done, _: self._activated(done.binding),
            NotActivated: self._not_activated,
        }

    # --- from other threads ---------------------------------------------------------------

    def post(self, event: Posted) -> None:
        """Hand over a device event or a press; returns at once, from any thread."""
        self._posted.put(event)

    def view(self) -> FirstRunView:
        """The latest view; a value, so any thread may hold it."""
        return self._view

    def listen(self, listener: Listener) -> None:
        """Call this, on the stepping thread, with every new view."""
        self._listeners.append(listener)

    @property
    def is_done(self) -> bool:
        """Whether the counter may start."""
        return self._view.stage is FirstRunStage.DONE

    # --- the stepping thread --------------------------------------------------------------

    def step(self, now: float) -> float:
        """Take what was posted and show what changed; return when to be called again."""
        before = self._view
        for _ in range(EVENTS_PER_STEP_MAX):
            try:
                posted = self._posted.get_nowait()
            except queue.Empty:
                break
            handler = self._by_type.get(type(posted))
            if handler is not None:
                handler(posted, now)
        if self._view != before:
            for listener in self._listeners:
                listener(self._view)
        return STEP_EVERY_S

    # --- the code -------------------------------------------------------------------------

    def _scanned(self, scanned: ports.CodeScanned, now: float) -> None:
        if self._view.stage is not FirstRunStage.CODE:
            self._tick(CheckName.SCAN)
            return
        link = read_activation_link(scanned.text)
        if link is None:
            self._refuse("activation.not_a_code", {}, now)
            return
        # A scanner or camera that read this has shown that it works
        self._set(CheckName.SCAN, CheckState.OK)
        self._try(self._given_server or link.server, link.code, now)

    def _typed(self, press: CodeTyped, now: float) -> None:
        link = read_activation_link(press.code)
        server, code = (link.server, link.code) if link else (press.server, press.code.strip())
        if self._view.stage is FirstRunStage.CODE:
            self._try(server or self._view.server, code, now)

    def _try(self, server: str, code: str, now: float) -> None:
        """Ask the server, if it is one that may be asked."""
        try:
            address = checked_server(server)
        except Refused as refused:
            self._refuse(refused.code, _plain(refused), now)
            return
        if not code or len(code) > CODE_LENGTH_MAX:
            self._refuse("activation.not_a_code", {}, now)
        else:
            self._ask(address, code)

    def _ask(self, server: str, code: str) -> None:
        stage = FirstRunStage.ASKING
        self._view = replace(self._view, stage=stage, server=server, refusal=Hint())
        self._executor.submit(lambda: self.post(self._asked(server, code)))

    def _asked(self, server: str, code: str) -> Activated | NotActivated:
        try:
            binding = self._activate(server, code).binding
        except (Refused, Unavailable) as error:
            return NotActivated(error.code, _plain(error))
        except Exception as defect:  # told by its kind alone: the code must reach no log
            print(f"activation: {type(defect).__name__}", file=sys.stderr, flush=True)
            return NotActivated("server.malformed")
        return Activated(binding) if binding else NotActivated("server.malformed")

    def _activated(self, binding: ActivationAnswer) -> None:
        self._view = replace(
            self._view,
            stage=FirstRunStage.CHECK if self._view.checks else FirstRunStage.DONE,
            merchant_name=binding.merchant_name,
            store_name=binding.store_name,
            terminal_name=binding.terminal_name,
            refusal=Hint(),
        )

    def _not_activated(self, no: NotActivated, now: float) -> None:
        self._view = replace(self._view, stage=FirstRunStage.CODE)
        self._refuse(no.code, no.data, now)

    def _refuse(self, code: str, data: dict[str, int | str], now: float) -> None:
        self._view = replace(self._view, refusal=Hint(code, data, now))

    # --- the devices ----------------------------------------------------------------------

    def _tick(self, name: CheckName, code: str = "") -> None:
        """Something did its work; before the binding only the page with the code is shown."""
        if self._view.stage is FirstRunStage.CHECK:
            self._set(name, CheckState.FAILED if code else CheckState.OK, code)

    def _set(self, name: CheckName, state: CheckState, code: str = "") -> None:
        checks = tuple(
            Check(name, state, code) if one.name is name else one for one in self._view.checks
        )
        self._view = replace(self._view, checks=checks)

    def _health(self, health: ports.DeviceHealth) -> None:
        others = [one for one in self._view.devices if one.device != health.device]
        self._view = replace(self._view, devices=(*others, health))

    def _print(self) -> None:
        if self._print_page is not None:
            self._executor.submit(lambda: self.post(Printed(self._print_now())))

    def _print_now(self) -> str:
        assert self._print_page is not None
        try:
            self._print_page()
        except ports.DeviceLost as lost:
            return lost.code
        return ""

    def _sound(self) -> None:
        self._view = replace(self._view, tone_number=self._view.tone_number + 1)

    def _finish(self) -> None:
        if self._view.stage is not FirstRunStage.CHECK:
            return
        for check in self._view.checks:
            if check.state is CheckState.WAITING:
                self._set(check.name, CheckState.SKIPPED)
        self._view = replace(self._view, stage=FirstRunStage.DONE)


def _plain(error: Refused | Unavailable) -> dict[str, int | str]:
    return {k: v for k, v in error.data.items() if isinstance(v, (int, str))}


def checks_of(profile: Profile) -> tuple[CheckName, ...]:
    """What this profile's devices can show, in the order in which they are tried."""
    kinds = {device.kind for device in profile.devices}
    has = {
        CheckName.SCAN: bool(kinds & {"scanner", "camera"}),
        CheckName.TAP: "card_reader" in kinds,
        CheckName.LOOK: "camera" in kinds,
        CheckName.PRINT: "printer" in kinds,
        CheckName.SOUND: profile.sounds.enabled,
    }
    return tuple(name for name in CheckName if has[name])
