"""The temporary PostgreSQL is durable, private, and survives what the crash tests do to it."""

from __future__ import annotations

import psycopg
import pytest

from tests.postgres import TemporaryPostgres, temporary_postgres

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_durability_is_never_switched_off(postgres: TemporaryPostgres, name: str) -> None:
    with psycopg.connect(postgres.url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()

    assert row == ("on",)


def test_two_fresh_databases_know_nothing_of_each_other(postgres: TemporaryPostgres) -> None:
    first, second = postgres.fresh_database(), postgres.fresh_database()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE sale (amount int)")

    with psycopg.connect(second) as connection:
        row = connection.execute("SELECT to_regclass('sale')").fetchone()

    assert row == (None,)


def test_a_copy_of_a_template_brings_its_tables(postgres: TemporaryPostgres) -> None:
    template = postgres.fresh_database()
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE sale (amount int)")

    copy = postgres.fresh_database(template=template.rsplit("/", 1)[1])

    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM sale").fetchone() == (0,)


def test_what_was_committed_survives_a_crash() -> None:
    with temporary_postgres() as server:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE sale (amount int)")
            connection.execute("INSERT INTO sale VALUES (1200)")
        server.crash()
        server.start()

        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT amount FROM sale").fetchone() == (1200,)


def test_it_leaves_nothing_behind() -> None:
    with temporary_postgres() as server:
        folder, process = server.folder, server.process

    assert not folder.exists()
    assert process is not None
    assert process.poll() is not None
