"""What one message does to one payment id: the outcome table, cell by cell, as data.

Read ``TABLE`` as the page of rules: a row per state of the server, a column per arriving message.
A cell lists ``(condition, outcome)`` pairs; the first condition that holds decides, and the last
one is always ``ALWAYS``, so no arrival is without an answer. Two rules stand before the table:

- A terminal other than the payment's own gets ``payments.not_yours`` for all but refunds: its
  request is refused, its journal records are parked (the server has custody, the payment is left
  alone).
- A refund id seen before is a replay.

Three notes on reading the page:

- Of an id the server knows nothing of, no fingerprint is known: the first seen binds the id.
  A cancellation binds it too, so messages carry the fingerprint of the payment they cancel.
- An offline FACT of a channel tender finds no payer to debit: it is booked as disputed, with a
  case. One that carries the server's approval (a restored server) is booked as an ordinary FACT.
- A payment of an own tender (wallet, cash) is undone in the same commit; a channel's is
  ``reversing`` until the channel's word is definite and confirmed by a query.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from domain.authorization import Tender
from domain.payment_states import PaymentState, RefundEvent

REFUND_WAIT_S: Final = 24 * 3600  # after this a refund of nothing is refused and a person told


class Message(StrEnum):
    """The columns: what arrives for the id."""

    ONLINE_SAME = "online_same"
    ONLINE_OTHER = "online_other"
    ACCEPTANCE_SAME = "acceptance_same"
    ACCEPTANCE_OTHER = "acceptance_other"
    CANCELLATION = "cancellation"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class ServerState:
    """The row, and what the server has on file for the id.

    ``tender`` is the bound payment's (for NOTHING: the arriving message's). On file means a record
    of the counter's own journal, applied or replayed; a state the server reached by itself leaves
    ``is_cancellation_on_file`` false. ``parked_code`` is why a PARKED payment is parked.
    """

    state: PaymentState
    tender: Tender = Tender.WALLET
    is_acceptance_on_file: bool = False
    is_cancellation_on_file: bool = False
    parked_code: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """The column, and what the server must know of the message to choose within the cell.

    ``is_own_terminal``: sent by the terminal that the payment is bound to.
    ``is_server_approved``: an acceptance that carries the server's own MAC of an approval.
    ``unbookable_code``: why an authentic acceptance of an unknown id cannot be booked (a store or a
    binding that terminal never had), or ``None``. For refunds only: ``is_cash`` (the money has
    left the drawer), ``is_repeat`` (this refund id has its answer), ``is_within_paid``
    (Σ refunds with this one ≤ paid), ``has_waited_out`` (received over ``REFUND_WAIT_S`` ago).
    """

    message: Message
    is_own_terminal: bool = True
    is_server_approved: bool = False
    unbookable_code: str | None = None
    is_cash: bool = False
    is_repeat: bool = False
    is_within_paid: bool = True
    has_waited_out: bool = False


class Effect(StrEnum):
    """What to do, in the words of the table."""

    DECIDE = "decide"  # authorise; store succeeded, declined or submitted
    PRESENT_STATE = "present_state"  # answer with the payment as it now is
    REPLAY = "replay"  # the record is already applied; evidence is kept
    REFUSE = "refuse"  # say no under ``code``; nothing is stored for a payment request
    PARK = "park"  # take custody of the record under ``code``
    FACT = "fact"  # book the acceptance: payers within policy, else disputed
    FACT_DISPUTED = "fact_disputed"  # book it with no payer debited
    POST_HOLD_THEN_FACT = "post_hold_then_fact"  # post what was held, FACT for the rest
    TOMBSTONE = "tombstone"  # the id is cancelled before it was ever known
    CANCEL = "cancel"  # end it: holds are released, nothing is posted
    REVERSE = "reverse"  # undo what refunds have left, in this commit
    REQUEST_REVERSAL = "request_reversal"  # tell the channel, until definite and confirmed
    ATTACH = "attach"  # lay it beside what is parked; a person decides
    WAIT = "wait"  # keep the refund until its payment is definite
    POST_REFUND = "post_refund"
    CASH_SUSPENSE = "cash_suspense"  # cash left the drawer without a payment: shift suspense
    POST_REFUND_EXCESS_SUSPENSE = "post_refund_excess_suspense"  # up to paid; the rest suspense


class CaseKind(StrEnum):
    """The cases that the table opens; each is one exception that a person closes."""

    ACCEPTED_AFTER_DECLINE = "accepted_after_decline"
    ACCEPTED_AFTER_REVERSAL = "accepted_after_reversal"
    ACCEPTED_CHANNEL_OFFLINE = "accepted_channel_offline"
    REFUND_UNPAID = "refund_unpaid"
    CASH_REFUND_UNPAID = "cash_refund_unpaid"
    CASH_EXCESS = "cash_excess"
    LATE_SUCCESS = "late_success"  # by resolve_payment: success after the reversal was asked for


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happens. ``next_state`` is the payment's; ``None`` only for DECIDE, which chooses.

    ``refund_event`` moves the refund along ``payment_states.REFUND``; ``None`` for replays and for
    other messages. ``files_acceptance`` and ``files_cancellation`` put the record on file.
    """

    effect: Effect
    next_state: PaymentState | None
    code: str | None = None
    case: CaseKind | None = None
    refund_event: RefundEvent | None = None
    files_acceptance: bool = False
    files_cancellation: bool = False


