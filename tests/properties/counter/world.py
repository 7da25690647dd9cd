"""A little world that carries the machine's effects out as `run.py` does, and what must hold.

Its decider answers what it likes, when it likes; its disk now and then takes nothing.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections import deque
from dataclasses import replace
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from domain.authorization import Tender
from sync.messages import CredentialKind
from terminal_app.counter import effects as do
from terminal_app.counter import events as on
from terminal_app.counter.machine import Machine, Phase
from terminal_app.counter.payers import Doubt, Factor, Payer
from terminal_app.counter.rules import Rules
from terminal_app.counter.states import TABLE, advance

PEOPLE = [UUID(int=number) for number in range(1, 4)]
TENDERS = frozenset({"card", "code", "face", "number", "cash", "on_account"})

AWAY = {Phase.RECOVER, Phase.LOCKED, Phase.NO_PERIOD, Phase.IDLE, Phase.BLOCKED}
TAKING = {Phase.ARMED, Phase.CANDIDATE, Phase.CONFIRM, Phase.SECOND_FACTOR, Phase.DECLINED}
PRESSES: list[on.Event] = [
    on.Entered(),
    on.Cleared(),
    on.Paused(),
    on.NotMe(),
    on.NextPressed(),
    on.StopPressed(),
    on.NewCodePressed(),
    on.OnAccount(),
    on.PlusOne(),
    on.LockPressed(),
    on.SecondFace(),
    on.AnotherPerson(99),
    on.PriceChanged(),
    on.Confirmed(on.Who.DINER),
    on.Confirmed(on.Who.CASHIER),
    on.FactorGiven(True, "pin"),
    on.FactorGiven(False),
    on.PeriodChanged(""),
    on.PeriodChanged("lunch"),
    on.ZoneEmptied(on.What.CARD),
    on.ZoneEmptied(on.What.CODE),
    on.ZoneEmptied(on.What.FACE),
    on.NotTaken("codes.unknown"),
    on.Obstructed("limits.offline_terminal"),
    on.Mended("limits.offline_terminal"),
    on.CapExtended(),
    on.TopUpStarted(),
    on.TopUpEnded(),
    on.TopUpEnded(),
]

CREDENTIALS = [
    (CredentialKind.CARD, Tender.WALLET),
    (CredentialKind.WALLET_CODE, Tender.WALLET),
    (CredentialKind.CHANNEL_CODE, Tender.CHANNEL),
    (CredentialKind.NUMBER, Tender.WALLET),
]
ANSWERS = ["yes", "yes offline", "no", "no on file", "await", "silence", "price", "factor"]


class CounterWorld(RuleBasedStateMachine):
    """One counter, its decider and its disk."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.offers = 0
        self.tracks = 0
        self.frozen: dict[int, do.Freeze] = {}
        self.shown_since: dict[int, float] = {}
        self.charges: list[int] = []
        self.charged_armings: list[int] = []
        self.spent_tracks: Tally[int] = Tally()
        self.cancelled: set[int] = set()
        self.declined: set[int] = set()
        self.refunded: set[int] = set()
        self.definite: set[int] = set()
        self.approved_tones = 0
        self.is_disk_full = False

    @initialize(
        is_standing=st.booleans(),
        face=st.sampled_from(["off", "confirm", "auto"]),
        confirm_by=st.sampled_from(["cashier", "diner", "either"]),
        is_attended=st.booleans(),
    )
    def open_counter(
        self, is_standing: bool, face: str, confirm_by: str, is_attended: bool
    ) -> None:
        rules = Rules(
            is_standing=is_standing,
            is_attended=is_attended,
            face=face,  # type: ignore[arg-type]
            confirm_by=confirm_by,  # type: ignore[arg-type]
            tenders=TENDERS,
        )
        self.machine = Machine(rules=rules, since=self.now)
        for event in (
            on.CoreReady(),
            on.Recovered(),
            on.SignedIn(PEOPLE[0], "陈师傅"),
            on.PeriodChanged("lunch"),
            on.DayConfirmed(),
        ):
            self.take(event)

    # --- the world ------------------------------------------------------------------------

    def take(self, event: on.Event) -> None:
        pending = deque([event])
        while pending:
            before = self.machine
            self.machine, effects = advance(self.machine, pending.popleft(), self.now)
            if self.machine.phase is not before.phase or self.machine.amount != before.amount:
                self.note_shown()
            for effect in effects:
                answer = self.carry_out(effect)
                if answer is not None:
                    pending.append(answer)

    def note_shown(self) -> None:
        for amount in (self.machine.amount, self.machine.due):
            self.shown_since.setdefault(amount, self.now)

    def carry_out(self, effect: do.Effect) -> on.Event | None:
        match effect:
            case do.Freeze():
                self.check_freeze(effect)
                if self.is_disk_full:
                    return on.NotStored(effect.sale, "storage.full")
                self.frozen[effect.sale] = effect
            case do.JournalAcceptance():
                if self.is_disk_full:
                    return on.NotStored(effect.sale, "storage.full")
                self.check_charge(effect.sale)
                return on.OnDisk(effect.sale)
            case (
                do.JournalDecline(sale=sale)
                | do.JournalCancellation(sale=sale)
                | do.JournalRefund(sale=sale)
                | do.Log(sale=sale)
            ) if self.is_disk_full:
                return on.NotStored(sale, "storage.full")
            case do.JournalDecline():
                self.declined.add(effect.sale)
            case do.JournalCancellation():
                assert effect.sale not in self.charges, "a charge is only ever refunded"
                self.cancelled.add(effect.sale)
                if effect.is_shown:
                    tender = self.frozen[effect.sale].payer.tender
                    return on.CancelledOnDisk(effect.sale, tender is not Tender.CHANNEL)
            case do.JournalRefund():
                assert effect.sale in self.charges, "only a charge is refunded"
                if effect.sale in self.refunded:
                    return on.ProvedPaid(effect.sale, "refunds.exceeds_paid")
                self.refunded.add(effect.sale)
                if effect.is_shown:
                    return on.CancelledOnDisk(effect.sale, is_definite=True)
            case do.Play(tone=do.Tone.APPROVED):
                self.approved_tones += 1
        return None

    def check_freeze(self, freeze: do.Freeze) -> None:
        assert freeze.arming not in self.charged_armings, "at most one charge per arming"
        assert freeze.amount == freeze.payer.due_amount == self.machine.due
        assert freeze.amount > 0
        assert self.now - self.machine.shown_at >= self.machine.rules.shown_min_s
        self.check_no_other_code(freeze)
        if not self.machine.rules.is_standing and freeze.payer.is_posted:
            assert freeze.amount in (self.machine.amount, self.machine.due)

    def check_no_other_code(self, freeze: do.Freeze) -> None:
        """No second code for one diner while the first can still be paid."""
        for other in self.frozen.values():
            is_code = other.payer.credential is CredentialKind.PAYEE_CODE
            if is_code and other.arming == freeze.arming:
                assert other.sale in self.definite | self.declined | self.cancelled
            if is_code and other.payer.offer == freeze.payer.offer:
                assert other.sale in self.definite, "a renewed code, before the old one was closed"

    def check_charge(self, sale: int) -> None:
        freeze = self.frozen[sale]
        assert sale not in self.charges, "one effect per id"
        assert sale not in self.cancelled | self.declined, "what was refused charges nothing"
        self.charges.append(sale)
        self.charged_armings.append(freeze.arming)
        if freeze.payer.track_id is not None:
            self.spent_tracks[freeze.payer.track_id] += 1

    def payer(self, kind: CredentialKind, tender: Tender, who: int, **changes: object) -> Payer:
        self.offers += 1
        rules = self.machine.rules
        amount = 1200 if rules.is_standing else self.machine.amount
        payer = Payer(
            offer=self.offers,
            credential=kind,
            tender=tender,
            reference=f"person:{who}",
            assurance=2,
            due_amount=amount,
            person_id=PEOPLE[who] if tender is Tender.WALLET else None,
            factor=Factor.PIN,
        )
        return replace(payer, **changes)  # type: ignore[arg-type]

    # --- what may happen ------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.05, 0.1, 0.3, 0.5, 1.0, 2.0, 5.0, 16.0, 50.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.take(on.Tick())

    @rule(amount=st.sampled_from([0, 500, 850, 12_000]))
    def key(self, amount: int) -> None:
        self.take(on.AmountKeyed(amount))

    @precondition(lambda self: self.machine.phase in AWAY)
    @rule()
    def get_ready(self) -> None:
        """Somebody mends what is broken and arms for the next diner."""
        self.is_disk_full = False
        for event in (
            on.Mended(self.machine.code),
            on.Recovered(),
            on.SignedIn(PEOPLE[0], "陈师傅"),
            on.PeriodChanged("lunch"),
            on.DayConfirmed(),
            on.AmountKeyed(850),
            on.Entered(),
            on.ServingStarted(),
        ):
            self.take(event)
        self.time_passes(0.5)

    @rule(data=st.data())
    def press(self, data: st.DataObject) -> None:
        """Whatever the present row of the table takes."""
        taken = [event for event in PRESSES if type(event) in TABLE[self.machine.phase]]
        if taken:
            self.take(data.draw(st.sampled_from(taken)))

    @precondition(lambda self: self.machine.phase in TAKING)
    @rule(
        which=st.sampled_from(CREDENTIALS),
        who=st.integers(0, 2),
        is_posted=st.booleans(),
        has_paid=st.booleans(),
        is_weak=st.booleans(),
    )
    def offer(
        self,
        which: tuple[CredentialKind, Tender],
        who: int,
        is_posted: bool,
        has_paid: bool,
        is_weak: bool,
    ) -> None:
        paid_at = self.now - 60 if has_paid else None
        doubt = Doubt.ABOVE_CAP if is_weak else Doubt.NONE
        payer = self.payer(*which, who, is_posted=is_posted, paid_at=paid_at, doubt=doubt)
        self.take(on.Offered(payer))

    @precondition(lambda self: self.machine.phase in TAKING)
    @rule(given=st.sampled_from([0, 500, 1200, 10_000]))
    def cash(self, given: int) -> None:
        payer = self.payer(CredentialKind.NONE, Tender.CASH, 0, person_id=None)
        self.take(on.CashGiven(replace(payer, given_amount=given)))

    @precondition(lambda self: self.machine.phase in TAKING)
    @rule()
    def code_is_shown(self) -> None:
        """扫码收款: whoever scans it pays."""
        payer = self.payer(CredentialKind.PAYEE_CODE, Tender.CHANNEL, 0)
        self.take(on.CodeAsked(payer))

    @precondition(lambda self: self.machine.phase in TAKING)
    @rule(is_new=st.booleans())
    def face_comes(self, is_new: bool) -> None:
        self.tracks += int(is_new)
        if not self.spent_tracks[self.tracks]:  # presence keeps spent tracks away
            self.take(on.FaceSeen(self.tracks))

    @precondition(lambda self: self.machine.phase is Phase.CANDIDATE)
    @rule(who=st.integers(0, 2), is_opted_in=st.booleans(), is_sure=st.booleans())
    def face_is_known(self, who: int, is_opted_in: bool, is_sure: bool) -> None:
        doubt = Doubt.NONE if is_sure else Doubt.LOW_MARGIN
        payer = self.payer(CredentialKind.FACE, Tender.WALLET, who, track_id=self.tracks)
        self.take(on.FaceKnown(replace(payer, is_opted_in=is_opted_in, doubt=doubt)))

    @precondition(lambda self: self.machine.phase is Phase.CANDIDATE)
    @rule()
    def face_means_it(self) -> None:
        self.take(on.FaceMeant(self.tracks))

    @precondition(lambda self: self.machine.phase in TAKING)
    @rule()
    def face_goes(self) -> None:
        self.take(on.FaceGone(self.tracks))

    @precondition(lambda self: bool(self.frozen))
    @rule(
        sale=st.sampled_from([0, 0, 0, 1, 2]),
        kind=st.sampled_from(ANSWERS),
    )
    def server_says(self, sale: int, kind: str) -> None:
        """Any answer, about any of the last sales, at any time."""
        number = max(0, self.machine.sale - sale)
        if number not in self.frozen:
            return
        answers: dict[str, on.Event] = {
            "yes": on.Approved(number, is_online=True),
            "yes offline": on.Approved(number, is_online=False),
            "no": on.Declined(number, "payments.declined"),
            "no on file": on.Declined(number, "wallets.insufficient", is_on_file=True),
            "await": on.Awaiting(number),
            "silence": on.Unanswered(number),
            "price": on.Repriced(number, 900),
            "factor": on.FactorNeeded(number, "limits.second_factor"),
        }
        if kind in ("price", "factor"):
            self.definite.add(number)  # nothing is stored there
        self.take(answers[kind])

    @precondition(lambda self: bool(self.cancelled or self.refunded))
    @rule(sale=st.integers(0, 2), was_taken=st.booleans())
    def cancel_becomes_definite(self, sale: int, was_taken: bool = False) -> None:
        number = self.machine.sale - sale
        if number in self.cancelled or number in self.refunded:
            self.definite.add(number)
            self.take(on.CancelDefinite(number, was_taken))

    @precondition(lambda self: bool(self.charges))
    @rule(back=st.integers(0, 3), who=st.sampled_from(list(on.Who)))
    def undo(self, back: int, who: on.Who) -> None:
        """`undo.py` lets only charged, unrefunded sales through."""
        unrefunded = [sale for sale in self.charges if sale not in self.refunded]
        if back < len(unrefunded):
            self.take(on.UndoAsked(unrefunded[-1 - back], who))

    @rule(is_full=st.sampled_from([False, False, True]))
    def disk_changes(self, is_full: bool) -> None:
        self.is_disk_full = is_full

    # --- what must hold -------------------------------------------------------------------

    @invariant()
    def at_most_one_charge_per_arming(self) -> None:
        assert len(set(self.charged_armings)) == len(self.charged_armings)

    @invariant()
    def every_approval_is_heard_once(self) -> None:
        assert self.approved_tones == len(self.charges)

    @invariant()
    def approved_is_shown_only_with_a_record_on_disk(self) -> None:
        if getattr(self, "machine", None) and self.machine.phase is Phase.APPROVED:
            assert self.machine.sale in self.charges

    @invariant()
    def a_refusal_on_the_glass_charged_nothing(self) -> None:
        if getattr(self, "machine", None) and self.machine.phase is Phase.DECLINED:
            assert self.machine.sale not in self.charges

    @invariant()
    def what_ended_has_exactly_one_ending(self) -> None:
        charged = set(self.charges)
        assert not charged & self.cancelled
        assert not charged & self.declined
        assert not self.cancelled & self.declined
