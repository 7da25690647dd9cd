"""Which ways to pay are open now, and the code that a payer scans off the diner's side.

A code is shown only while it can be paid: never beside another, never while the sale is being
cancelled. What the server has not spoken of for a while is said to be unknown, not failed.
"""

from dataclasses import dataclass

from terminal_app.counter.machine import Machine, Phase, Stage, Then
from terminal_app.counter.parts import Memory, Parts

_KINDS = {"card": {"card_reader"}, "code": {"scanner", "camera"}, "face": {"camera"}}
_MAY_SHOW = (Phase.ARMED, Phase.CANDIDATE, Phase.DECLINED)


@dataclass(frozen=True, slots=True)
class Showing:
    """The code on the glass. `text` is empty while it is being fetched; `amount` in fen.

    `is_offered`: this counter has the key 扫码收款, and `may_show`: it can be pressed now.
    `is_code`: the payer of the sale in hand scans; `may_renew`: another code may be had for it,
    and `is_renewing`: it is on its way. `is_cut`: the server was not heard for so long that what
    a payer did is not known here. `was_taken`: money came after the sale was given up, and went
    back.
    """

    text: str = ""
    amount: int = 0
    is_code: bool = False
    is_cut: bool = False
    is_offered: bool = False
    may_show: bool = False
    may_renew: bool = False
    is_renewing: bool = False
    was_taken: bool = False


def showing_of(parts: Parts, memory: Memory, machine: Machine, now: float) -> Showing:
    """What is shown to be scanned now, or may be."""
    if machine.phase is Phase.RECOVER:
        return _recovering(parts)
    is_waiting = machine.phase is Phase.AWAITING and machine.stage is not Stage.DECIDED
    hand = memory.hands.get(machine.sale)
    is_shown = is_waiting and machine.is_showing and hand is not None
    is_cut = is_waiting and now - machine.heard_at >= machine.rules.unheard_after_s
    return Showing(
        text=hand.code_text if is_shown and hand is not None else "",
        amount=machine.due if is_shown else 0,
        is_code=machine.is_showing,
        is_cut=is_cut,
        is_offered=_is_offered(parts, machine),
        may_show=_may_show(parts, machine),
        may_renew=is_shown and not is_cut,
        is_renewing=machine.phase is Phase.CANCELLING and machine.then is Then.AGAIN,
        was_taken=machine.was_taken,
    )


def _recovering(parts: Parts) -> Showing:
    """The code that stood there when the power went: its payer may be paying it right now."""
    for question in parts.recovery.questions():
        if question.code_text and not question.is_asked:
            return Showing(question.code_text, question.amount, is_code=True)
    return Showing()


def _is_offered(parts: Parts, machine: Machine) -> bool:
    return "code" in machine.rules.tenders and parts.shows_codes()


def _may_show(parts: Parts, machine: Machine) -> bool:
    is_there = parts.asking.is_online_first and _is_offered(parts, machine)
    return is_there and machine.phase in _MAY_SHOW


def tenders_up(parts: Parts, memory: Memory) -> tuple[str, ...]:
    """The tenders on offer: one whose every device is away is hidden until it is back."""
    away = {health.kind for health in memory.devices.values() if health.state.value == "lost"}
    ready = {health.kind for health in memory.devices.values() if health.state.value == "ready"}
    hidden = {
        tender
        for tender, kinds in _KINDS.items()
        if (kinds & away and not kinds & ready) or tender in away
    }  # fmt: skip
    return tuple(tender for tender in parts.profile.tenders if tender not in hidden)
