"""A payment as the rules on paper have it: a state, a few flags, four sums. No accounts, no SQL.

It asks `domain`'s table what each message does, and keeps the sums that the books must show.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.authorization import Tender
from domain.payment_outcomes import Arrival, Effect, Message, Outcome, ServerState, outcome
from domain.payment_states import PaymentState, RefundEvent, RefundState, advance

P, E, R = PaymentState, Effect, RefundState
FACTS = (E.FACT, E.FACT_DISPUTED, E.POST_HOLD_THEN_FACT)


@dataclass
class ModelRefund:
    """One refund id."""

    amount: int
    is_cash: bool
    state: RefundState = R.NOTHING
    posted: int = 0
    suspense: int = 0


@dataclass
class Model:
    """One payment id. `decides` is what the server says when it is the first to be asked."""

    tender: Tender
    total: int
    decides: PaymentState
    state: PaymentState = P.NOTHING
    accepted: bool = False
    cancelled: bool = False
    is_sold: bool = False
    is_disputed: bool = False
    reserved: int = 0
    took_money: bool = False
    is_attempt_live: bool = False
    late: int = 0
    parked: int = 0
    refunds: dict[str, ModelRefund] = field(default_factory=dict)

    # --- what the books must show --------------------------------------------------------

    @property
    def merchant(self) -> int:
        """The merchant's net: payable, disputed and cash together."""
        given = sum(r.posted for r in self.refunds.values())
        if self.is_sold:
            return self.total - given
        return self.reserved - given if self.state is P.REVERSED else 0

    @property
    def suspended_cash(self) -> int:
        """Cash that no payment backs."""
        return sum(r.suspense for r in self.refunds.values())

    @property
    def surplus(self) -> int:
        """A payer's money that we hold."""
        return self.late

    # --- messages ------------------------------------------------------------------------

    def online(self, *, is_same: bool = True) -> None:
        said = self._ask(Message.ONLINE_SAME if is_same else Message.ONLINE_OTHER)
        if said.effect is not E.DECIDE:
            return
        if self.tender is Tender.CHANNEL:
            self.is_attempt_live = True
            self._become(P.SUBMITTED)
            return
        self.is_sold = self.decides is P.SUCCEEDED
        self._become(self.decides)

    def accept(self, *, is_same: bool = True) -> None:
        said = self._ask(Message.ACCEPTANCE_SAME if is_same else Message.ACCEPTANCE_OTHER)
        if said.effect is E.PARK and self.tender is Tender.CHANNEL:
            self.parked += said.code in ("tenders.not_offline", "payments.reversing")
        self._file(said)
        self._fact(said)

    def cancel(self, *, by_server: bool = False) -> None:
        if by_server and self.state is P.NOTHING:
            return
        said = self._ask(Message.CANCELLATION)
        if not by_server:
            self._file(said)
        assert said.next_state is not None
        if said.effect is E.REVERSE:
            self.is_sold = False
        if said.effect is E.REQUEST_REVERSAL:
            self.is_attempt_live = True
        self._become(said.next_state)

    def refund(self, name: str, amount: int, *, is_cash: bool) -> None:
        known = self.refunds.get(name)
        if known is not None and known.state is not R.WAITING:
            return
        self._put(self.refunds.setdefault(name, ModelRefund(amount, is_cash)))

    # --- the channel ---------------------------------------------------------------------

    def channel_succeeds(self) -> None:
        if self.state is P.SUBMITTED:
            self.is_sold, self.took_money, self.is_attempt_live = True, True, False
            self._become(P.SUCCEEDED)
        elif self.is_attempt_live:
            self.took_money = True
        elif not self.took_money and self.tender is Tender.CHANNEL and self._was_called:
            self.late, self.took_money = self.total, True

    def channel_declines(self) -> None:
        if self.state is P.SUBMITTED:
            self.is_attempt_live = False
            self._become(P.DECLINED)

    def channel_confirms_reversal(self) -> None:
        if self.state is not P.REVERSING:
            return
        self.is_attempt_live = False
        self.is_sold = False
        self._become(P.REVERSED if self.took_money else P.CANCELLED)

    _was_called: bool = False

    # --- inside --------------------------------------------------------------------------

    def _ask(self, message: Message) -> Outcome:
        return outcome(self._server(), Arrival(message))

    def _server(self) -> ServerState:
        return ServerState(self.state, self.tender, self.accepted, self.cancelled)

    def _file(self, said: Outcome) -> None:
        self.accepted |= said.files_acceptance
        self.cancelled |= said.files_cancellation

    def _fact(self, said: Outcome) -> None:
        if said.effect in FACTS:
            self.is_sold = True
            self.is_disputed = said.effect is E.FACT_DISPUTED
            self._become(P.SUCCEEDED)

    def _become(self, state: PaymentState) -> None:
        if state is self.state:
            return
        self._was_called |= state is P.SUBMITTED
        self.state = state
        if self.parked:
            said = self._ask(Message.ACCEPTANCE_SAME)
            if said.effect is not E.PARK:
                self.parked = 0
                self._file(said)
                if said.effect in FACTS:
                    self.is_sold, self.is_disputed, self.state = True, True, P.SUCCEEDED
        for name in sorted(self.refunds):
            if self.refunds[name].state in (R.WAITING, R.SUSPENSE):
                self._put(self.refunds[name])

    def _put(self, refund: ModelRefund) -> None:
        left = self.total - self.reserved if self.state is P.SUCCEEDED else 0
        open_amount = refund.amount - refund.posted
        said = outcome(
            self._server(),
            Arrival(Message.REFUND, is_cash=refund.is_cash, is_within_paid=open_amount <= left),
        )
        if (
            self.is_disputed
            and self.tender is Tender.CHANNEL
            and said.refund_event is (RefundEvent.SUBMIT)
        ):
            said = Outcome(said.effect, said.next_state, refund_event=RefundEvent.POST)
        assert said.refund_event is not None
        refund.state = advance(refund.state, said.refund_event)
        if said.effect in (E.POST_REFUND, E.POST_REFUND_EXCESS_SUSPENSE):
            amount = min(open_amount, left)
            self.reserved += amount
            if said.refund_event is not RefundEvent.SUBMIT:
                refund.posted += amount
                refund.suspense -= min(amount, refund.suspense)
        if refund.state is R.SUSPENSE:
            refund.suspense = refund.amount - refund.posted