class When(StrEnum):
    """The conditions within a cell."""

    ALWAYS = "always"
    CHANNEL_TENDER = "channel_tender"
    CHANNEL_OFFLINE = "channel_offline"  # a channel tender without the server's approval
    UNBOOKABLE = "unbookable"
    ACCEPTANCE_ON_FILE = "acceptance_on_file"
    CANCELLATION_ON_FILE = "cancellation_on_file"
    CASH = "cash"
    CASH_WAITED_OUT = "cash_waited_out"
    WAITED_OUT = "waited_out"
    CASH_EXCEEDS_PAID = "cash_exceeds_paid"
    EXCEEDS_PAID = "exceeds_paid"
    THROUGH_CHANNEL = "through_channel"  # a refund that the channel carries out


CONDITIONS: Final[Mapping[When, Callable[[ServerState, Arrival], bool]]] = {
    When.ALWAYS: lambda server, arrival: True,
    When.CHANNEL_TENDER: lambda server, arrival: server.tender is Tender.CHANNEL,
    When.CHANNEL_OFFLINE: lambda server, arrival: (
        server.tender is Tender.CHANNEL and not arrival.is_server_approved
    ),
    When.UNBOOKABLE: lambda server, arrival: arrival.unbookable_code is not None,
    When.ACCEPTANCE_ON_FILE: lambda server, arrival: server.is_acceptance_on_file,
    When.CANCELLATION_ON_FILE: lambda server, arrival: server.is_cancellation_on_file,
    When.CASH: lambda server, arrival: arrival.is_cash,
    When.CASH_WAITED_OUT: lambda server, arrival: arrival.is_cash and arrival.has_waited_out,
    When.WAITED_OUT: lambda server, arrival: arrival.has_waited_out,
    When.CASH_EXCEEDS_PAID: lambda server, arrival: arrival.is_cash and not arrival.is_within_paid,
    When.EXCEEDS_PAID: lambda server, arrival: not arrival.is_within_paid,
    When.THROUGH_CHANNEL: lambda server, arrival: (
        server.tender is Tender.CHANNEL and not arrival.is_cash
    ),
}

Cell = tuple[tuple[When, Outcome], ...]

_P, _M, _W, _RE = PaymentState, Message, When, RefundEvent


def _stay(
    effect: Effect,
    code: str | None = None,
    *,
    case: CaseKind | None = None,
    refund_event: RefundEvent | None = None,
) -> Outcome:
    """Return an outcome that leaves the payment in its state; ``outcome`` fills that state in."""
    return Outcome(effect, None, code, case, refund_event)


def _fact(effect: Effect, case: CaseKind | None = None) -> Outcome:
    return Outcome(effect, _P.SUCCEEDED, case=case, files_acceptance=True)


def _undo(effect: Effect, next_state: PaymentState) -> Outcome:
    return Outcome(effect, next_state, files_cancellation=True)


_PRESENT = ((_W.ALWAYS, _stay(Effect.PRESENT_STATE)),)
_CANCELLED = ((_W.ALWAYS, _stay(Effect.PRESENT_STATE, "payments.cancelled")),)
_KEY_REUSED = ((_W.ALWAYS, _stay(Effect.REFUSE, "payments.key_reused")),)
_PARK_KEY_REUSED = ((_W.ALWAYS, _stay(Effect.PARK, "payments.key_reused")),)
_PARK_CONTRADICTION = _stay(Effect.PARK, "payments.contradiction")
_CANCELLATION_AGAIN = ((_W.ALWAYS, Outcome(Effect.REPLAY, None, files_cancellation=True)),)
_WAIT = _stay(Effect.WAIT, refund_event=_RE.WAIT)
_CASH_SUSPENSE = _stay(
    Effect.CASH_SUSPENSE,
    case=CaseKind.CASH_REFUND_UNPAID,
    refund_event=_RE.PUT_IN_SUSPENSE,
)
_NOTHING_PAID = _stay(Effect.REFUSE, "refunds.nothing_paid", refund_event=_RE.REFUSE)

