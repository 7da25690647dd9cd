"""The drain, step by step: what is handed over, in which order, and what happens when it fails."""

import threading
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from sync import keystore, messages
from sync.audit import audit_store
from sync.client import Client
from sync.keystore import FileKeyStore, TerminalSecrets
from sync.messages import JournalOpened, Record, RecordKind, Status
from sync.pump import HEARTBEAT_EVERY_S, PUSH_LIMIT, Pump
from sync.pump_thread import PumpThread
from tests.integration.sync.loopback_server import Answer, Custodian, Got, Loopback, refused
from tests.unit.sync.makers import (
    CASH_ACCOUNT,
    NOON,
    PERSON,
    TERMINAL,
    Counter,
    account_feed_row,
    activation_answer,
    page,
    person_feed_row,
    terminal_key,
)


@pytest.fixture
def keys(tmp_path: Path) -> FileKeyStore:
    """The terminal's secrets, activated with a data key."""
    made = FileKeyStore(tmp_path / "keys.json")
    made.save(
        TerminalSecrets(
            seed=b"\x01" * 32,
            binding=activation_answer(),
            lease_until=NOON + timedelta(days=30),
        )
    )
    return made


@pytest.fixture
def pump(counter: Counter, client: Client, keys: FileKeyStore) -> Pump:
    """A pump whose jitter is always the middle."""
    return make_pump(counter, client, keys)


def make_pump(counter: Counter, client: Client, keys: FileKeyStore) -> Pump:
    return Pump(counter.journal, counter.replica, client, keys, random=lambda: 0.5)


def run(pump: Pump, counter: Counter, seconds: float) -> None:
    """Step through a stretch of time, each duty at its moment."""
    end_s = counter.clock.monotonic() + seconds
    for _ in range(10_000):
        wait_s = max(0.01, pump.step(counter.clock.monotonic()))
        if counter.clock.monotonic() + wait_s > end_s:
            return
        counter.clock.advance(wait_s)
    raise AssertionError("the pump never rests")


def test_why_nothing_may_be_sold_is_known_still_after_a_restart_without_a_network(
    counter: Counter, pump: Pump, client: Client, keys: FileKeyStore, custodian: Custodian
) -> None:
    counter.sell()
    custodian.code = "merchants.closed"
    pump.step(counter.clock.monotonic())
    assert (pump.state.standing, pump.state.not_selling) == ("active", "merchants.closed")
    assert counter.journal.waiting().count == 0, "what was sold is handed over as ever"
    again = make_pump(counter, client, keys)
    assert again.state.not_selling == "merchants.closed"
    custodian.code = ""
    again.step(counter.clock.monotonic())
    assert again.state.not_selling == ""
    assert make_pump(counter, client, keys).state.not_selling == ""


def test_the_first_word_is_a_heartbeat_then_everything_is_handed_over(
    counter: Counter, pump: Pump, custodian: Custodian
) -> None:
    counter.sell()
    counter.sell()
    pump.step(counter.clock.monotonic())
    assert custodian.loopback.paths() == ["/v1/heartbeat", "/v1/records", "/v1/feed"]
    assert [sequence for _, sequence in custodian.kept] == [1, 2, 3]
    assert counter.journal.waiting().count == 0
    assert counter.journal.acknowledged_sequence() == 3
    assert (pump.state.standing, pump.state.code) == ("active", "")
    assert all(got.is_signed for got in custodian.loopback.got)


def test_a_long_queue_goes_in_batches(counter: Counter, pump: Pump, custodian: Custodian) -> None:
    for _ in range(PUSH_LIMIT + 20):
        counter.journal.append(RecordKind.EVENT, messages_event())
    pump.step(counter.clock.monotonic())
    assert len(custodian.kept) == PUSH_LIMIT
    pump.step(counter.clock.monotonic())
    assert len(custodian.kept) == PUSH_LIMIT + 21


def messages_event() -> messages.Event:
    from tests.unit.sync.makers import event

    return event("drawer.opened")


def test_the_servers_delay_is_obeyed(counter: Counter, pump: Pump, custodian: Custodian) -> None:
    custodian.delay_ms = 5000
    now_s = counter.clock.monotonic()
    pump.step(now_s)
    counter.sell()
    pump.step(now_s + 4.9)
    assert counter.journal.waiting().count == 1
    pump.step(now_s + 5)
    assert counter.journal.waiting().count == 0


def test_heartbeats_come_on_time_and_say_what_waits(
    counter: Counter, pump: Pump, custodian: Custodian
) -> None:
    custodian.statuses[2] = Status.REJECTED
    counter.sell(1200)
    run(pump, counter, HEARTBEAT_EVERY_S * 3 + 1)
    assert len(custodian.beats) == 4
    assert (custodian.beats[0].waiting_count, custodian.beats[0].waiting_amount) == (2, 1200)
    assert (custodian.beats[1].waiting_count, custodian.beats[1].waiting_amount) == (1, 1200)
    assert custodian.beats[1].acknowledged_sequence == 1


