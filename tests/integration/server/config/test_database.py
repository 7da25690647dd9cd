"""The database a server is given: durable or refused."""

import pytest
from django.db import connection

from domain.errors import Refused
from server.config.database import database_settings, refuse_forgetful
from server.organisations.models import Organisation


def test_a_fresh_database_has_every_table_and_no_row(database: str) -> None:
    assert Organisation.objects.count() == 0


def test_sqlite_keeps_what_it_acknowledged(sqlite_database: str) -> None:
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_durable_database_is_accepted(database: str) -> None:
    refuse_forgetful(connection)


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
