"""Prove the books: every rule on one read snapshot, none of them writing (MONEY §7).

A rule is a module `server/audit/rules/rNN_<name>.py` with

    def check(connection) -> Iterator[Finding]

or `check(connection, now)` when it needs the time. It runs inside one REPEATABLE READ READ ONLY
transaction (PostgreSQL) or one deferred transaction (SQLite), so that all rules see one instant
and the server goes on meanwhile. A rule whose check raises has not been proven: that is a
finding too.
"""

import contextlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from types import ModuleType
from typing import Any

from django.db import connection

from server.audit import rules as rules_package
from server.audit.findings import Finding

MAX_FINDINGS = 100
"""Of one rule: who has more has one cause, and needs to see it rather than all of them."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What the audit saw. `checks` counts rules, `transfers` the transfers they were held to."""

    findings: tuple[Finding, ...]
    rules: tuple[str, ...]
    transfers: int

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def checks(self) -> int:
        """How many rules were checked."""
        return len(self.rules)

    @property
    def broken(self) -> tuple[str, ...]:
        """The rules that found something, each once."""
        return tuple(sorted({finding.rule for finding in self.findings}))


def rules() -> tuple[ModuleType, ...]:
    """All rules, by number."""
    names = sorted(module.name for module in pkgutil.iter_modules(rules_package.__path__))
    return tuple(importlib.import_module(f"{rules_package.__name__}.{name}") for name in names)


def run_audit(now: datetime, progress: Progress | None = None) -> Report:
    """Check every rule as of one instant; `progress` hears each rule's name before it runs."""
    findings: list[Finding] = []
    checked = rules()
    with snapshot():
        for rule in checked:
            if progress is not None:
                progress(name_of(rule))
            findings.extend(islice(_check(rule, now), MAX_FINDINGS))
        transfers = _count_transfers()
    return Report(tuple(findings), tuple(name_of(rule) for rule in checked), transfers)


def name_of(rule: ModuleType) -> str:
    """The rule's name: its file's."""
    return rule.__name__.rsplit(".", 1)[-1]


@contextlib.contextmanager
def snapshot() -> Iterator[None]:
    """Hold one read snapshot of the whole database; it blocks no writer."""
    connection.ensure_connection()
    assert not connection.in_atomic_block, "the audit takes its own snapshot"
    begin = (
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        if connection.vendor == "postgresql"
        else "BEGIN DEFERRED"  # not Django's IMMEDIATE, which would keep the writer out
    )
    with connection.cursor() as cursor:
        cursor.execute(begin)
        cursor.execute("SELECT 1 FROM ledger_account LIMIT 1")  # the instant is the first read's
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _check(rule: ModuleType, now: datetime) -> Iterator[Finding]:
    check: Callable[..., Iterator[Finding]] = rule.check
    arguments: tuple[Any, ...] = (connection,)
    if len(inspect.signature(check).parameters) > 1:
        arguments += (now,)
    try:
        yield from check(*arguments)
    except Exception as error:
        if connection.vendor == "postgresql":
            # The failed statement has ended the snapshot: a new one for the rules to come
            connection.cursor().execute("ROLLBACK AND CHAIN")
        yield Finding(name_of(rule), f"could not be checked: {type(error).__name__}: {error}")


def _count_transfers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_transfer")
        return int(cursor.fetchone()[0])
