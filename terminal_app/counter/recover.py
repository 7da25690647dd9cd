"""After a power cut: every frozen intent gets its outcome before the first sale (MONEY §2).

The server is asked by id. What a payer is still paying is waited for as long as it would have
been, its code on the glass again; the operator may stop it. Without the server's word an attended
counter asks its operator whether the meal was handed over; an unattended one cancels. Cash is
always the operator's to say. Nothing beeped before an acceptance was on disk, so what nobody knows
of is a sale that did not happen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.authorization import Mode, Tender
from sync.client import Unanswered
from sync.journal_rows import person_of_payer
from sync.messages import CredentialKind, Outcome, PaymentAnswer
from sync.outbox import Journal, OpenIntent
from sync.replica import Replica
from terminal_app.counter import events as on
from terminal_app.counter.answers import code_text_of, is_given_back
from terminal_app.counter.asking import Asking
from terminal_app.counter.identify import Shown
from terminal_app.counter.in_hand import SaleInHand
from terminal_app.counter.offline import OfflineDesk
from terminal_app.counter.payers import ON_ACCOUNT, Payer
from terminal_app.counter.till import Till

CODE_WAIT = timedelta(seconds=170)
"""As long as a code is shown (`rules.code_shown_max_s`), from its freeze."""
PHONE_WAIT = timedelta(seconds=45)
"""As long as a payer's phone is waited for, from its freeze."""


@dataclass(frozen=True, slots=True)
class Question:
    """Was this meal handed over? `is_asked` once the server could not say.

    `is_waiting`: the server waits for the payer, and so does the counter; `code_text` is what
    they scan.
    """

    payment_id: UUID
    amount: int
    credential: str
    at: datetime
    is_asked: bool = False
    is_waiting: bool = False
    code_text: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """断电 ¥12.00 未扣 / 已扣."""

    payment_id: UUID
    amount: int
    is_charged: bool


