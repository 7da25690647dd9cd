"""The triggers that make transfers, postings and increments unchangeable, on both engines."""

from typing import Any

IMMUTABLE = ("ledger_transfer", "ledger_posting", "ledger_increment")
"""Tables of facts: rows are added and never changed."""

_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the books are append-only: % on % refused', TG_OP, TG_TABLE_NAME;
END $$
"""


def create_triggers(connection: Any) -> None:
    """Create the triggers of every immutable table; they must not be there yet."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
        for table in IMMUTABLE:
            for statement in _statements(connection.vendor, table):
                cursor.execute(statement)


def missing_triggers(connection: Any) -> list[str]:
    """Return the names of triggers that are absent or switched off."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
                " WHERE t.tgenabled IN ('O', 'A') AND p.proname = 'ledger_refuse_change'"
                " AND p.prosrc LIKE '%%RAISE EXCEPTION%%'"
            )
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                " AND sql LIKE '%%RAISE(ABORT%%' AND sql NOT LIKE '%%WHEN%%'"
            )
        present = {name for (name,) in cursor.fetchall()}
    return [name for table in IMMUTABLE for name in _names(connection.vendor, table)
            if name not in present]  # fmt: skip


def _names(vendor: str, table: str) -> tuple[str, ...]:
    events = ("update", "delete", "truncate") if vendor == "postgresql" else ("update", "delete")
    return tuple(f"{table}_refuse_{event}" for event in events)


def _statements(vendor: str, table: str) -> list[str]:
    statements = []
    for name in _names(vendor, table):
        event = name.rsplit("_", 1)[1].upper()
        if vendor == "postgresql":
            # Per statement and not per row: one that matches no row is refused as well
            statements.append(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
            )
        else:
            statements.append(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, 'the books are append-only: {event} refused'); END"
            )
    return statements
