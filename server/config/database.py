"""Which database the server uses, from one text: a SQLite file or a PostgreSQL URL.

SQLite runs with WAL, synchronous=FULL, IMMEDIATE transactions and 5 s of patience; PostgreSQL
is refused unless it keeps what it acknowledged (fsync, full_page_writes, synchronous_commit).
"""

import contextlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from domain.errors import Refused

ENVIRONMENT = "FANPIAO_DATABASE"
DEFAULT_PATH = Path("var/server/fanpiao.sqlite3")
BUSY_TIMEOUT_S = 5.0
DURABLE_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")
# "off" loses what was acknowledged and "local" what a standby had not got; the others keep it
DURABLE_COMMITS = ("on", "remote_apply", "remote_write")
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
    # 64 MB of page cache, a memory map for reads
    "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456"
)


def database_settings(database: str) -> dict[str, Any]:
    """Return Django's DATABASES entry for `database`; `Refused` when it names neither kind."""
    if database.startswith(("postgresql://", "postgres://")):
        return _postgresql(database)
    if "://" in database and not database.startswith("sqlite:///"):
        raise Refused("databases.unknown_kind", database=database.split("://", 1)[0])
    if not database.startswith("sqlite:///") and not _is_meant_as_a_file(database):
        raise Refused("databases.no_address", database=database.rpartition("@")[2])
    return _sqlite(Path(database.removeprefix("sqlite:///") or DEFAULT_PATH))


def chosen_database() -> str:
    """Return what the environment names, or the default file."""
    return os.environ.get(ENVIRONMENT) or str(DEFAULT_PATH)


def secrets_path(database: str) -> Path:
    """Where the secrets of `database` are: beside a SQLite file, else var/server/secrets."""
    if named := os.environ.get("FANPIAO_SECRETS"):
        return Path(named)
    if "://" in database and not database.startswith("sqlite:///"):
        return DEFAULT_PATH.with_name("secrets")
    return Path(database.removeprefix("sqlite:///")).with_name("secrets")


def _is_meant_as_a_file(database: str) -> bool:
    """A word, or an address without its scheme, is a slip: it would be an empty new database."""
    first, slash, _ = database.partition("/")
    is_path = bool(slash or Path(database).suffix) and not {":", "@"} & set(first)
    return is_path or Path(database).exists()


def _sqlite(path: Path) -> dict[str, Any]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "server.config.sqlite",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": BUSY_TIMEOUT_S,
            "init_command": SQLITE_PRAGMAS,
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        port = parts.port or ""
    except ValueError as error:
        raise Refused("databases.no_address", database=url.rpartition("@")[2]) from error
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if not parts.path.lstrip("/"):
        raise Refused("databases.no_address", database=url.rpartition("@")[2])
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or options.pop("host", ""),
        "PORT": str(port),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Bound parameters are sent apart from the text, so that a statement is parsed once
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 3, **options},
    }


def refuse_forgetful(connection: Any) -> None:
    """Refuse a PostgreSQL that may forget what it acknowledged; SQLite is opened durable."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name in DURABLE_SETTINGS:
            cursor.execute("SELECT current_setting(%s)", [name])
            value = cursor.fetchone()[0]
            allowed = DURABLE_COMMITS if name == "synchronous_commit" else ("on",)
            if value not in allowed:
                raise Refused("databases.not_durable", setting=name, value=value)


def use_database(database: str) -> None:
    """Point Django, from now on and in every thread that connects later, at `database`.

    For tests and for commands that were given `--database` after Django was set up; threads
    that are connected already keep their connection.
    """
    from django.conf import settings
    from django.db import connections

    connections.close_all()
    settings.DATABASES = {"default": database_settings(database)}
    connections.settings = connections.configure_settings(settings.DATABASES)
    with contextlib.suppress(AttributeError):  # this thread has not asked for it yet
        del connections["default"]
