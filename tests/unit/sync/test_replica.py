"""What the counter knows of people and money: pages whole, versions upward, deltas apart."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from domain.authorization import PersonState, SourceKind
from domain.offline_policy import Assurance, Caps, OfflinePolicy, OfflineUsed
from sync import messages, sealing
from sync.messages import (
    Balance,
    CardRow,
    DecisionRow,
    FeedKind,
    FeedPage,
    FeedRow,
    FundingRow,
    IssuerKeyRow,
    MealPeriodRow,
    Mode,
    PolicyRow,
    PriceRow,
    Status,
)
from sync.replica import Applied, Position
from tests.unit.sync.makers import (
    CASH_ACCOUNT,
    DEBT_ACCOUNT,
    MERCHANT,
    NOON,
    ORGANISATION,
    PERSON,
    Counter,
    account_feed_row,
    disposition,
    feed_row,
    page,
    person_feed_row,
)

DATA_KEY = b"k" * 32


def available(counter: Counter) -> int:
    kept = counter.replica.account(CASH_ACCOUNT)
    assert kept is not None
    return kept.available


def test_a_person_is_found_by_id_number_and_card(counter: Counter) -> None:
    card = CardRow(card_key="abc", person_id=PERSON, state="lost")
    counter.feed(person_feed_row(), feed_row(2, FeedKind.CARD, "abc", card))
    person = counter.replica.person(PERSON)
    assert person is not None
    assert counter.replica.person_by_number(person.number) == person
    assert counter.replica.card("abc") == card
    assert counter.replica.person(UUID(int=9)) is None
    assert counter.replica.person_by_number("") is None
    assert counter.replica.card("other") is None


def test_a_tombstone_deletes(counter: Counter) -> None:
    counter.feed(person_feed_row(), account_feed_row())
    counter.feed(
        feed_row(3, FeedKind.PERSON, str(PERSON), None),
        feed_row(4, FeedKind.ACCOUNT, str(CASH_ACCOUNT), None),
    )
    assert counter.replica.person(PERSON) is None
    assert counter.replica.account(CASH_ACCOUNT) is None


def test_available_is_the_servers_row_less_what_is_held_and_less_our_own_deltas(
    counter: Counter,
) -> None:
    counter.feed(person_feed_row(), account_feed_row(balance=5000, held=300))
    counter.sell(1200)
    counter.sell(500)
    assert available(counter) == 5000 - 300 - 1700


def test_the_acknowledgement_brings_the_balance_and_ends_the_delta_together(
    counter: Counter,
) -> None:
    counter.feed(person_feed_row(), account_feed_row(balance=5000, version=1))
    sold = counter.sell(1200)
    new = Balance(account_id=CASH_ACCOUNT, balance=3800, held=0, version=2)
    counter.journal.acknowledge([disposition(sold, balances=(new,))], NOON)
    assert available(counter) == 3800
    counter.journal.acknowledge([disposition(sold, balances=(new,))], NOON)
    assert available(counter) == 3800


def test_a_first_debt_is_not_forgotten_between_its_acknowledgement_and_the_next_pull(
    counter: Counter,
) -> None:
    counter.feed(person_feed_row(), account_feed_row(balance=0, version=1))
    sold = counter.sell(1200, deltas={DEBT_ACCOUNT: 1200})
    assert debt(counter) == 1200
    owed = Balance(account_id=DEBT_ACCOUNT, balance=-1200, held=0, version=1)
    counter.journal.acknowledge([disposition(sold, balances=(owed,))], NOON)
    assert debt(counter) == 1200
    counter.feed(account_feed_row(number=3, account_id=DEBT_ACCOUNT, balance=-1200, version=1))
    assert debt(counter) == 1200


def test_a_first_debt_of_an_online_approval_is_known_at_once(counter: Counter) -> None:
    counter.feed(person_feed_row(), account_feed_row(balance=0, version=1))
    asked = counter.request()
    counter.journal.freeze(asked)
    owed = Balance(account_id=DEBT_ACCOUNT, balance=-1200, held=0, version=1)
    acceptance = messages.Acceptance(request=asked, mode=Mode.ONLINE)
    counter.journal.append(messages.RecordKind.ACCEPTANCE, acceptance, balances=(owed,))
    assert debt(counter) == 1200


def test_a_page_made_before_an_acknowledgement_does_not_bring_the_older_balance_back(
    counter: Counter,
) -> None:
    counter.feed(person_feed_row(), account_feed_row(balance=5000, version=1))
    sold = counter.sell(1200)
    counter.replica.rebuild()
    counter.feed(person_feed_row(), has_more=True, cursor=1)
    new = Balance(account_id=CASH_ACCOUNT, balance=3800, held=0, version=2)
    counter.journal.acknowledge([disposition(sold, balances=(new,))], NOON)
    assert counter.feed(account_feed_row(balance=5000, version=1)) is Applied.COMPLETE
    assert available(counter) == 3800


def debt(counter: Counter) -> int:
    found = counter.replica.snapshot(PERSON)
    assert found is not None
    return found.debt_amount


def test_a_lower_version_never_replaces_a_higher_one(counter: Counter) -> None:
    counter.feed(person_feed_row(), account_feed_row(balance=5000, version=7))
    old = Balance(account_id=CASH_ACCOUNT, balance=9900, held=0, version=6)
    counter.journal.acknowledge([disposition(counter.sell(deltas={}), balances=(old,))], NOON)
    counter.feed(account_feed_row(number=3, balance=9900, version=6))
    assert available(counter) == 5000
    counter.feed(account_feed_row(number=4, balance=4000, version=8))
    assert available(counter) == 4000


def test_an_online_approval_stores_its_balances_with_its_row(counter: Counter) -> None:
    counter.feed(person_feed_row(), account_feed_row(balance=5000, version=1))
    asked = counter.request()
    counter.journal.freeze(asked)
    new = Balance(account_id=CASH_ACCOUNT, balance=3800, held=0, version=2)
    acceptance = messages.Acceptance(request=asked, mode=Mode.ONLINE)
    counter.journal.append(messages.RecordKind.ACCEPTANCE, acceptance, balances=(new,))
    assert available(counter) == 3800
    assert counter.replica.offline_used(PERSON) == OfflineUsed()


def test_a_page_asked_for_elsewhere_is_ignored(counter: Counter) -> None:
    first = page(person_feed_row(), has_more=True)
    start = counter.replica.position()
    assert counter.replica.apply_page(first, start) is Applied.APPLIED
    assert counter.replica.apply_page(first, start) is Applied.IGNORED
    late = page(account_feed_row(number=9), cursor=9)
    assert counter.replica.apply_page(late, Position("E1", 8)) is Applied.IGNORED
    assert counter.replica.position() == Position("E1", 1)


def test_a_page_with_an_unreadable_row_is_not_applied_at_all(counter: Counter) -> None:
    bad = FeedRow(number=2, kind=FeedKind.CARD, entity="abc", body=b"{}")
    with pytest.raises(msgspec.ValidationError):
        counter.feed(person_feed_row(), bad)
    assert counter.replica.person(PERSON) is None
    assert counter.replica.position() == Position("", 0)


def test_a_rebuild_stands_beside_until_it_is_complete(counter: Counter) -> None:
    other = UUID(int=101)
    counter.feed(person_feed_row(), account_feed_row(balance=5000, version=9))
    assert counter.feed(epoch="E2", rebuild=True) is Applied.RESTARTED
    assert counter.replica.position() == Position("E2", 0)
    first = person_feed_row(person_id=other)
    assert counter.feed(first, epoch="E2", rebuild=True, has_more=True) is Applied.APPLIED
    assert counter.replica.person(PERSON) is not None
    assert counter.replica.person(other) is None
    counter.reopen()
    assert counter.feed(account_feed_row(balance=700, version=2), epoch="E2") is Applied.COMPLETE
    assert counter.replica.person(PERSON) is None
    assert counter.replica.person(other) is not None
    assert available(counter) == 700
    while counter.replica.tidy():
        pass
    assert counter.store.row("SELECT count(DISTINCT generation) FROM feed_row") == (1,)


def test_an_acknowledgement_during_a_rebuild_is_not_undone_by_it(counter: Counter) -> None:
    counter.feed(person_feed_row(), account_feed_row(balance=5000, version=1))
    sold = counter.sell(1200)
    counter.feed(cursor=0, rebuild=True)
    counter.feed(person_feed_row(), account_feed_row(balance=5000, version=1), has_more=True)
    new = Balance(account_id=CASH_ACCOUNT, balance=3800, held=0, version=2)
    counter.journal.acknowledge([disposition(sold, balances=(new,))], NOON)
    counter.feed(cursor=3)
    assert available(counter) == 3800


def test_the_snapshot_is_what_the_decision_needs(counter: Counter) -> None:
    funding = (
        FundingRow(account_id=UUID(int=300), kind="subsidy", merchants=(MERCHANT,)),
        FundingRow(account_id=CASH_ACCOUNT, kind="cash"),
        FundingRow(account_id=UUID(int=999), kind="cash"),
    )
    lunch = MealPeriodRow(
        period="lunch", name_zh="午餐", name_en="Lunch", starts="11:00", ends="13:00", entitlement=1
    )
    counter.feed(
        person_feed_row(funding=funding, debt_limit=2000, state="frozen"),
        account_feed_row(account_id=UUID(int=300), balance=800),
        account_feed_row(account_id=CASH_ACCOUNT, balance=5000),
        account_feed_row(account_id=DEBT_ACCOUNT, balance=-150),
        feed_row(9, FeedKind.MEAL_PERIOD, "lunch", lunch),
    )
    counter.sell(1000, deltas={UUID(int=300): 800, CASH_ACCOUNT: 150, DEBT_ACCOUNT: 50})
    counter.clock.advance(90)
    snapshot = counter.replica.snapshot(
        PERSON, meal_period="lunch", meal_since=NOON, day_since=NOON
    )
    assert snapshot is not None
    assert [source.available_amount for source in snapshot.sources] == [0, 4850]
    assert snapshot.sources[0].merchant_ids == frozenset({MERCHANT})
    assert snapshot.sources[1].merchant_ids is None
    assert (snapshot.debt_amount, snapshot.debt_limit_amount) == (200, 2000)
    assert snapshot.state is PersonState.FROZEN
    assert snapshot.age_s == 90
    assert snapshot.offline_used == OfflineUsed(1000, 1, 1000)
    assert (snapshot.entitlement_used, snapshot.entitlement_limit) == (1, 1)
    assert snapshot.spent_today_amount == 1000
    assert counter.replica.snapshot(UUID(int=1)) is None


def test_a_mandate_stands_last_with_what_may_be_claimed_from_it(counter: Counter) -> None:
    mandate = FundingRow(
        account_id=UUID(int=301), kind="mandate", payment_cap_amount=3000, claim_cap_amount=5000
    )
    funding = (FundingRow(account_id=CASH_ACCOUNT, kind="cash"), mandate)
    counter.feed(person_feed_row(funding=funding), account_feed_row(balance=700))
    snapshot = counter.replica.snapshot(PERSON)
    assert snapshot is not None
    cash, bank = snapshot.sources
    assert cash.available_amount == 700
    assert bank.kind is SourceKind.MANDATE
    assert (bank.available_amount, bank.claim_cap_amount) == (3000, 5000)


def test_debt_that_only_we_know_of_counts_against_its_limit(counter: Counter) -> None:
    counter.feed(person_feed_row(debt_limit=2000), account_feed_row(balance=500))
    counter.sell(1200, deltas={CASH_ACCOUNT: 500, DEBT_ACCOUNT: 700})
    snapshot = counter.replica.snapshot(PERSON)
    assert snapshot is not None
    assert snapshot.debt_amount == 700


def test_offline_use_ends_with_the_acknowledgement_but_not_with_a_rejection(
    counter: Counter,
) -> None:
    first, second = counter.sell(1000), counter.sell(500)
    assert counter.replica.offline_used(PERSON) == OfflineUsed(1500, 2, 1500)
    assert counter.replica.offline_used(UUID(int=9)) == OfflineUsed(0, 2, 1500)
    counter.journal.acknowledge([disposition(first), disposition(second, Status.REJECTED)], NOON)
    assert counter.replica.offline_used(PERSON) == OfflineUsed(500, 1, 500)


def test_age_counts_by_the_monotonic_clock_and_after_a_reboot_from_the_disk(
    counter: Counter,
) -> None:
    assert counter.replica.age_s() == float("inf")
    counter.feed(person_feed_row())
    counter.clock.advance(60)
    counter.clock.at -= timedelta(days=1)  # a hand sets the wall clock back: nothing gets younger
    assert counter.replica.age_s() == 60
    counter.clock.at += timedelta(days=1, seconds=600)
    counter.clock.boot, counter.clock.seconds = "boot-2", 5.0
    counter.reopen()
    assert counter.replica.age_s() == 660
    counter.clock.at -= timedelta(days=1)
    counter.reopen()
    assert counter.replica.age_s() == float("inf")


def test_prices_policy_and_keys_are_read_as_the_rules_want_them(counter: Counter) -> None:
    policy = OfflinePolicy(
        version=3,
        caps={Assurance.CARD_UID: Caps(payment_amount=3000, person_amount=5000)},
        terminal_count=100,
        terminal_amount=200_000,
        max_age_s=86_400,
    )
    common = PriceRow(
        price_id=UUID(int=1), category="", period="lunch", amount=1500, effective_at=NOON, version=1
    )
    pupil = msgspec.structs.replace(common, price_id=UUID(int=2), category="pupil", amount=800)
    key = IssuerKeyRow(key_id="i1", public_key=b"p" * 32)
    counter.feed(
        feed_row(1, FeedKind.POLICY, "p", PolicyRow(version=3, body=msgspec.json.encode(policy))),
        feed_row(2, FeedKind.PRICE, "1", common),
        feed_row(3, FeedKind.PRICE, "2", pupil),
        feed_row(4, FeedKind.ISSUER_KEY, "i1", key),
    )
    replica = counter.replica
    assert replica.policy() == policy
    assert replica.price("pupil", "lunch", NOON) == pupil
    assert replica.price("staff", "lunch", NOON) == common
    assert replica.price("staff", "dinner", NOON) is None
    assert replica.price("staff", "lunch", NOON - timedelta(seconds=1)) is None
    assert replica.issuer_key("i1") == key
    assert replica.issuer_key("i2") is None
    dearer = msgspec.structs.replace(common, amount=1600)
    counter.feed(feed_row(5, FeedKind.PRICE, "1", dearer))
    assert replica.price("staff", "lunch", NOON) == dearer


def sealed(number: int, person_id: UUID, vector: bytes) -> messages.TemplateRow:
    return sealing.seal_template(
        DATA_KEY,
        vector,
        nonce=bytes([number]) * sealing.NONCE_LENGTH,
        organisation_id=ORGANISATION,
        template_id=UUID(int=number),
        person_id=person_id,
        template_version=1,
        model="resnet-1",
        key_id="d1",
    )


def test_templates_open_with_the_leased_key_and_a_swapped_row_does_not(counter: Counter) -> None:
    mine, other = sealed(1, PERSON, b"mine"), sealed(2, UUID(int=101), b"other")
    swapped = msgspec.structs.replace(sealed(3, PERSON, b"swapped"), person_id=UUID(int=101))
    before = counter.replica.template_mark()
    rows = [
        feed_row(number, FeedKind.TEMPLATE, str(row.template_id), row)
        for number, row in enumerate((mine, other, swapped), start=1)
    ]
    counter.feed(*rows)
    templates = counter.replica.templates(DATA_KEY, ORGANISATION)
    assert {opened.vector for opened in templates.opened} == {b"mine", b"other"}
    assert templates.failed == (UUID(int=3),)
    assert counter.replica.template_mark() != before
    assert counter.replica.templates(b"x" * 32, ORGANISATION).opened == ()
    assert counter.replica.templates(DATA_KEY, UUID(int=9)).opened == ()


def test_a_decision_that_comes_down_the_feed_settles_a_parked_row(counter: Counter) -> None:
    record = counter.sell()
    counter.journal.acknowledge([disposition(record, Status.PARKED)], NOON)
    decision = DecisionRow(
        journal_id=record.journal_id, sequence=record.sequence, decision="written_off"
    )
    counter.feed(feed_row(1, FeedKind.DECISION, "d", decision))
    assert counter.journal.parked() == []


def on_disk(counter: Counter) -> bytes:
    """Every byte of the store, the log included."""
    return b"".join(path.read_bytes() for path in counter.path.parent.iterdir())


def test_a_wipe_forgets_people_on_the_disk_too_and_keeps_the_journal(counter: Counter) -> None:
    counter.feed(person_feed_row(number="20260042"), account_feed_row())
    counter.sell()
    assert b"20260042" in on_disk(counter)
    counter.replica.wipe()
    assert b"20260042" not in on_disk(counter)
    assert counter.replica.person(PERSON) is None
    assert counter.replica.account(CASH_ACCOUNT) is None
    assert counter.replica.position() == Position("", 0)
    assert counter.journal.waiting().count == 2


def test_a_rebuild_names_at_each_page_the_horizon_it_began_under(counter: Counter) -> None:
    replica = counter.replica
    begin = replica.position()
    first = FeedPage(epoch="e", rows=(), cursor=3, has_more=True, rebuild=True, horizon=7)
    replica.apply_page(first, begin)
    asked = replica.position()
    assert (asked.cursor, asked.horizon) == (0, 7)
    page = FeedPage(epoch="e", rows=(), cursor=3, has_more=True, horizon=7)
    replica.apply_page(page, asked)
    assert (replica.position().cursor, replica.position().horizon) == (3, 7)
    later = FeedPage(epoch="e", rows=(), cursor=9, has_more=False, horizon=8)
    replica.apply_page(later, replica.position())
    assert (replica.position().cursor, replica.position().horizon) == (9, 0)
