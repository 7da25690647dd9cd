"""Fresh, migrated databases of both engines for the server's tests.

    def test_something(database: str) -> None:          # runs twice: SQLite and PostgreSQL
        Organisation.objects.create(…)                  # Django is connected to it

`sqlite_database` and `postgresql_database` give one engine. Migrations run once per engine and
session; each test gets a copy of the file, or a PostgreSQL database emptied of the last test.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest

from tests.clean_databases import CleanDatabases
from tests.postgres import TemporaryPostgres

# Django is set up once, on a folder of this session's own; each test then names its database
_FOLDER = tempfile.TemporaryDirectory(prefix="fanpiao-tests-")
os.environ["FANPIAO_DATABASE"] = f"{_FOLDER.name}/unused.sqlite3"
os.environ["DJANGO_SETTINGS_MODULE"] = "server.config.settings"
django.setup()


def migrate(database: str) -> None:
    """Bring an empty database up to date; Django is left pointing at it, disconnected."""
    from django.core.management import call_command
    from django.db import connections

    from server.config.database import use_database

    use_database(database)
    call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    """One migrated SQLite file, to copy."""
    path = tmp_path_factory.mktemp("template") / "fanpiao.sqlite3"
    with django_db_blocker.unblock():
        migrate(str(path))
    return path


@pytest.fixture(scope="session")
def postgresql_databases(postgres: TemporaryPostgres, django_db_blocker: Any) -> CleanDatabases:
    """Clean databases, one after the other, from one migrated template."""
    url = postgres.fresh_database()
    with django_db_blocker.unblock():
        migrate(url)
    return CleanDatabases(postgres, url.rsplit("/", 1)[1])


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path, django_db_blocker: Any) -> Iterator[str]:
    """A fresh SQLite database; Django is connected to it."""
    path = tmp_path / "fanpiao.sqlite3"
    shutil.copyfile(sqlite_template, path)
    yield from _connected(str(path), django_db_blocker)


@pytest.fixture
def postgresql_database(
    postgresql_databases: CleanDatabases, django_db_blocker: Any
) -> Iterator[str]:
    """A clean PostgreSQL database; Django is connected to it."""
    yield from _connected(postgresql_databases.take(), django_db_blocker)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """A fresh database, once per engine; Django is connected to it."""
    chosen: str = request.getfixturevalue(f"{request.param}_database")
    return chosen


def _connected(database: str, django_db_blocker: Any) -> Iterator[str]:
    from django.db import connections

    from server.config.database import use_database

    with django_db_blocker.unblock():
        use_database(database)
        yield database
        connections.close_all()