_BIND_BY_ACCEPTANCE: Cell = (
    (_W.UNBOOKABLE, Outcome(Effect.PARK, _P.PARKED)),
    (_W.CHANNEL_OFFLINE, _fact(Effect.FACT_DISPUTED, CaseKind.ACCEPTED_CHANNEL_OFFLINE)),
    (_W.ALWAYS, _fact(Effect.FACT)),
)
_ACCEPTED_AFTER_UNDOING: Cell = (
    (_W.CANCELLATION_ON_FILE, _PARK_CONTRADICTION),
    (_W.CHANNEL_OFFLINE, _fact(Effect.FACT_DISPUTED, CaseKind.ACCEPTED_AFTER_REVERSAL)),
    (_W.ALWAYS, _fact(Effect.FACT, CaseKind.ACCEPTED_AFTER_REVERSAL)),
)
_REFUND_OF_UNDONE: Cell = ((_W.CASH, _CASH_SUSPENSE), (_W.ALWAYS, _NOTHING_PAID))

TABLE: Final[Mapping[PaymentState, Mapping[Message, Cell]]] = {
    _P.NOTHING: {
        _M.ONLINE_SAME: ((_W.ALWAYS, _stay(Effect.DECIDE)),),
        _M.ONLINE_OTHER: ((_W.ALWAYS, _stay(Effect.DECIDE)),),
        _M.ACCEPTANCE_SAME: _BIND_BY_ACCEPTANCE,
        _M.ACCEPTANCE_OTHER: _BIND_BY_ACCEPTANCE,
        _M.CANCELLATION: ((_W.ALWAYS, _undo(Effect.TOMBSTONE, _P.CANCELLED)),),
        _M.REFUND: (
            (_W.CASH, _CASH_SUSPENSE),
            (
                _W.WAITED_OUT,
                _stay(Effect.WAIT, case=CaseKind.REFUND_UNPAID, refund_event=_RE.WAIT),
            ),
            (_W.ALWAYS, _WAIT),
        ),
    },
    _P.SUBMITTED: {
        _M.ONLINE_SAME: _PRESENT,
        _M.ONLINE_OTHER: _KEY_REUSED,
        _M.ACCEPTANCE_SAME: (
            (_W.CHANNEL_TENDER, _stay(Effect.PARK, "tenders.not_offline")),
            (_W.ALWAYS, _fact(Effect.POST_HOLD_THEN_FACT)),
        ),
        _M.ACCEPTANCE_OTHER: _PARK_KEY_REUSED,
        _M.CANCELLATION: (
            (_W.CHANNEL_TENDER, _undo(Effect.REQUEST_REVERSAL, _P.REVERSING)),
            (_W.ALWAYS, _undo(Effect.CANCEL, _P.CANCELLED)),
        ),
        _M.REFUND: ((_W.ALWAYS, _WAIT),),
    },
    _P.SUCCEEDED: {
        _M.ONLINE_SAME: _PRESENT,
        _M.ONLINE_OTHER: _KEY_REUSED,
        _M.ACCEPTANCE_SAME: ((_W.ALWAYS, Outcome(Effect.REPLAY, None, files_acceptance=True)),),
        _M.ACCEPTANCE_OTHER: _PARK_KEY_REUSED,
        _M.CANCELLATION: (
            (_W.ACCEPTANCE_ON_FILE, _PARK_CONTRADICTION),
            (_W.CHANNEL_TENDER, _undo(Effect.REQUEST_REVERSAL, _P.REVERSING)),
            (_W.ALWAYS, _undo(Effect.REVERSE, _P.REVERSED)),
        ),
        _M.REFUND: (
            (
                _W.CASH_EXCEEDS_PAID,
                _stay(
                    Effect.POST_REFUND_EXCESS_SUSPENSE,
                    "refunds.exceeds_paid",
                    case=CaseKind.CASH_EXCESS,
                    refund_event=_RE.PUT_IN_SUSPENSE,
                ),
            ),
            (
                _W.EXCEEDS_PAID,
                _stay(Effect.REFUSE, "refunds.exceeds_paid", refund_event=_RE.REFUSE),
            ),
            (_W.THROUGH_CHANNEL, _stay(Effect.POST_REFUND, refund_event=_RE.SUBMIT)),
            (_W.ALWAYS, _stay(Effect.POST_REFUND, refund_event=_RE.POST)),
        ),
    },
    _P.DECLINED: {
        _M.ONLINE_SAME: _PRESENT,
        _M.ONLINE_OTHER: _KEY_REUSED,
        _M.ACCEPTANCE_SAME: (
            (_W.CHANNEL_OFFLINE, _fact(Effect.FACT_DISPUTED, CaseKind.ACCEPTED_AFTER_DECLINE)),
            (_W.ALWAYS, _fact(Effect.FACT, CaseKind.ACCEPTED_AFTER_DECLINE)),
        ),
        _M.ACCEPTANCE_OTHER: _PARK_KEY_REUSED,
        _M.CANCELLATION: ((_W.ALWAYS, _undo(Effect.CANCEL, _P.CANCELLED)),),
        _M.REFUND: (
            (_W.CASH_WAITED_OUT, _CASH_SUSPENSE),
            (
                _W.WAITED_OUT,
                _stay(
                    Effect.REFUSE,
                    "refunds.nothing_paid",
                    case=CaseKind.REFUND_UNPAID,
                    refund_event=_RE.REFUSE,
                ),
            ),
            (_W.ALWAYS, _WAIT),
        ),
    },
    _P.CANCELLED: {
        _M.ONLINE_SAME: _CANCELLED,
        _M.ONLINE_OTHER: _KEY_REUSED,
        _M.ACCEPTANCE_SAME: _ACCEPTED_AFTER_UNDOING,
        _M.ACCEPTANCE_OTHER: _PARK_KEY_REUSED,
        _M.CANCELLATION: _CANCELLATION_AGAIN,
        _M.REFUND: _REFUND_OF_UNDONE,
    },
    _P.REVERSING: {
        _M.ONLINE_SAME: _CANCELLED,
        _M.ONLINE_OTHER: _KEY_REUSED,
        _M.ACCEPTANCE_SAME: (
            (_W.CANCELLATION_ON_FILE, _PARK_CONTRADICTION),
            (_W.CHANNEL_TENDER, _stay(Effect.PARK, "payments.reversing")),
            (_W.ALWAYS, _fact(Effect.FACT, CaseKind.ACCEPTED_AFTER_REVERSAL)),
        ),
        _M.ACCEPTANCE_OTHER: _PARK_KEY_REUSED,
        _M.CANCELLATION: _CANCELLATION_AGAIN,
        _M.REFUND: _REFUND_OF_UNDONE,
    },
    _P.REVERSED: {
        _M.ONLINE_SAME: _CANCELLED,
        _M.ONLINE_OTHER: _KEY_REUSED,
        _M.ACCEPTANCE_SAME: _ACCEPTED_AFTER_UNDOING,
        _M.ACCEPTANCE_OTHER: _PARK_KEY_REUSED,
        _M.CANCELLATION: _CANCELLATION_AGAIN,
        _M.REFUND: _REFUND_OF_UNDONE,
    },
    _P.PARKED: {
        _M.ONLINE_SAME: ((_W.ALWAYS, _stay(Effect.REFUSE, "payments.under_review")),),
        _M.ONLINE_OTHER: _KEY_REUSED,
        _M.ACCEPTANCE_SAME: ((_W.ALWAYS, _stay(Effect.REPLAY)),),
        _M.ACCEPTANCE_OTHER: _PARK_KEY_REUSED,
        _M.CANCELLATION: ((_W.ALWAYS, _stay(Effect.ATTACH)),),
        _M.REFUND: ((_W.ALWAYS, _WAIT),),
    },
}


