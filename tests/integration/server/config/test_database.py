"""The database a server is given: durable or refused."""

import contextlib
import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from domain.errors import Refused
from server.config.database import database_settings, refuse_forgetful
from server.organisations.models import Organisation
from tests.factories.clocks import NOON
from tests.factories.ledger import an_id


def test_a_fresh_database_has_every_table_and_no_row(database: str) -> None:
    assert Organisation.objects.count() == 0


def test_sqlite_keeps_what_it_acknowledged(sqlite_database: str) -> None:
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_durable_database_is_accepted(database: str) -> None:
    refuse_forgetful(connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_postgresql_that_forgets_is_refused(postgresql_database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")

    with pytest.raises(Refused) as refused:
        refuse_forgetful(connection)

    assert refused.value.code == "databases.not_durable"
    assert refused.value.data == {"setting": "synchronous_commit", "value": "off"}


def test_a_url_of_another_kind_is_refused() -> None:
    with pytest.raises(Refused, match=r"databases.unknown_kind"):
        database_settings("mysql://localhost/fanpiao")


def test_a_thread_beside_a_busy_writer_gets_its_turn(sqlite_database: str) -> None:
    """While one thread commits without a pause, another's writes come between its commits."""
    done = threading.Event()
    commits = 0

    def commit_without_pause() -> None:
        nonlocal commits
        while not done.is_set():
            with transaction.atomic():
                Organisation.objects.update(name="忙")
            commits += 1
        connection.close()

    busy = threading.Thread(target=commit_without_pause)
    busy.start()
    try:
        for n in range(20):
            with transaction.atomic():
                Organisation.objects.create(id=an_id(), name=str(n), created_at=NOON)
    finally:
        done.set()
        busy.join(timeout=10)

    assert Organisation.objects.count() == 20
    assert commits > 0


def test_a_transaction_that_fails_gives_its_turn_back(sqlite_database: str) -> None:
    id = an_id()
    for _ in range(2):
        with contextlib.suppress(IntegrityError), transaction.atomic():
            Organisation.objects.create(id=id, name="一", created_at=NOON)
            Organisation.objects.create(id=id, name="一", created_at=NOON)
    with contextlib.suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM organisations_organisation")
    connection.close()

    with transaction.atomic():
        Organisation.objects.create(id=id, name="一", created_at=NOON)

    assert Organisation.objects.get().name == "一"
