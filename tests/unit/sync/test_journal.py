"""What is frozen and appended is on disk, once, in a chain; what the server took is done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from domain.errors import Defect, Refused
from sync import messages, sales, signing
from sync.audit import audit_store
from sync.messages import (
    Acceptance,
    CredentialKind,
    JournalOpened,
    Lost,
    Mode,
    Record,
    RecordKind,
    Status,
    Tender,
)
from sync.outbox import Waiting
from tests.unit.sync.makers import (
    CASH_ACCOUNT,
    NOON,
    PERSON,
    SHIFT,
    Counter,
    cancellation,
    disposition,
    event,
    refund,
    terminal_key,
)


def all_waiting(counter: Counter) -> list[Record]:
    return counter.journal.lease(500, counter.clock.now())


def test_a_new_journal_starts_with_a_row_that_names_no_other(counter: Counter) -> None:
    (first,) = all_waiting(counter)
    body = messages.decode(JournalOpened, first.body)
    assert first.kind is RecordKind.JOURNAL_OPENED
    assert first.sequence == 1
    assert first.previous_hash == signing.CHAIN_START
    assert body.old_journal_id is None


def test_rows_are_signed_and_chained(counter: Counter) -> None:
    for _ in range(3):
        counter.sell()
    records = all_waiting(counter)
    previous = signing.CHAIN_START
    for number, record in enumerate(records, start=1):
        assert record.sequence == number
        assert record.previous_hash == previous
        signed = signing.record_bytes(record)
        assert signing.verify(terminal_key().public_key, signed, record.signature)
        previous = signing.record_hash(record)
    assert counter.journal.head().hash == previous


def test_a_frozen_intent_survives_a_restart_without_its_secrets(counter: Counter) -> None:
    asked = counter.request(auth_code="134567890123456789", pin="482915")
    counter.journal.freeze(asked)
    counter.reopen()
    (open_intent,) = counter.journal.open_intents()
    assert open_intent.fingerprint == messages.fingerprint(asked.intent)
    assert open_intent.request.pin == open_intent.request.auth_code == ""
    assert b"482915" not in counter.path.with_name(counter.path.name + "-wal").read_bytes()


def test_freezing_twice_is_once_but_another_intent_under_the_id_is_refused(
    counter: Counter,
) -> None:
    asked = counter.request()
    counter.journal.freeze(asked)
    counter.journal.freeze(asked)
    assert len(counter.journal.open_intents()) == 1
    dearer = messages_replace_total(asked)
    with pytest.raises(Refused, match=r"payments\.key_reused"):
        counter.journal.freeze(dearer)


def messages_replace_total(asked: messages.PaymentRequest) -> messages.PaymentRequest:
    import msgspec

    intent = msgspec.structs.replace(asked.intent, total=asked.intent.total + 1)
    return msgspec.structs.replace(asked, intent=intent)


@pytest.mark.parametrize("kind", [RecordKind.ACCEPTANCE, RecordKind.CANCELLATION, RecordKind.EVENT])
def test_an_intent_gets_one_outcome_by_the_kind_of_row(counter: Counter, kind: RecordKind) -> None:
    asked = counter.request()
    payment_id = asked.intent.payment_id
    counter.journal.freeze(asked)
    rows = {
        RecordKind.ACCEPTANCE: Acceptance(request=asked, mode=Mode.ONLINE),
        RecordKind.CANCELLATION: cancellation(asked),
        RecordKind.EVENT: event(),
    }
    counter.journal.append(kind, rows[kind], closes=payment_id)
    outcomes = {"acceptance": "accepted", "cancellation": "cancelled", "event": "declined"}
    assert counter.journal.outcome(payment_id) == outcomes[kind.value]
    assert counter.journal.open_intents() == []
    with pytest.raises(Refused, match=r"journals\.intent_closed"):
        counter.journal.append(RecordKind.EVENT, event(), closes=payment_id)


def test_after_an_acceptance_a_cancellation_is_a_contradiction(counter: Counter) -> None:
    asked = counter.request()
    counter.journal.freeze(asked)
    counter.journal.append(RecordKind.ACCEPTANCE, Acceptance(request=asked, mode=Mode.OFFLINE))
    with pytest.raises(Refused, match=r"payments\.contradiction"):
        counter.journal.append(RecordKind.CANCELLATION, cancellation(asked))
    assert len(all_waiting(counter)) == 2


def test_an_acceptance_without_its_frozen_intent_is_refused_and_writes_nothing(
    counter: Counter,
) -> None:
    asked = counter.request()
    with pytest.raises(Refused, match=r"journals\.intent_unknown"):
        counter.journal.append(RecordKind.ACCEPTANCE, Acceptance(request=asked, mode=Mode.ONLINE))
    assert counter.journal.head().sequence == 1


def test_an_acceptance_of_another_total_than_frozen_is_refused(counter: Counter) -> None:
    asked = counter.request()
    counter.journal.freeze(asked)
    dearer = Acceptance(request=messages_replace_total(asked), mode=Mode.OFFLINE)
    with pytest.raises(Refused, match=r"payments\.key_reused"):
        counter.journal.append(RecordKind.ACCEPTANCE, dearer)


def test_a_record_of_the_wrong_kind_is_our_own_mistake(counter: Counter) -> None:
    with pytest.raises(Defect):
        counter.journal.append(RecordKind.REFUND, event())


def test_refunds_never_exceed_what_was_paid(counter: Counter) -> None:
    sold = counter.sell(1000)
    payment_id = messages.decode(Acceptance, sold.body).request.intent.payment_id
    counter.journal.append(RecordKind.REFUND, refund(payment_id, 600))
    with pytest.raises(Refused, match=r"refunds\.exceeds_paid"):
        counter.journal.append(RecordKind.REFUND, refund(payment_id, 401, UUID(int=78)))
    counter.journal.append(RecordKind.REFUND, refund(payment_id, 400, UUID(int=79)))
    assert sales.refunded_amount(counter.store, payment_id) == 1000


def test_what_waits_is_counted_until_the_server_has_it(counter: Counter) -> None:
    counter.sell(1200)
    counter.sell(800)
    assert counter.journal.waiting() == Waiting(3, 2000)
    records = all_waiting(counter)
    counter.journal.acknowledge([disposition(records[1])], NOON)
    assert counter.journal.waiting() == Waiting(2, 800)
    counter.reopen()
    assert counter.journal.waiting() == Waiting(2, 800)
    assert counter.journal.acknowledged_sequence() == 0


def test_a_rejected_row_stays_here_is_offered_later_and_blocks_nothing(counter: Counter) -> None:
    bad, good = counter.sell(), counter.sell()
    opened = all_waiting(counter)[0]
    counter.journal.acknowledge(
        [disposition(opened), disposition(bad, Status.REJECTED), disposition(good)], NOON
    )
    assert counter.journal.waiting().count == 1
    assert [held.record.sequence for held in counter.journal.parked()] == [bad.sequence]
    assert counter.journal.lease(10, NOON + timedelta(seconds=59)) == []
    assert counter.journal.lease(10, NOON + timedelta(seconds=60)) == [bad]


def test_a_row_rejected_again_and_again_is_offered_ever_more_seldom_but_for_ever(
    counter: Counter,
) -> None:
    record = counter.sell()
    now = NOON
    for wait_s in (60, 120, 240, 480, 960, 1920, 3600, 3600):
        counter.journal.acknowledge([disposition(record, Status.REJECTED)], now)
        due = now + timedelta(seconds=wait_s)
        assert record not in counter.journal.lease(10, due - timedelta(seconds=1))
        assert record in counter.journal.lease(10, due)
        now = due


def test_a_parked_row_is_the_servers_and_is_shown_until_a_person_decides(counter: Counter) -> None:
    record = counter.sell()
    counter.journal.acknowledge([disposition(record, Status.PARKED)], NOON)
    (held,) = counter.journal.parked()
    assert (held.status, held.code) == (Status.PARKED, "records.parked")
    assert record not in all_waiting(counter)


def test_a_row_that_cannot_be_read_is_owned_up_to_and_its_sale_written_again(
    counter: Counter,
) -> None:
    sold = counter.sell(1200)
    counter.store.execute("UPDATE journal SET body = x'00' WHERE sequence = ?", (sold.sequence,))
    assert [record.kind for record in all_waiting(counter)] == [RecordKind.JOURNAL_OPENED]
    _, lost, again = all_waiting(counter)
    assert messages.decode(Lost, lost.body).sequence == sold.sequence
    sale = messages.decode(Acceptance, again.body)
    assert sale.request.intent == messages.decode(Acceptance, sold.body).request.intent
    assert sale.mode is Mode.OFFLINE
    assert counter.journal.waiting() == Waiting(3, 1200)
    assert counter.store.row("SELECT sequence, is_live FROM delta") == (again.sequence, 1)


def test_acknowledged_rows_are_kept_35_days_and_then_go_with_their_intents(
    counter: Counter,
) -> None:
    from sync import custody

    counter.sell()
    counter.journal.acknowledge([disposition(record) for record in all_waiting(counter)], NOON)
    counter.clock.advance(36 * 86_400)
    last = counter.sell()
    assert custody.prune(counter.store, NOON + timedelta(days=34)) == 0
    assert custody.prune(counter.store, counter.clock.now()) == 2
    assert counter.store.row("SELECT count(*) FROM intent") == (1,)
    assert counter.store.row("SELECT count(*) FROM delta") == (1,)
    assert counter.journal.head().sequence == last.sequence == 3


def test_a_shift_is_counted_by_credential_cash_refunds_and_cancellations(
    counter: Counter,
) -> None:
    counter.sell(1000)
    counter.sell(1200, credential=CredentialKind.FACE)
    paid = counter.sell(500, tender=Tender.CASH, payer="cash", deltas={})
    payment_id = messages.decode(Acceptance, paid.body).request.intent.payment_id
    counter.journal.append(RecordKind.REFUND, refund(payment_id, 500))
    asked = counter.request()
    counter.journal.freeze(asked)
    counter.journal.append(RecordKind.CANCELLATION, cancellation(asked))
    assert sales.tallies(counter.store, SHIFT) == {
        "cancellation": (1, 0),
        "card": (1, 1000),
        "cash": (1, 500),
        "face": (1, 1200),
        "refund": (1, 500),
    }
    strip = sales.last_sales(counter.store, 2, SHIFT)
    assert [(sale.tally, sale.amount, sale.refunded_amount) for sale in strip] == [
        ("cash", 500, 500),
        ("face", 1200, 0),
    ]


def test_a_full_refund_gives_the_portion_of_the_meal_back(counter: Counter) -> None:
    sold = counter.sell(1000)
    payment_id = messages.decode(Acceptance, sold.body).request.intent.payment_id
    assert sales.portions_of_person(counter.store, PERSON, "lunch", NOON) == 1
    assert sales.spent_by_person(counter.store, PERSON, NOON) == 1000
    counter.journal.append(RecordKind.REFUND, refund(payment_id, 1000))
    assert sales.portions_of_person(counter.store, PERSON, "lunch", NOON) == 0
    assert sales.spent_by_person(counter.store, PERSON, NOON) == 0


def test_a_counter_never_credits_a_balance_by_itself(counter: Counter) -> None:
    with pytest.raises(Defect):
        counter.sell(deltas={CASH_ACCOUNT: -1})
    assert counter.journal.head().sequence == 1


def test_two_threads_write_one_chain(counter: Counter) -> None:
    def note(_: int) -> None:
        counter.journal.append(RecordKind.EVENT, event("drawer.opened"))
        counter.journal.waiting()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, range(100)))
    assert counter.journal.head().sequence == 101
    assert counter.journal.waiting().count == 101
    assert audit_store(counter.store) == []