class Recovery:
    """Gives open intents their outcomes; idle outside RECOVER."""

    def __init__(
        self,
        journal: Journal,
        replica: Replica,
        till: Till,
        asking: Asking,
        desk: OfflineDesk,
        *,
        is_attended: bool,
        now: Callable[[], datetime],
    ) -> None:
        self._journal = journal
        self._replica = replica
        self._till = till
        self._asking = asking
        self._desk = desk
        self._is_attended = is_attended
        self._now = now
        self._open: dict[UUID, OpenIntent] = {}
        self._asked: set[UUID] = set()
        self._codes: dict[UUID, str] = {}
        self._due: set[UUID] = set()
        self.settled: tuple[Settled, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether every intent has its outcome."""
        return not self._open

    def questions(self) -> tuple[Question, ...]:
        """What the operator is asked, and what the server is being asked."""
        return tuple(
            Question(
                payment_id=payment_id,
                amount=intent.request.intent.total,
                credential=intent.request.evidence.credential.value,
                at=intent.request.stamp.corrected_at,
                is_asked=payment_id in self._asked,
                is_waiting=payment_id in self._codes,
                code_text=self._codes.get(payment_id, ""),
            )
            for payment_id, intent in self._open.items()
        )

    def begin(self) -> None:
        """Look what is open, and ask about each."""
        self._asked.clear()
        self._codes.clear()
        self._due.clear()
        self._open = {
            intent.request.intent.payment_id: intent for intent in self._journal.open_intents()
        }
        for payment_id, intent in list(self._open.items()):
            if intent.request.intent.tender is Tender.CASH:
                self._ask_operator(payment_id)
            else:
                self._asking.ask_recovery(payment_id)

    def answer(self, payment_id: UUID, answer: PaymentAnswer | Unanswered) -> on.Event | None:
        """Take the server's word; only silence leaves the question to the operator."""
        intent = self._open.get(payment_id)
        if intent is None:
            return None
        if self._is_waited_for(intent, answer):
            self._codes[payment_id] = code_text_of(answer) or self._codes.get(payment_id, "")
            self._due.add(payment_id)
            return None
        self._codes.pop(payment_id, None)
        if isinstance(answer, Unanswered):
            return self._ask_operator(payment_id)
        if answer.outcome is Outcome.APPROVED and not is_given_back(answer):
            return self._accept(intent, answer)
        if answer.outcome is Outcome.DECLINED:
            event = self._till.decline(self._hand(intent), answer.code)
            return event or self._settle(intent, is_charged=False)
        return self._cancel(intent)

    def look(self) -> None:
        """Ask again about what its payer is still paying; call it about once a second."""
        due, self._due = self._due, set()
        for payment_id in due:
            self._asking.ask_recovery(payment_id)

    def _is_waited_for(self, intent: OpenIntent, answer: PaymentAnswer | Unanswered) -> bool:
        """Whether a payer may still pay: what they are doing outlives our power cut."""
        payment_id, request = intent.request.intent.payment_id, intent.request
        if request.intent.tender is not Tender.CHANNEL:
            return False
        if isinstance(answer, Unanswered):
            is_open = payment_id in self._codes
        else:
            is_open = answer.outcome in (Outcome.AWAITING, Outcome.UNKNOWN)
        is_code = request.evidence.credential is CredentialKind.PAYEE_CODE
        longest = CODE_WAIT if is_code else PHONE_WAIT
        return is_open and self._now() - request.stamp.corrected_at < longest

    def handed_over(self, payment_id: UUID, *, is_handed_over: bool) -> on.Event | None:
        """Take the operator's word."""
        intent = self._open.get(payment_id)
        if intent is None or payment_id not in self._asked | self._codes.keys():
            return None
        if payment_id in self._codes and is_handed_over:
            return None  # while it can still be paid, only its payer's money says so
        return self._accept(intent, None) if is_handed_over else self._cancel(intent)

    def _ask_operator(self, payment_id: UUID) -> on.Event | None:
        if not self._is_attended:
            return self._cancel(self._open[payment_id])
        self._asked.add(payment_id)
        return None

    def _accept(self, intent: OpenIntent, answer: PaymentAnswer | None) -> on.Event | None:
        hand = self._hand(intent)
        if answer is not None:
            hand.mode, hand.mac, hand.balances = Mode.ONLINE, answer.mac, answer.balances
        else:
            hand.decided = self._desk.decide(hand.payer, hand.amount, None)
        event = self._till.accept(hand)
        if isinstance(event, on.NotStored):
            return event
        return self._settle(intent, is_charged=True)

    def _cancel(self, intent: OpenIntent) -> on.Event | None:
        problem = self._till.cancel_request(intent.request, intent.fingerprint, "power_lost")
        if problem:
            return on.NotStored(0, problem)
        return self._settle(intent, is_charged=False)

    def _settle(self, intent: OpenIntent, *, is_charged: bool) -> on.Event | None:
        payment_id = intent.request.intent.payment_id
        self._open.pop(payment_id, None)
        self._asked.discard(payment_id)
        self._codes.pop(payment_id, None)
        self._due.discard(payment_id)
        settled = Settled(payment_id, intent.request.intent.total, is_charged)
        self.settled = (*self.settled, settled)[-5:]
        return on.Recovered() if self.is_done else None

    def _hand(self, intent: OpenIntent) -> SaleInHand:
        request = intent.request
        evidence, frozen = request.evidence, request.intent
        payer = Payer(
            offer=0,
            credential=evidence.credential,
            tender=frozen.tender,
            reference=frozen.payer,
            assurance=max(1, evidence.assurance),
            due_amount=frozen.total,
            person_id=self._person_of(frozen.payer, evidence.credential, evidence.credential_ref),
            proof=evidence.second_factor,
            override_reason=evidence.override_reason or ON_ACCOUNT,
        )
        return SaleInHand(
            sale=0,
            payer=payer,
            shown=Shown(),
            request=request,
            fingerprint=intent.fingerprint,
            frozen_at=0.0,
            at=self._now(),
        )

    def _person_of(self, payer: str, credential: CredentialKind, reference: str) -> UUID | None:
        if credential is CredentialKind.CARD:
            card = self._replica.card(reference)
            return card.person_id if card else None
        return person_of_payer(payer)
