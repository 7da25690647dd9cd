"""One migrated database per engine and module; every test is an organisation of its own in it.

A fresh copy per test costs a second on PostgreSQL; payments of two organisations never meet, so
they may share one.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.audit.run_audit import run_audit
from tests.factories.payments import Till, tiny_channel
from tests.factories.server_rows import NOW, Rows

JUDGES = {
    "r01_transfers", "r02_balances", "r03_payments", "r04_legs", "r05_orders",
    "r06_holds_and_counters", "r07_suspense", "r08_receivables", "r09_subsidies_and_drawers",
    "r12_codes", "r14_organisations",
}  # fmt: skip
_seeds = itertools.count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[str]:
    """Django is connected to a database of this module, once per engine."""
    from django.db import connections

    from server.config.database import use_database

    url = _copy(request)
    with django_db_blocker.unblock():
        use_database(url)
        yield url
        report = run_audit(NOW)
        connections.close_all()
    broken = [finding for finding in report.findings if finding.rule in JUDGES]
    assert not broken, f"the tests of this module left the books unsound: {broken}"


def _copy(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresql_databases").take()
        return url
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("payments")
    shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "fanpiao.sqlite3")
    return str(folder / "fanpiao.sqlite3")


@pytest.fixture
def till(engine: str, tmp_path: Path) -> Till:
    """A till of an organisation of its own, with a channel of its own."""
    return Till(Rows(next(_seeds)), tiny_channel(tmp_path))