def test_a_server_that_is_gone_is_asked_ever_more_seldom_and_nothing_is_lost(
    counter: Counter, pump: Pump, custodian: Custodian
) -> None:
    custodian.loopback.routes["/v1/heartbeat"] = lambda _: refused("server.overloaded", 503)
    counter.sell()
    run(pump, counter, 600)
    assert 10 < len(custodian.loopback.got) < 30
    assert pump.state.code == "server.overloaded"
    custodian.__post_init__()
    run(pump, counter, 61)
    assert counter.journal.waiting().count == 0
    assert pump.state.code == ""


def test_a_server_may_ask_for_patience(counter: Counter, pump: Pump, custodian: Custodian) -> None:
    custodian.loopback.routes["/v1/heartbeat"] = lambda _: refused(
        "server.overloaded", 503, retry_after_ms=120_000
    )
    pump.step(0.0)
    pump.step(119.0)
    assert len(custodian.loopback.got) == 1
    pump.step(120.0)
    assert len(custodian.loopback.got) == 2


def test_one_row_the_server_chokes_on_holds_up_no_other(
    counter: Counter, pump: Pump, custodian: Custodian
) -> None:
    sold = [counter.sell() for _ in range(20)]
    bad = sold[12]
    well = custodian.loopback.routes["/v1/records"]

    def choking(got: object) -> tuple[int, bytes]:
        if bad.signature in got_signatures(got):
            return refused("errors.defect", 500)
        return well(got)  # type: ignore[arg-type]

    custodian.loopback.routes["/v1/records"] = choking
    run(pump, counter, 50)
    assert [record.record for record in counter.journal.parked()] == [bad]
    assert len(custodian.kept) == 20
    custodian.__post_init__()
    counter.clock.advance(3600)
    run(pump, counter, 1)
    assert counter.journal.waiting().count == 0


def got_signatures(got: object) -> set[bytes]:
    body = got.body  # type: ignore[attr-defined]
    return {record.signature for record in messages.decode(messages.PushRequest, body).records}


def test_an_answer_about_rows_that_were_not_pushed_settles_nothing(
    counter: Counter, pump: Pump, custodian: Custodian
) -> None:
    def foreign(_: object) -> tuple[int, bytes]:
        word = messages.Disposition(
            journal_id=CASH_ACCOUNT, sequence=1, status=messages.Status.APPLIED
        )
        return 200, messages.encode(messages.PushAnswer(dispositions=(word,)))

    custodian.loopback.routes["/v1/records"] = foreign
    counter.sell()
    pump.step(counter.clock.monotonic())
    assert counter.journal.waiting().count == 2
    assert pump.state.code == "server.malformed"


def test_pages_are_pulled_until_there_are_no_more(
    counter: Counter, pump: Pump, custodian: Custodian
) -> None:
    custodian.pages = [
        page(person_feed_row(), cursor=1, has_more=True),
        page(account_feed_row(balance=4200), cursor=2),
    ]
    run(pump, counter, 1)
    assert counter.replica.person(PERSON) is not None
    account = counter.replica.account(CASH_ACCOUNT)
    assert account is not None
    assert account.available == 4200
    assert pump.state.is_complete


def test_a_restored_server_gets_everything_after_its_head_again(
    counter: Counter, pump: Pump, custodian: Custodian
) -> None:
    custodian.pages = [page(person_feed_row(), account_feed_row(balance=5000), cursor=2)]
    run(pump, counter, 1)
    for _ in range(3):
        counter.sell(100)
    run(pump, counter, 1)
    assert counter.journal.waiting().count == 0
    lost = {place: record for place, record in custodian.kept.items() if place[1] > 2}
    for place in lost:
        del custodian.kept[place]
    custodian.epoch = "E2"
    custodian.pages = [
        page(person_feed_row(), account_feed_row(balance=5000), epoch="E2", cursor=2)
    ]
    pump_before = len(custodian.kept)
    assert pump_before == 2
    run(pump, counter, HEARTBEAT_EVERY_S * 2)
    assert {place: custodian.kept[place] for place in lost} == lost
    assert counter.journal.waiting().count == 0
    assert counter.replica.position().epoch == "E2"
    assert audit_store(counter.store) == []


def test_until_a_restored_server_has_the_rows_again_their_deltas_count(
    counter: Counter, pump: Pump, custodian: Custodian
) -> None:
    custodian.pages = [page(person_feed_row(), account_feed_row(balance=5000), cursor=2)]
    run(pump, counter, 1)
    counter.sell(1200)
    run(pump, counter, 1)
    custodian.kept.clear()
    custodian.epoch = "E2"
    custodian.loopback.routes["/v1/records"] = lambda _: refused("server.overloaded", 503)
    run(pump, counter, HEARTBEAT_EVERY_S * 2)
    account = counter.replica.account(CASH_ACCOUNT)
    assert account is not None
    assert account.taken == 1200
    assert counter.journal.waiting().count == 2


