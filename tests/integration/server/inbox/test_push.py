"""A push: each record gets its one disposition, whatever stands beside it."""

from __future__ import annotations

from uuid import UUID

from msgspec import structs

from server.cases.models import Case
from server.inbox.models import Journal as JournalRow
from server.inbox.models import Quarantined, Shift
from server.inbox.models import Record as RecordRow
from server.ledger.models import Account
from server.payments.models import Payment, Refund
from sync import signing
from sync.messages import (
    CashMoved,
    Event,
    JournalOpened,
    Lost,
    Record,
    RecordKind,
    ShiftClosed,
    ShiftOpened,
    Status,
    Tender,
    encode,
)
from tests.integration.server.inbox.conftest import Counter, forged

OPERATOR = UUID(int=7)


def opened(counter: Counter, float_amount: int = 10_000) -> Record:
    till = counter.till
    message = ShiftOpened(
        shift_id=till.shift, operator_id=OPERATOR, business_on=till.now.date(),
        meal_period="lunch", float_amount=float_amount, stamp=till.stamp(), binding_version=1,
    )  # fmt: skip
    return counter.journal.append(RecordKind.SHIFT_OPENED, message)


def closed(
    counter: Counter, counted: int, expected: int, tallies: dict[str, tuple[int, int]]
) -> Record:
    till = counter.till
    message = ShiftClosed(
        shift_id=till.shift, operator_id=OPERATOR, counted_amount=counted,
        expected_amount=expected, tallies=tallies, waiting_count=0, waiting_amount=0,
        stamp=till.stamp(), binding_version=1,
    )  # fmt: skip
    return counter.journal.append(RecordKind.SHIFT_CLOSED, message)


def moved(counter: Counter, amount: int) -> Record:
    till = counter.till
    message = CashMoved(
        shift_id=till.shift, amount=amount, reason="to the safe", operator_id=OPERATOR,
        stamp=till.stamp(),
    )  # fmt: skip
    return counter.journal.append(RecordKind.CASH_MOVED, message)


def a_shift(counter: Counter) -> list[Record]:
    """A float of 100, a face sale, two cash sales of 12, 20 to the safe, 1 short at the end."""
    cash = {"tender": Tender.CASH, "payer": "cash"}
    return [
        opened(counter),
        counter.accept(1_200),
        counter.accept(1_200, **cash),
        counter.accept(1_200, **cash),
        moved(counter, -2_000),
        closed(counter, 10_300, 10_400, {"cash": (2, 2_400), "face": (1, 1_200)}),
    ]


def drawer(counter: Counter) -> int:
    return Account.objects.get(owner_id=counter.till.shift, kind="drawer").balance


def test_a_whole_shift_is_booked_and_its_drawer_proven(counter: Counter) -> None:
    records = a_shift(counter)
    assert counter.fates(*records) == ["applied"] * 6
    shift = Shift.objects.get(id=counter.till.shift)
    assert (shift.float_amount, shift.counted_amount, shift.expected_amount) == (
        10_000,
        10_300,
        10_400,
    )
    assert drawer(counter) == 0
    assert counter.audit().findings == ()


def test_the_order_in_which_a_shift_arrives_does_not_matter(counter: Counter) -> None:
    records = a_shift(counter)
    for record in reversed(records):
        assert counter.fates(record) == ["applied"]
    assert drawer(counter) == 0
    journal = JournalRow.objects.get()
    assert (journal.head_sequence, bytes(journal.head_hash)) == (6, counter.journal.head)
    assert counter.audit().findings == ()


def test_a_push_sent_twice_changes_nothing_and_tells_the_balance_again(counter: Counter) -> None:
    record = counter.accept(1_200)
    (first,) = counter.push(record)
    (second,) = counter.push(record)
    assert (first.status, second.status) == (Status.APPLIED, Status.REPLAYED)
    assert [b.balance for b in second.balances if b.version] == [
        b.balance for b in first.balances if b.version
    ]
    assert Payment.objects.count() == 1
    assert counter.audit().findings == ()


def test_one_tampered_record_stops_nobody(counter: Counter) -> None:
    records = [counter.accept(1_000), counter.accept(1_100), counter.accept(1_200)]
    records[1] = forged(records[1])
    dispositions = counter.push(*records)
    assert [str(d.status) for d in dispositions] == ["applied", "rejected", "applied"]
    assert dispositions[1].code == "envelopes.not_authentic"
    assert dispositions[1].sequence == 2
    assert Quarantined.objects.get().code == "envelopes.not_authentic"
    assert Payment.objects.count() == 2


def test_bytes_that_are_no_record_are_rejected_one_by_one(counter: Counter) -> None:
    good = encode(counter.accept(1_200))
    body = b'{"records":[17,{"sequence":3},' + good + b',{"kind":"acceptance"}]}'
    answer = counter.send(body)
    assert answer.status_code == 200
    statuses = [d["status"] for d in answer.json()["dispositions"]]
    assert statuses == ["rejected", "rejected", "applied", "rejected"]
    assert [d.get("code") for d in answer.json()["dispositions"]][0] == "records.unreadable"


def test_a_signed_record_with_an_unreadable_body_stays_with_the_counter(counter: Counter) -> None:
    record = counter.accept(1_200)
    unsigned = structs.replace(record, body=b'{"surprise": true}', signature=b"")
    signed = counter.device.key.sign_record(unsigned)
    (disposition,) = counter.push(signed)
    assert (disposition.status, disposition.code) == (Status.REJECTED, "records.unreadable")
    assert not RecordRow.objects.exists()


