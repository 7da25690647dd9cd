"""The outcome table played out: all orders and repetitions of an id's messages.

A small model of a server does what the table says, keeps the net of its bookings, and puts waiting
refunds and parked acceptances to the table again after each change, as the rules ask.
"""

from dataclasses import dataclass, field
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.authorization import Tender
from domain.payment_outcomes import Arrival, Effect, Message, ServerState, outcome
from domain.payment_states import PaymentState, RefundEvent, RefundState, advance

PAID, BACK = 1_000, 400
P, M, E = PaymentState, Message, Effect
BOOKS = {E.FACT, E.FACT_DISPUTED, E.POST_HOLD_THEN_FACT}
UNDOES = {E.REVERSE, E.TOMBSTONE, E.CANCEL}
MESSAGES = ("online", "acceptance", "cancellation", "refund")
NAMES = {"online": M.ONLINE_SAME, "acceptance": M.ACCEPTANCE_SAME, "cancellation": M.CANCELLATION}


@dataclass
class Server:
    """One id at the server. ``word`` is what the channel or the wallet says when asked."""

    tender: Tender
    word: PaymentState
    is_cash_refund: bool = False
    state: PaymentState = P.NOTHING
    net: int = 0
    refunded: int = 0
    suspense: int = 0
    refund: RefundState = RefundState.NOTHING
    on_file: set[str] = field(default_factory=set)
    parked: list[str] = field(default_factory=list)
    has_taken: bool = False

    def receive(self, name: str) -> None:
        before = self.state
        if name == "refund":
            self._refund()
        elif name == "resolve":
            self._resolve()
        else:
            self._message(name)
        if self.state is not before:
            self._put_to_the_table_again()

    def _now(self) -> ServerState:
        return ServerState(
            self.state, self.tender, "acceptance" in self.on_file, "cancellation" in self.on_file
        )

    def _message(self, name: str) -> None:
        result = outcome(self._now(), Arrival(NAMES[name]))
        if result.effect is E.DECIDE:
            self._decide()
            return
        if result.effect in BOOKS:
            self.net = PAID
            self.has_taken = True
        if result.effect in UNDOES:
            self._give_back()
        if result.effect is E.PARK:
            self.parked.append(name)
        self.on_file |= {"acceptance"} if result.files_acceptance else set()
        self.on_file |= {"cancellation"} if result.files_cancellation else set()
        assert result.next_state is not None
        self.state = result.next_state

    def _decide(self) -> None:
        self.state = P.SUBMITTED if self.tender is Tender.CHANNEL else self.word
        self._take()

    def _take(self) -> None:
        if self.state is P.SUCCEEDED:
            self.net, self.has_taken = PAID, True

    def _resolve(self) -> None:
        """The channel's word has come, or the confirmation of a reversal."""
        if self.state is P.SUBMITTED:
            self.state = self.word
            self._take()
        elif self.state is P.REVERSING:
            self._give_back()
            self.state = P.REVERSED if self.has_taken else P.CANCELLED

    def _give_back(self) -> None:
        self.net = 0

    def _refund(self) -> None:
        is_repeat = self.refund not in (RefundState.NOTHING, RefundState.WAITING)
        is_repeat = is_repeat and self.refund is not RefundState.SUSPENSE
        result = outcome(
            self._now(), Arrival(M.REFUND, is_cash=self.is_cash_refund, is_repeat=is_repeat)
        )
        if result.refund_event is None:
            return
        was = self.refund
        self.refund = advance(was, result.refund_event)
        if result.refund_event in (RefundEvent.POST, RefundEvent.SUBMIT):
            self.suspense -= BACK if was is RefundState.SUSPENSE else 0
            self.net -= BACK
        elif self.refund is RefundState.SUSPENSE and was is not RefundState.SUSPENSE:
            self.suspense += BACK

    def _put_to_the_table_again(self) -> None:
        parked, self.parked = self.parked, []
        for name in parked:
            self._message(name)
        if self.refund in (RefundState.WAITING, RefundState.SUSPENSE):
            self._refund()


def play(order: tuple[str, ...], **facts) -> Server:
    server = Server(**facts)
    for name in order:
        server.receive(name)
    for _ in range(2):
        server.receive("resolve")
    return server


