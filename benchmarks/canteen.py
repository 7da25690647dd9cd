"""A canteen large enough to be measured: terminals with keys, people with money."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from server.config.boot import boot, prepare_database

CASH_AMOUNT = 10_000_000
"""Nobody runs out: what is measured is approvals."""
TOP_UPS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Till:
    """A terminal as its device knows itself; `seed` is its private key."""

    terminal_id: UUID
    organisation_id: UUID
    merchant_id: UUID
    store_id: UUID
    key_id: str
    seed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Canteen:
    """What load is made from."""

    database: str
    secrets: Path
    tills: tuple[Till, ...]
    people: tuple[UUID, ...]


def make_canteen(database: str, secrets: Path, tills: int, people: int) -> Canteen:
    """Migrate `database` and fill it through the use-cases. For `apart`."""
    boot(database)
    prepare_database()
    from tests.factories.payments import POLICY, write_policy
    from tests.factories.server_rows import SECRETS, Rows

    rows = Rows(now=datetime.now(UTC))
    secrets.write_text(SECRETS.root.hex() + "\n")
    # A long outage: what one terminal sells in it must not end up as cases over the cap
    write_policy(rows, replace(POLICY, terminal_count=10**6, terminal_amount=10**9))
    devices = [rows.activated(rows.new_terminal(f"{n + 1} 号窗口")) for n in range(tills)]
    crowd = [rows.new_person(f"S{n:05d}", f"同学{n:05d}").id for n in range(people)]
    _fill(rows.organisation.id, crowd, rows)
    return Canteen(
        database,
        secrets,
        tuple(
            Till(
                device.terminal.id, rows.organisation.id, rows.merchant.id, rows.store.id,
                device.key.key_id, device.key.seed,
            )
            for device in devices
        ),
        tuple(crowd),
    )  # fmt: skip


def _fill(organisation_id: UUID, people: list[UUID], rows: object) -> None:
    from django.db import connection, transaction

    from server.ledger.apply import apply
    from server.wallets.open_wallets import open_wallets
    from server.wallets.top_up import top_up
    from tests.factories.server_rows import Rows

    assert isinstance(rows, Rows)
    open_wallets(organisation_id, people, at=rows.now)
    for first in range(0, len(people), TOP_UPS_AT_ONCE):
        commands = [
            top_up(
                rows.id(), organisation_id, person, CASH_AMOUNT, source="opening", at=rows.now,
                business_on=rows.now.date(),
            )
            for person in people[first : first + TOP_UPS_AT_ONCE]
        ]  # fmt: skip
        with transaction.atomic():
            apply(connection, commands)


@dataclass(frozen=True, slots=True)
class Books:
    """What the books say after a run."""

    payments: int
    amount: int
    findings: tuple[str, ...]


def read_books(database: str) -> Books:
    """Count the payments that took money and audit everything. For `apart`."""
    boot(database)
    from django.db.models import Count, Sum

    from server.audit.run_audit import run_audit
    from server.payments.models import Payment

    taken = Payment.objects.filter(state="succeeded").aggregate(
        count=Count("id"), amount=Sum("total_amount")
    )
    report = run_audit(datetime.now(UTC))
    return Books(taken["count"], taken["amount"] or 0, tuple(map(repr, report.findings[:5])))