def outcome(server: ServerState, arrival: Arrival) -> Outcome:
    """Return what this message does to this payment id; total, pure, and called under its lock."""
    before = _before_the_table(server, arrival)
    if before is not None:
        return replace(before, next_state=server.state)
    cell = TABLE[server.state][arrival.message]
    chosen = next(result for when, result in cell if CONDITIONS[when](server, arrival))
    return _filled_in(chosen, server, arrival)


def _before_the_table(server: ServerState, arrival: Arrival) -> Outcome | None:
    if arrival.message is Message.REFUND:
        return _stay(Effect.REPLAY) if arrival.is_repeat else None
    if arrival.is_own_terminal or server.state is PaymentState.NOTHING:
        return None
    is_online = arrival.message in (Message.ONLINE_SAME, Message.ONLINE_OTHER)
    return _stay(Effect.REFUSE if is_online else Effect.PARK, "payments.not_yours")


def _filled_in(chosen: Outcome, server: ServerState, arrival: Arrival) -> Outcome:
    """Name the state that stays, and the code that the message or the parked payment brings."""
    if chosen.effect is Effect.DECIDE:
        return chosen
    code = chosen.code
    if chosen.effect is Effect.PARK and code is None:
        code = arrival.unbookable_code
    if chosen.effect is Effect.REPLAY and server.state is PaymentState.PARKED:
        code = server.parked_code
    return replace(chosen, next_state=chosen.next_state or server.state, code=code)