def opened(records: list[Record]) -> list[JournalOpened]:
    kind = RecordKind.JOURNAL_OPENED
    return [
        messages.decode(JournalOpened, record.body) for record in records if record.kind is kind
    ]


def drain_once(counter: Counter, keys: FileKeyStore, custodian: Custodian) -> None:
    """One process life of the pump: a client, a first step, and gone."""
    client = Client(custodian.loopback.url, terminal_key(), TERMINAL, counter.corrected)
    try:
        make_pump(counter, client, keys).step(counter.clock.monotonic())
    finally:
        client.close()


def restore_an_image(counter: Counter, keys: FileKeyStore, custodian: Custodian) -> None:
    """Copy the disk, sell and hand over once more, and put the copy back."""
    drain_once(counter, keys, custodian)
    counter.store.close()
    image = counter.path.with_name("image")
    copyfile(counter.path, image)
    counter.open()
    counter.sell()
    drain_once(counter, keys, custodian)
    counter.store.close()
    copyfile(image, counter.path)
    counter.open()


def test_a_restored_image_opens_a_new_journal_that_names_the_old_head(
    counter: Counter, keys: FileKeyStore, custodian: Custodian
) -> None:
    restore_an_image(counter, keys, custodian)
    old = counter.journal.head()
    drain_once(counter, keys, custodian)

    new = counter.journal.head()
    assert new.journal_id != old.journal_id
    assert new.sequence == 1
    last = opened(list(custodian.kept.values()))[-1]
    assert (last.old_journal_id, last.old_head_sequence) == (old.journal_id, old.sequence)
    assert counter.journal.waiting().count == 0
    assert audit_store(counter.store) == []
    counter.reopen()
    drain_once(counter, keys, custodian)
    assert counter.journal.head() == new


def test_an_image_that_sold_past_the_servers_head_is_noticed_by_its_hash(
    counter: Counter, keys: FileKeyStore, custodian: Custodian
) -> None:
    restore_an_image(counter, keys, custodian)
    old = counter.journal.head()
    counter.sell(700)
    counter.sell(800)
    drain_once(counter, keys, custodian)
    assert counter.journal.head().journal_id != old.journal_id
    assert counter.journal.waiting().count == 0


def test_a_revoked_terminal_forgets_people_and_faces_but_hands_over_its_sales(
    counter: Counter, pump: Pump, custodian: Custodian, keys: FileKeyStore
) -> None:
    custodian.pages = [page(person_feed_row(), account_feed_row(), cursor=2)]
    run(pump, counter, 1)
    assert keystore.data_key(keys, NOON) is not None
    counter.sell()
    custodian.state = "revoked"
    run(pump, counter, HEARTBEAT_EVERY_S * 2)
    assert pump.state.standing == "revoked"
    assert counter.replica.person(PERSON) is None
    assert keystore.data_key(keys, NOON) is None
    assert counter.journal.waiting().count == 0
    pulls = custodian.loopback.paths().count("/v1/feed")
    run(pump, counter, 60)
    assert custodian.loopback.paths().count("/v1/feed") == pulls


def test_a_place_in_the_feed_the_server_no_longer_knows_is_rebuilt_beside(
    counter: Counter, pump: Pump, custodian: Custodian
) -> None:
    custodian.pages = [page(person_feed_row(), cursor=5)]
    run(pump, counter, 1)
    answers = iter([refused("feeds.bad_cursor", 400)])
    well = custodian.loopback.routes["/v1/feed"]
    custodian.loopback.routes["/v1/feed"] = lambda got: next(answers, None) or well(got)
    run(pump, counter, 10)
    assert counter.replica.person(PERSON) is not None
    assert pump.state.code == ""


def test_a_terminal_that_was_moved_keeps_its_new_binding_and_pulls_anew(
    counter: Counter, pump: Pump, custodian: Custodian, keys: FileKeyStore, loopback: Loopback
) -> None:
    moved = activation_answer(binding_version=2, store_name="北区食堂")
    secrets = keys.load()
    assert secrets is not None
    loopback.routes["/v1/binding"] = lambda _: (200, messages.encode(moved))
    keys.save(TerminalSecrets(seed=secrets.seed, binding=activation_answer(binding_version=9)))
    run(pump, counter, 1)
    assert pump.state.is_rebound
    kept = keys.load()
    assert kept is not None
    assert kept.binding == moved


def test_the_thread_is_woken_by_a_sale_and_stops_when_told(
    counter: Counter, pump: Pump, custodian: Custodian
) -> None:
    came = threading.Event()
    well = custodian.loopback.routes["/v1/records"]

    def note(got: Got) -> Answer:
        answer = well(got)
        if len(custodian.kept) == 2:
            came.set()
        return answer

    custodian.loopback.routes["/v1/records"] = note
    thread = PumpThread(pump, counter.clock.monotonic)
    thread.start()
    counter.sell()
    thread.hurry()
    assert came.wait(20)
    thread.stop()
    assert thread.failure is None
