"""Whatever order sales, answers, pages, restarts and repeats come in, no fen moves by itself.

The model is a ledger of its own: what the server has booked, what the counter holds. After every
step the counter's view must be the model's, and the counter's own audit must be clean.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sync import messages, signing
from sync.audit import audit_store
from sync.messages import Acceptance, Balance, FeedPage, Mode, Record, RecordKind, Status
from sync.replica import Applied, Position
from tests.unit.sync.makers import (
    CASH_ACCOUNT,
    Counter,
    account_feed_row,
    cancellation,
    disposition,
    event,
    page,
    person_feed_row,
)

START = 100_000
AMOUNTS = st.integers(min_value=1, max_value=2000)
CUSTODY_PASSES = (Status.APPLIED, Status.REPLAYED, Status.WAITING, Status.PARKED)


class Custody(RuleBasedStateMachine):
    """A counter and the least of a server, with every message free to repeat or come late."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.counter = Counter(Path(self.folder.name) / "counter.sqlite3")
        self.balance, self.version, self.number = START, 1, 1
        self.seen_balance, self.seen_version = START, 1
        self.counter.feed(person_feed_row(1), account_feed_row(2, balance=START), cursor=2)
        self.taken: dict[tuple[UUID, int], int] = {}
        self.booked: set[tuple[UUID, int]] = set()
        self.old_balances: list[Balance] = []
        self.old_pages: list[tuple[FeedPage, Position]] = []
        self.open: list[messages.PaymentRequest] = []

    def teardown(self) -> None:
        if hasattr(self, "counter"):
            self.counter.close()
            self.folder.cleanup()

    # --- At the counter

    @rule(amount=AMOUNTS)
    def freeze(self, amount: int) -> None:
        asked = self.counter.request(amount=amount)
        self.counter.journal.freeze(asked)
        self.counter.journal.freeze(asked)
        self.open.append(asked)

    @precondition(lambda self: self.open)
    @rule()
    def accept_offline(self) -> None:
        asked = self.open.pop()
        record = self.counter.journal.append(
            RecordKind.ACCEPTANCE,
            Acceptance(request=asked, mode=Mode.OFFLINE),
            deltas={CASH_ACCOUNT: asked.intent.total},
        )
        self.taken[record.journal_id, record.sequence] = asked.intent.total

    @precondition(lambda self: self.open)
    @rule()
    def accept_online(self) -> None:
        asked = self.open.pop()
        self.balance -= asked.intent.total
        self.version += 1
        answer = self.present_balance()
        self.counter.journal.append(
            RecordKind.ACCEPTANCE,
            Acceptance(request=asked, mode=Mode.ONLINE),
            balances=(answer,),
        )
        self.see(answer)

    @precondition(lambda self: self.open)
    @rule(is_declined=st.booleans())
    def give_up(self, is_declined: bool) -> None:
        asked = self.open.pop()
        if is_declined:
            payment_id = asked.intent.payment_id
            self.counter.journal.append(RecordKind.EVENT, event(), closes=payment_id)
        else:
            self.counter.journal.append(RecordKind.CANCELLATION, cancellation(asked))

    @rule()
    def restart(self) -> None:
        self.counter.reopen()

    # --- At the server

    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        leased = self.counter.journal.lease(500, self.counter.clock.now())
        chosen = data.draw(st.permutations(leased))[: data.draw(st.integers(0, 4))]
        words = [self.word(record, data.draw(st.sampled_from(Status))) for record in chosen]
        self.counter.journal.acknowledge(words, self.counter.clock.now())
        if data.draw(st.booleans()):
            self.counter.journal.acknowledge(words[::-1], self.counter.clock.now())
        for word in words:
            if word.status in CUSTODY_PASSES:
                self.taken.pop((word.journal_id, word.sequence), None)
                for balance in word.balances:
                    self.see(balance)

    def word(self, record: Record, status: Status) -> messages.Disposition:
        place = (record.journal_id, record.sequence)
        amount = self.taken.get(place, 0)
        if status not in CUSTODY_PASSES or not amount:
            return disposition(record, status)
        if place not in self.booked:
            self.booked.add(place)
            self.balance -= amount
            self.version += 1
        return disposition(record, status, balances=(self.present_balance(),))

    @precondition(lambda self: self.old_balances)
    @rule(data=st.data())
    def a_late_answer_repeats_an_old_balance(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(self.old_balances))
        done = messages.Disposition(
            journal_id=UUID(int=77), sequence=1, status=Status.APPLIED, balances=(old,)
        )
        self.counter.journal.acknowledge([done], self.counter.clock.now())
        self.see(old)

    @rule(amount=AMOUNTS)
    def top_up(self, amount: int) -> None:
        self.balance += amount
        self.version += 1

    @rule()
    def pull(self) -> None:
        self.number = max(self.number, self.counter.replica.position().cursor) + 1
        asked = self.counter.replica.position()
        row = account_feed_row(self.number, balance=self.balance, version=self.version)
        fresh = page(row, epoch=asked.epoch, cursor=self.number)
        assert self.counter.replica.apply_page(fresh, asked) is Applied.COMPLETE
        self.old_pages.append((fresh, asked))
        self.see(self.present_balance())

    @precondition(lambda self: self.old_pages)
    @rule(data=st.data())
    def a_page_comes_again_or_late(self, data: st.DataObject) -> None:
        old, asked = data.draw(st.sampled_from(self.old_pages))
        assert self.counter.replica.apply_page(old, asked) is Applied.IGNORED

    @rule()
    def rebuild(self) -> None:
        self.counter.replica.rebuild()
        epoch = self.counter.replica.position().epoch
        self.counter.feed(person_feed_row(1), epoch=epoch, cursor=1, has_more=True)
        row = account_feed_row(2, balance=self.balance, version=self.version)
        self.number = 2
        assert self.counter.feed(row, epoch=epoch, cursor=2) is Applied.COMPLETE
        self.old_pages.clear()
        self.see(self.present_balance())

    # --- What must always be true

    @invariant()
    def available_is_the_servers_row_less_our_deltas(self) -> None:
        if not hasattr(self, "counter"):
            return
        account = self.counter.replica.account(CASH_ACCOUNT)
        assert account is not None
        assert account.version == self.seen_version
        assert account.available == self.seen_balance - sum(self.taken.values())

    @invariant()
    def the_audit_knows_only_the_open_sales(self) -> None:
        if hasattr(self, "counter"):
            findings = audit_store(self.counter.store)
            assert [finding.check for finding in findings] == ["intent.open"] * len(self.open)

    @invariant()
    def the_chain_has_no_gap(self) -> None:
        if not hasattr(self, "counter"):
            return
        rows = self.counter.store.rows(
            "SELECT sequence, previous_hash, hash FROM journal ORDER BY sequence"
        )
        previous = signing.CHAIN_START
        for number, (sequence, previous_hash, hash_) in enumerate(rows, start=1):
            assert (sequence, previous_hash) == (number, previous)
            previous = hash_
        assert self.counter.journal.head().hash == previous

    def present_balance(self) -> Balance:
        balance = Balance(
            account_id=CASH_ACCOUNT, balance=self.balance, held=0, version=self.version
        )
        self.old_balances.append(balance)
        return balance

    def see(self, balance: Balance) -> None:
        if balance.version > self.seen_version:
            self.seen_version, self.seen_balance = balance.version, balance.balance


TestCustody = Custody.TestCase
TestCustody.settings = settings(max_examples=25, stateful_step_count=25)