def test_a_push_that_is_no_push_is_refused_with_words_in_both_languages(counter: Counter) -> None:
    for body in (b"", b"[]", b"\xff\xfe", b'{"records": 3}', b'{"records": [}'):
        answer = counter.send(body)
        assert answer.status_code == 400, body
        failure = answer.json()
        assert failure["code"] == "envelopes.malformed"
        assert failure["text_zh"]
        assert failure["text_en"]
    many = b'{"records":[' + b",".join([b"1"] * 501) + b"]}"
    assert counter.send(many).json()["code"] == "records.too_many"


def test_another_terminals_record_is_not_taken(counter: Counter) -> None:
    record = counter.accept(1_200)
    stranger = counter.till.rows.activated(counter.till.rows.new_terminal("二号"))
    answer = counter.api.call(
        "POST", "/v1/records", b'{"records":[' + encode(record) + b"]}", stranger
    )
    assert [d["status"] for d in answer.json()["dispositions"]] == ["rejected"]


def test_a_refund_before_its_sale_waits_and_follows(counter: Counter) -> None:
    sale = counter.till.request(1_200)
    acceptance = counter.till.acceptance(sale)
    refund = counter.till.refund_request(sale, 500)
    first = counter.journal.append(RecordKind.ACCEPTANCE, acceptance)
    second = counter.journal.append(RecordKind.REFUND, refund)
    assert counter.fates(second) == ["waiting"]
    assert counter.audit().broken == ()
    assert counter.fates(first) == ["applied"]
    counter.work(seconds=31)
    assert Refund.objects.get().state == "succeeded"
    assert RecordRow.objects.get(kind="refund").status == "applied"
    assert counter.fates(second) == ["replayed"]
    assert counter.audit().findings == ()


def test_two_histories_of_one_place_are_both_booked_and_one_case(counter: Counter) -> None:
    first = counter.accept(1_200)
    counter.journal.sequence, counter.journal.head = 0, bytes(32)
    second = counter.accept(1_300)
    assert counter.fates(first, second) == ["applied", "applied"]
    case = Case.objects.get(kind="fork")
    assert case.data["sequence"] == 1
    assert Payment.objects.count() == 2
    assert counter.audit().findings == ()


def test_a_gap_that_lasts_is_a_case_and_closes_when_it_is_filled(counter: Counter) -> None:
    records = [counter.accept(1_000 + n) for n in range(4)]
    counter.push(records[0], records[3])
    assert JournalRow.objects.get().head_sequence == 1
    assert not Case.objects.exists()
    counter.work(minutes=11)
    case = Case.objects.get(kind="gap")
    assert case.data["first_missing"] == 2
    assert case.closed_at is None
    counter.push(*records)
    case.refresh_from_db()
    assert case.closed_at is not None
    assert JournalRow.objects.get().head_sequence == 4


def test_a_lost_row_is_owned_up_to_and_the_head_goes_on(counter: Counter) -> None:
    first, missing = counter.accept(1_000), counter.accept(1_100)
    lost = counter.journal.append(
        RecordKind.LOST, Lost(sequence=2, why="journals.lost", stamp=counter.till.stamp())
    )
    assert counter.fates(first, lost) == ["applied", "applied"]
    assert missing.sequence == 2
    assert JournalRow.objects.get().head_sequence == 3
    assert Case.objects.get().kind == "lost_record"
    assert counter.audit().findings == ()


def test_a_journal_that_follows_another_tells_of_a_restored_store(counter: Counter) -> None:
    till = counter.till
    message = JournalOpened(old_journal_id=till.rows.id(), old_head_sequence=3, stamp=till.stamp())
    event = Event(name="pin_wrong", data={"count": 1}, stamp=till.stamp())
    records = [
        counter.journal.append(RecordKind.JOURNAL_OPENED, message),
        counter.journal.append(RecordKind.EVENT, event),
    ]
    assert counter.fates(*records) == ["applied", "applied"]
    assert Case.objects.get().kind == "restored_store"


def test_a_second_closing_of_one_shift_is_parked_for_a_person(counter: Counter) -> None:
    records = a_shift(counter)
    counter.push(*records)
    again = closed(counter, 1, 1, {})
    (disposition,) = counter.push(again)
    assert (disposition.status, disposition.code) == (Status.PARKED, "shifts.contradiction")
    assert drawer(counter) == 0


def test_old_records_verify_under_a_retired_key(counter: Counter) -> None:
    record = counter.accept(1_200)
    assert signing.record_hash(record) == counter.journal.head
    counter.api.clock.move(seconds=2)
    counter.till.pass_time(seconds=2)
    assert counter.fates(record) == ["applied"]


def test_another_terminal_can_neither_close_a_shift_nor_move_a_journal(counter: Counter) -> None:
    counter.push(*a_shift(counter)[:5])
    rows = counter.till.rows
    stranger = Counter(
        counter.till, counter.api, rows.activated(rows.new_terminal("二号")), counter.worker
    )
    stranger.journal.id = counter.journal.id
    stranger.journal.sequence = 90
    (disposition,) = stranger.push(closed(stranger, 1, 1, {}))
    assert (disposition.status, disposition.code) == (Status.PARKED, "shifts.contradiction")
    journal = JournalRow.objects.get()
    assert (journal.head_sequence, journal.top_sequence) == (5, 5)
