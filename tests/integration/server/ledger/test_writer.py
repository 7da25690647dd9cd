"""What the writer answers, in which order it commits, and how it survives trouble."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction

from domain.errors import Defect, Unavailable
from server.config.database import use_database
from server.ledger.commands import AccountKey, Decision, Locked
from server.ledger.models import Account, Transfer
from server.ledger.writer import MAX_BATCH, MAX_PUSHES, MAX_WAITING, MIN_PUSHES, Writer
from tests.factories.clocks import StandingClock
from tests.factories.ledger import AskedFor, a_key, account, moving
from tests.postgres import temporary_postgres
from tests.server_fixtures import migrate


def sale(payable: AccountKey | None = None, answer: Any = "sold") -> AskedFor:
    payable = payable or account("payable", "merchant")
    return moving((account("bank", "organisation"), -1), (payable, 1), answer=answer)


def answering(answer: Any) -> AskedFor:
    return AskedFor(lambda _: Decision(answer))


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def writer(clock: StandingClock) -> Writer:
    return Writer(clock)


def stepped(writer: Writer, clock: StandingClock) -> int:
    return writer.step(clock.now())


def test_nothing_is_answered_before_the_commit(
    writer: Writer, clock: StandingClock, database: str
) -> None:
    future = writer.submit(sale())
    assert not future.done()

    assert stepped(writer, clock) == 1

    assert future.result(timeout=0) == "sold"
    assert Transfer.objects.count() == 1


def test_a_batch_is_one_transaction_of_at_most_its_maximum(
    writer: Writer, clock: StandingClock, database: str
) -> None:
    futures = [writer.submit(answering(n)) for n in range(MAX_BATCH + 3)]

    assert [stepped(writer, clock), stepped(writer, clock), stepped(writer, clock)] == [
        MAX_BATCH, 3, 0,
    ]  # fmt: skip
    assert [future.result(timeout=0) for future in futures] == list(range(MAX_BATCH + 3))


def noting(order: list[str], name: str) -> AskedFor:
    def decide(_: Locked) -> Decision:
        order.append(name)
        return Decision(name)

    return AskedFor(decide)


def test_online_commands_go_before_pushes(
    writer: Writer, clock: StandingClock, database: str
) -> None:
    order: list[str] = []
    for _ in range(MAX_BATCH):
        writer.submit(noting(order, "push"), push=True)
    for _ in range(10):
        writer.submit(noting(order, "online"))

    stepped(writer, clock)

    assert order == ["online"] * 10 + ["push"] * MAX_PUSHES


def test_pushes_still_drain_under_a_flood_of_online_commands(
    writer: Writer, clock: StandingClock, database: str
) -> None:
    order: list[str] = []
    for _ in range(MAX_PUSHES):
        writer.submit(noting(order, "push"), push=True)
    for _ in range(2 * MAX_BATCH):
        writer.submit(noting(order, "online"))

    stepped(writer, clock)

    assert (order.count("push"), len(order)) == (MIN_PUSHES, MAX_BATCH)


def test_a_full_queue_refuses_and_asks_pushers_to_wait(writer: Writer) -> None:
    assert writer.push_delay_ms == 0
    for n in range(MAX_WAITING):
        writer.submit(answering(n))

    with pytest.raises(Unavailable, match=r"server.busy"):
        writer.submit(sale())

    assert writer.push_delay_ms == 5000


def test_a_command_past_its_budget_is_unavailable_and_not_stored(
    writer: Writer, clock: StandingClock, database: str
) -> None:
    late = writer.submit(sale())
    clock.move(seconds=1)
    in_time = writer.submit(sale())

    stepped(writer, clock)

    with pytest.raises(Unavailable, match=r"server.overloaded"):
        late.result(timeout=0)
    assert in_time.result(timeout=0) == "sold"
    assert Transfer.objects.count() == 1


def failing() -> AskedFor:
    cash, payable = account("cash", floor=0), account("payable", "merchant")
    return moving((cash, -1), (payable, 1))


def test_one_bad_command_fails_alone(writer: Writer, clock: StandingClock, database: str) -> None:
    futures = [writer.submit(failing() if n == 5 else sale()) for n in range(9)]

    stepped(writer, clock)

    with pytest.raises(Defect):
        futures.pop(5).result(timeout=0)
    assert [future.result(timeout=0) for future in futures] == ["sold"] * 8
    assert Transfer.objects.count() == 8


def test_an_exception_in_a_decision_is_a_defect_of_that_command(
    writer: Writer, clock: StandingClock, database: str
) -> None:
    bad = writer.submit(AskedFor(lambda locked: locked.rows[a_key()]))
    good = writer.submit(sale())

    stepped(writer, clock)

    assert good.result(timeout=0) == "sold"
    with pytest.raises(Defect):
        bad.result(timeout=0)


def test_a_stopping_writer_takes_nothing_and_answers_what_waits(
    writer: Writer, database: str
) -> None:
    future = writer.submit(sale())
    writer.stop()
    with pytest.raises(Unavailable, match=r"server.stopping"):
        writer.submit(sale())

    thread = threading.Thread(target=writer.run)
    thread.start()
    thread.join(timeout=10)

    assert future.result(timeout=0) == "sold"


@pytest.fixture
def running(writer: Writer, database: str) -> Iterator[Writer]:
    thread = threading.Thread(target=writer.run)
    thread.start()
    yield writer
    writer.stop()
    thread.join(timeout=20)
    assert not thread.is_alive()


def test_an_event_loop_awaits_many_answers_at_once(running: Writer) -> None:
    async def pay() -> list[Any]:
        payable = account("payable", "merchant")
        return await asyncio.gather(*[running.answer(sale(payable, n)) for n in range(100)])

    assert asyncio.run(pay()) == list(range(100))


def test_an_answer_nobody_waits_for_any_more_is_stored_all_the_same(
    writer: Writer, clock: StandingClock, database: str
) -> None:
    async def give_up() -> None:
        task = asyncio.ensure_future(writer.answer(sale()))
        await asyncio.wait([task], timeout=0)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.to_thread(_step_and_close, writer, clock)

    asyncio.run(give_up())

    assert Transfer.objects.count() == 1


def _step_and_close(writer: Writer, clock: StandingClock) -> None:
    stepped(writer, clock)
    connection.close()


def test_the_writer_recovers_after_its_connection_is_cut(
    writer: Writer, clock: StandingClock, postgresql_database: str
) -> None:
    assert _answer_of(writer, clock) == "sold"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    with psycopg.connect(postgresql_database, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [backend])

    assert _answer_of(writer, clock) == "sold"
    assert Transfer.objects.count() == 2


def _answer_of(writer: Writer, clock: StandingClock) -> Any:
    future = writer.submit(sale())
    stepped(writer, clock)
    return future.result(timeout=0)


def test_the_writer_recovers_after_the_database_restarts(
    writer: Writer, clock: StandingClock, postgresql_database: str
) -> None:
    with temporary_postgres() as server:
        url = server.fresh_database()
        migrate(url)
        use_database(url)
        assert _answer_of(writer, clock) == "sold"

        server.crash()
        with pytest.raises(Unavailable, match=r"databases.unreachable"):
            _answer_of(writer, clock)
        server.start()

        assert _answer_of(writer, clock) == "sold"
        assert Transfer.objects.count() == 2
        connections.close_all()


def test_a_connection_lost_in_commit_is_unavailable_never_declined(
    writer: Writer, clock: StandingClock, postgresql_database: str
) -> None:
    with connection.cursor() as cursor:
        # A deferred trigger runs inside COMMIT and ends its own connection there
        cursor.execute(
            "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
        )
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON ledger_transfer"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()"
        )

    with pytest.raises(Unavailable, match=r"databases.commit_unknown"):
        _answer_of(writer, clock)


def hammer(clock: StandingClock, accounts: list[AccountKey], outcomes: list[Any]) -> None:
    """Submit and commit in many small batches, each over all the accounts."""
    writer = Writer(clock)
    try:
        for turn in range(12):
            futures: list[Future[Any]] = []
            for n in range(len(accounts)):
                order = accounts if turn % 2 else accounts[::-1]
                legs = ((order[n], -1), (order[n - 1], 1))
                futures.append(writer.submit(moving(*legs)))
            while writer.waiting:
                stepped(writer, clock)
            outcomes.extend(future.result(timeout=0) for future in futures)
    except BaseException as error:
        outcomes.append(error)
    finally:
        connection.close()


def test_two_writers_on_one_database_neither_deadlock_nor_lose(database: str) -> None:
    clock, outcomes = StandingClock(), list[Any]()
    accounts = [account("payable", "merchant") for _ in range(20)]
    threads = [threading.Thread(target=hammer, args=(clock, accounts, outcomes)) for _ in range(2)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert outcomes == ["moved"] * (2 * 12 * 20)
    assert Transfer.objects.count() == len(outcomes)
    assert sum(Account.objects.values_list("balance", flat=True)) == 0
    assert set(Account.objects.values_list("version", flat=True)) == {2 * 12 * 2}


def test_a_deadlock_is_run_again(
    writer: Writer, clock: StandingClock, postgresql_database: str
) -> None:
    first, second = account("payable", "merchant"), account("payable", "merchant")
    with transaction.atomic():
        for key in (first, second):
            Account.objects.create(
                id=key.id, organisation=key.organisation_id, owner_kind=key.owner_kind,
                owner_id=key.owner_id, kind=key.kind, unit=key.unit,
            )  # fmt: skip
    low, high = sorted((first.id, second.id))
    locked, done = threading.Event(), threading.Event()

    def cross() -> None:
        with psycopg.connect(postgresql_database) as other:
            other.execute("SET deadlock_timeout = '30s'")
            lock = "SELECT 1 FROM ledger_account WHERE id = %s FOR UPDATE"
            other.execute(lock, [high])
            locked.set()
            other.execute(lock, [low])
        done.set()

    thread = threading.Thread(target=cross)
    thread.start()
    assert locked.wait(timeout=10)
    future = writer.submit(moving((first, -1), (second, 1)))
    stepped(writer, clock)
    thread.join(timeout=30)

    assert future.result(timeout=0) == "moved"
    assert done.is_set()
