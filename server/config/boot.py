"""From the text `--database` to a connected, durable, migrated Django."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from domain.errors import Refused, Unavailable
from server.config.database import ENVIRONMENT, chosen_database, refuse_forgetful, use_database

MIGRATION_LOCK = 0x6D696772
"""Held while migrating, so that two servers started together do not ("migr" in ASCII)."""


def choose(database: str | None) -> str:
    """Let `database`, when given, be what this process and its children use."""
    if database:
        os.environ[ENVIRONMENT] = database
    return chosen_database()


def boot(database: str | None = None) -> str:
    """Set Django up for `database` (else the environment's, else the default file)."""
    choose(database)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.config.settings")
    was_set_up = settings.configured
    django.setup()
    if was_set_up:
        use_database(chosen_database())
    return chosen_database()


def prepare_database() -> None:
    """Migrate; refuse a database that forgets, or one that cannot be reached."""
    from django.core.management import call_command
    from django.db import connection

    _connect(connection)
    refuse_forgetful(connection)
    with connection.cursor() as cursor, _migration_lock(cursor):
        call_command("migrate", verbosity=0, interactive=False)


def check_migrated() -> None:
    """Refuse a database whose tables are not the ones this version reads."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    file = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor == "sqlite" and not file.exists():
        raise Refused("databases.missing", path=str(file))
    _connect(connection)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused("databases.not_migrated")


def _connect(connection: Any) -> None:
    """Open the connection, or say which of the things that may be wrong with it is."""
    from django.db import DatabaseError, OperationalError, ProgrammingError

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError as error:
        raise Unavailable("databases.unreachable") from error
    except ProgrammingError as error:
        # psycopg's word for an option in the URL that it does not know
        detail = str(error).strip().partition("\n")[0]
        raise Refused("databases.bad_option", detail=detail) from error
    except DatabaseError as error:
        name = str(connection.settings_dict["NAME"])
        raise Refused("databases.not_sqlite", path=name) from error


@contextlib.contextmanager
def alone(database: str) -> Iterator[None]:
    """Hold a SQLite file for this process: a second server on it is refused.

    A file lock, which the system drops with the process however that ends. PostgreSQL takes any
    number of processes.
    """
    if is_postgresql(database):
        yield
        return
    path = Path(f"{database.removeprefix('sqlite:///')}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused("storage.in_use", path=database) from error
        yield


def is_postgresql(database: str) -> bool:
    """Whether the text names a PostgreSQL database."""
    return database.startswith(("postgresql://", "postgres://"))


@contextlib.contextmanager
def _migration_lock(cursor: Any) -> Iterator[None]:
    if cursor.db.vendor != "postgresql":
        yield
        return
    cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        yield
    finally:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
