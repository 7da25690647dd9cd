"""What the diner's side says while cash is taken for a wallet: never a balance, only this sum.

The diner's own key is between the sum and the cash; see `counter.top_up`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from terminal_app.counter.top_up import TopUp, TopUpStep


@dataclass(frozen=True, slots=True)
class TopUpPage:
    """A page with its role, the word of its headline and the code of its sentence."""

    page: str
    role: str
    headline: str
    sentence: str = ""


PAGES: Final[Mapping[TopUpStep, TopUpPage]] = {
    TopUpStep.WHO: TopUpPage("topUp", "calm", "dinerTopUp", "diners.top_up_who"),
    TopUpStep.AMOUNT: TopUpPage("topUp", "calm", "dinerTopUp"),
    TopUpStep.CONFIRM: TopUpPage("confirm", "ask", "dinerTopUpSure"),
    TopUpStep.PIN: TopUpPage("topUp", "calm", "dinerTopUp", "diners.one_moment"),
    TopUpStep.ASKING: TopUpPage("topUp", "calm", "dinerTopUp", "diners.one_moment"),
    TopUpStep.BOOKED: TopUpPage("paid", "good", "dinerTopUpDone"),
    TopUpStep.REFUSED: TopUpPage("declined", "warn", "dinerTopUpRefused", "diners.top_up_refused"),
    TopUpStep.WAITING: TopUpPage("topUp", "ask", "dinerTopUpWaits", "diners.top_up_waits"),
}
"""The page of every step."""


def page_of(top_up: TopUp | None) -> TopUpPage:
    """The page of a top-up; of none yet, the one that asks who it is for."""
    return PAGES[top_up.step if top_up else TopUpStep.WHO]