def first_word(order: tuple[str, ...]) -> tuple[str, ...]:
    """The first decision on the id; and, of two contradicting records, which came first."""
    binding = next((name for name in order if name != "refund"), "")
    contradicting = [name for name in order if name in ("acceptance", "cancellation")]
    is_contradiction = len(set(contradicting)) == 2
    return (binding, contradicting[0] if is_contradiction else "")


def due(server: Server) -> tuple[int, int]:
    """What the books must hold of the payment and in suspense, by its state."""
    refunds = BACK if server.refund in (RefundState.SUCCEEDED, RefundState.SUBMITTED) else 0
    # Of one that is reversed nothing remains, whatever refunds had left; else none was refunded
    assert server.state in (P.SUCCEEDED, P.REVERSED) or refunds == 0
    net = PAID - refunds if server.state is P.SUCCEEDED else 0
    return net, BACK if server.refund is RefundState.SUSPENSE else 0


WALLET_FACTS = [
    {"tender": Tender.WALLET, "word": word, "is_cash_refund": is_cash}
    for word in (P.SUCCEEDED, P.DECLINED)
    for is_cash in (False, True)
]
CHANNEL_FACTS = [{**facts, "tender": Tender.CHANNEL} for facts in WALLET_FACTS]


@pytest.mark.parametrize("facts", WALLET_FACTS)
@pytest.mark.parametrize("left_out", [None, *MESSAGES])
def test_the_end_depends_only_on_the_messages_and_the_first_decision(facts, left_out):
    messages = [name for name in MESSAGES if name != left_out]
    ends: dict[tuple[str, ...], set[tuple[PaymentState, int]]] = {}
    for order in permutations(messages):
        server = play(order, **facts)
        assert (server.net, server.suspense) == due(server)
        ends.setdefault(first_word(order), set()).add((server.state, server.net))
    assert all(len(found) == 1 for found in ends.values()), ends


@pytest.mark.parametrize("facts", [*WALLET_FACTS, *CHANNEL_FACTS])
def test_repeating_everything_changes_nothing(facts):
    for order in permutations(MESSAGES):
        once, twice = play(order, **facts), play(order + order, **facts)
        assert (once.state, once.net, once.refund, once.suspense) == (
            twice.state,
            twice.net,
            twice.refund,
            twice.suspense,
        )


@pytest.mark.parametrize("facts", CHANNEL_FACTS)
def test_a_channels_word_may_come_at_any_moment(facts):
    for order in permutations((*MESSAGES, "resolve", "resolve")):
        server = play(order, **facts)
        assert (server.net, server.suspense) == due(server)


@pytest.mark.parametrize("facts", CHANNEL_FACTS)
def test_a_cancelled_channel_payment_ends_with_nothing_taken(facts):
    for order in permutations(("online", "cancellation", "refund", "resolve")):
        server = play(order, **facts)
        assert server.state in (P.CANCELLED, P.REVERSED)
        assert server.net == 0


@given(
    st.sampled_from([*WALLET_FACTS, *CHANNEL_FACTS]),
    st.lists(st.sampled_from([*MESSAGES, "resolve"]), max_size=12),
)
def test_the_books_agree_with_the_state_after_any_messages(facts, order):
    server = play(tuple(order), **facts)
    assert (server.net, server.suspense) == due(server)


@pytest.mark.parametrize("facts", [*WALLET_FACTS, *CHANNEL_FACTS])
def test_a_meal_handed_over_and_not_cancelled_is_always_booked(facts):
    for order in permutations(("online", "acceptance", "refund", "resolve")):
        server = play(order, **facts)
        assert (server.state, server.parked) == (P.SUCCEEDED, [])


@pytest.mark.parametrize("facts", [*WALLET_FACTS, *CHANNEL_FACTS])
def test_a_booked_acceptance_is_never_undone_by_a_cancellation(facts):
    for order in permutations(MESSAGES):
        booked_first = play(order[: order.index("cancellation")], **facts)
        if "acceptance" in booked_first.on_file:
            order_so_far = (*order[: order.index("cancellation")], "resolve", "cancellation")
            server = play(order_so_far, **facts)
            assert (server.state, server.parked) == (P.SUCCEEDED, ["cancellation"])
