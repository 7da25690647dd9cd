"""Clean PostgreSQL databases for one test after the other, without making one for each.

Making a copy of a template costs some 300 ms on a busy disk; emptying what the last test filled
costs a few. A database whose schema a test has changed is dropped, and the next one is new.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from tests.postgres import TemporaryPostgres

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
# Whatever a test might alter: columns, constraints, triggers (on or off), functions
_SCHEMA = """
SELECT md5(concat(
    (SELECT string_agg(concat(c.relname, a.attname, a.atttypid, a.attnotnull), ',' ORDER BY 1)
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0),
    (SELECT string_agg(concat(conrelid::regclass, conname), ',' ORDER BY 1) FROM pg_constraint),
    (SELECT string_agg(concat(tgrelid::regclass, tgname, tgenabled), ',' ORDER BY 1)
     FROM pg_trigger),
    (SELECT string_agg(concat(proname, prosrc), ',' ORDER BY 1) FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace)))
"""
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class CleanDatabases:
    """Hands out databases that hold what the migrated template holds, and nothing else."""

    server: TemporaryPostgres
    template: str
    _url: str = ""
    _schema: str = ""
    _kept: frozenset[str] = field(default_factory=frozenset)

    def take(self) -> str:
        """Return the URL of a clean database; the one taken before must no longer be used."""
        if self._url and not self._clean():
            self.server.drop_database(self._url)
            self._url = ""
        if not self._url:
            self._url = self.server.fresh_database(template=self.template)
            with psycopg.connect(self._url) as connection:
                self._schema = _one(connection, _SCHEMA)
                self._kept = frozenset(_filled(connection))
        return self._url

    def _clean(self) -> bool:
        """Empty what was filled; False when that is not enough."""
        with psycopg.connect(self._url) as connection:
            connection.execute(_OTHERS)
            if _one(connection, _SCHEMA) != self._schema:
                return False
            # No trigger and no foreign key has a say in this
            connection.execute("SET session_replication_role = replica")
            for table in _filled(connection):
                if table not in self._kept:
                    statement = sql.SQL("DELETE FROM {}").format(sql.Identifier(table))
                    connection.execute(statement)
        return True


def _one(connection: psycopg.Connection[tuple[str]], statement: str) -> str:
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def _filled(connection: psycopg.Connection[tuple[str]]) -> list[str]:
    """The tables that hold anything, by one query."""
    tables = [name for (name,) in connection.execute(_TABLES).fetchall()]
    asked = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})").format(
            sql.Literal(name), sql.Identifier(name)
        )
        for name in tables
    ]
    return [name for (name,) in connection.execute(sql.SQL(" UNION ALL ").join(asked)).fetchall()]
