"""Screens that a recorded day did not come to, made from one of its views by changing what differs.

A demo's day has no withdrawn licence and no full disk, and nobody tops up in its rush; their pages
are looked at all the same. Nothing is made whose like was recorded, or that has nothing to begin
from.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sync.messages import CredentialKind
from terminal_app.counter.machine import Phase
from terminal_app.counter.parts import Hint
from terminal_app.counter.payers import Factor
from terminal_app.counter.top_up import Beneficiary, TopUp, TopUpStep
from terminal_app.counter.view import CounterView
from terminal_app.counter.ways import Showing

SOMEBODY: Final = Beneficiary(UUID(int=1), "card:1", CredentialKind.CARD, "张*明")
SUM: Final = 5_000


@dataclass(frozen=True, slots=True)
class Derived:
    """`change` makes the screen of a view whose name begins with `begins`."""

    begins: str
    change: Callable[[CounterView], CounterView]


def _topped_up(step: TopUpStep) -> Derived:
    codes = {TopUpStep.REFUSED: "people.frozen", TopUpStep.WAITING: "server.unreachable"}
    shown = TopUp(step, who=SOMEBODY, amount=SUM, code=codes.get(step, ""))
    shown = TopUp() if step is TopUpStep.WHO else shown
    return Derived("idle_", lambda view: replace(view, phase=Phase.TOP_UP, top_up=shown))


def _blocked(code: str) -> Derived:
    return Derived("idle_", lambda view: replace(view, phase=Phase.BLOCKED, code=code))


def _factor(factor: Factor) -> Derived:
    return Derived("second_factor_", lambda view: replace(view, factor=factor, hint=Hint()))


def _asked(view: CounterView) -> CounterView:
    return replace(view, questions=tuple(replace(one, is_asked=True) for one in view.questions))


def _scanned(begins: str, phase: Phase, showing: Showing) -> Derived:
    """A code that a payer scans, at the sum that was armed."""

    def change(view: CounterView) -> CounterView:
        seconds = 170 if phase is Phase.AWAITING else None
        shown = replace(view, phase=phase, showing=showing, hint=Hint(), seconds_left=seconds)
        return replace(shown, shown_amount=showing.amount or SUM, credential="payee_code")

    return Derived(begins, change)


_CODE: Final = Showing(
    "https://pay.example.com/pay/" + "0" * 48, SUM, is_code=True, is_offered=True, may_renew=True
)
DERIVED: Final[Mapping[str, Derived]] = {
    "practice": Derived("armed_standing", lambda view: replace(view, is_practice=True)),
    "recover_asks": Derived("recover", _asked),
    "locked_new_pin": Derived("locked_day", lambda view: replace(view, must_change_pin=True)),
    "locked_waits": Derived("locked", lambda view: replace(view, pin_locked_s=42)),
    "blocked_storage_full": _blocked("storage.full"),
    "blocked_limits_offline_terminal": _blocked("limits.offline_terminal"),
    "blocked_terminals_revoked": _blocked("terminals.revoked"),
    "second_factor_card": _factor(Factor.CARD),
    "second_factor_last_digits": _factor(Factor.LAST_DIGITS),
    "recover_code": _scanned("recover", Phase.RECOVER, _CODE),
    "awaiting_code": _scanned("armed_", Phase.AWAITING, _CODE),
    "awaiting_code_cut": _scanned("armed_", Phase.AWAITING, replace(_CODE, is_cut=True)),
    "awaiting_code_soon": _scanned("armed_", Phase.AWAITING, replace(_CODE, text="")),
    "cancelling_renewing": _scanned("armed_", Phase.CANCELLING, Showing(is_renewing=True)),
    "reversed_too_late": _scanned("armed_", Phase.REVERSED, Showing(was_taken=True)),
    **{f"top_up_{step.value}": _topped_up(step) for step in TopUpStep},
}


def derived(views: Mapping[str, CounterView]) -> Iterator[tuple[str, CounterView]]:
    """Every screen of `DERIVED` that `views` lacks and has something to begin from."""
    for name, one in DERIVED.items():
        if any(known.startswith(name) for known in views):
            continue
        base = next((view for known, view in views.items() if known.startswith(one.begins)), None)
        if base is not None:
            yield name, one.change(base)
