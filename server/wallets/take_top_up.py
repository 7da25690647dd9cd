"""Take a top-up from a counter: who is it for, may this operator take it, then one command.

Only with the server, and only once per id (see `sync.messages.top_ups`). What the edge finds
wrong goes through the writer too, so that the no is stored under the id.
"""

from datetime import date, datetime
from uuid import UUID

from domain.errors import Refused
from server.http import TerminalIdentity
from server.ledger.commands import Reader
from server.merchants.models import MerchantOperator
from server.merchants.read_stores import read_stores
from server.people.read_payers import PayerProfile, read_payers
from server.runtime import Runtime
from server.wallets.top_up import (
    COUNTER,
    CounterPlace,
    ToppedUpAnswer,
    TopUpWallet,
    with_shifts,
)
from sync.messages import TopUpAnswer, TopUpOutcome, TopUpRequest, top_up_fingerprint

MAX_TOP_UP_AMOUNT = 100_000
"""¥1,000 at once: more is a slip of the finger at a canteen's counter."""
MAX_CASH_AMOUNT = 500_000
"""¥5,000 a wallet: the limit of a named prepaid card (MOFCOM order 2012 no. 9, art. 18)."""
NOBODY = UUID(int=0)
"""Whose accounts are named when the payer is unknown; nothing is ever posted to them."""


class TakeTopUp:
    """The use-case, with what it needs of a running server."""

    def __init__(self, runtime: Runtime, read_shifts: Reader) -> None:
        self._runtime, self._reader = runtime, with_shifts(read_shifts)

    async def take(self, terminal: TerminalIdentity, asked: TopUpRequest) -> TopUpAnswer:
        """Book the top-up once; a repeat is answered with what was said first."""
        check_binding(terminal, asked)
        now = self._runtime.clock.now()
        command, profile = await self._runtime.read(self._plan, terminal, asked, now)
        booked = await self._runtime.writer.answer(command)
        return _answer(asked, booked, profile)

    def _plan(
        self, terminal: TerminalIdentity, asked: TopUpRequest, now: datetime
    ) -> tuple[TopUpWallet, PayerProfile | None]:
        payers = read_payers(terminal.organisation_id, [asked.payer])
        profile = payers.get(asked.payer)
        place = CounterPlace(
            terminal.terminal_id, asked.shift_id, asked.operator_id, MAX_CASH_AMOUNT,
            top_up_fingerprint(asked).hex(),
            refusal_of(terminal, asked, profile)
            or operator_refusal(terminal, asked.operator_id),
            self._reader,
        )  # fmt: skip
        command = TopUpWallet(
            asked.top_up_id, terminal.organisation_id, profile.person_id if profile else NOBODY,
            asked.amount, COUNTER, now, business_on(terminal, now), place=place,
        )  # fmt: skip
        return command, profile


def check_binding(terminal: TerminalIdentity, asked: TopUpRequest) -> None:
    """Refuse what speaks for another place than the terminal's own; nothing is stored."""
    told = (asked.organisation_id, asked.merchant_id, asked.store_id, asked.terminal_id)
    own = (
        terminal.organisation_id, terminal.merchant_id, terminal.store_id, terminal.terminal_id,
    )  # fmt: skip
    if told != own or asked.currency != "CNY":
        raise Refused("payments.not_yours")


def business_on(terminal: TerminalIdentity, now: datetime) -> date:
    """Return the store's business day: the server's clock, since the server books it now."""
    store = read_stores(terminal.organisation_id, [terminal.store_id])[terminal.store_id]
    return store.business_on(now)


def operator_refusal(terminal: TerminalIdentity, operator_id: UUID) -> str:
    """Why this operator takes no money here; "" when they do."""
    row = MerchantOperator.objects.filter(
        organisation_id=terminal.organisation_id, merchant_id=terminal.merchant_id, id=operator_id
    ).first()
    if row is None:
        return "operators.unknown"
    return "" if row.is_active else "operators.inactive"


def refusal_of(
    terminal: TerminalIdentity, asked: TopUpRequest, profile: PayerProfile | None
) -> str:
    """Why this money may not be taken for this payer; "" when it may."""
    if not 0 < asked.amount <= MAX_TOP_UP_AMOUNT:
        return "top_ups.amount_out_of_range"
    if profile is None:
        return "people.unknown"
    if terminal.site_id not in profile.site_ids:
        return "people.not_entitled_here"
    if profile.card is not None and profile.card.state != "active":
        return f"cards.{profile.card.state}"
    return ""


def _answer(
    asked: TopUpRequest, booked: ToppedUpAnswer, profile: PayerProfile | None
) -> TopUpAnswer:
    is_booked = not booked.code
    if is_booked and profile is not None and profile.person_id != booked.person_id:
        profile = None
    return TopUpAnswer(
        top_up_id=asked.top_up_id,
        outcome=TopUpOutcome.BOOKED if is_booked else TopUpOutcome.REFUSED,
        code=booked.code,
        amount=booked.amount if is_booked else 0,
        repaid_amount=booked.repaid_amount,
        person_id=booked.person_id if is_booked else profile.person_id if profile else None,
        masked_name=profile.masked_name if profile else "",
        balances=booked.balances,
    )
