"""The daily proof: what everybody's wallets hold is what the deposit account, the drawers and the
ways between hold, to the fen.

Source: all postings booked until the end of a day. In a double entry both sides are equal by
construction as long as nothing is missing, which is what `is_proven` says; the table shows where
the money stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.messages import Language
from server.reports.ask import ask
from server.reports.tables import Column, Kind, Table
from server.reports.words import word

COLUMNS = (
    Column("side", "方向", "Side"),
    Column("owner", "户主类型", "Owner"),
    Column("account", "账户", "Account"),
    Column("owed_amount", "应付（我方欠）", "Owed", Kind.AMOUNT, is_summed=True),
    Column("held_amount", "持有（欠我方）", "Held", Kind.AMOUNT, is_summed=True),
)
BALANCES = """
SELECT a.owner_kind, a.kind, sum(p.amount) FROM ledger_account a
JOIN ledger_posting p ON p.account = a.id JOIN ledger_transfer t ON t.id = p.transfer
WHERE a.organisation = %s AND a.unit = 'CNY' AND t.booked_on <= %s
GROUP BY a.owner_kind, a.kind ORDER BY a.owner_kind, a.kind
"""
WALLETS = frozenset({("person", "cash"), ("grant_share", "subsidy")})


@dataclass(frozen=True, slots=True)
class Proof:
    """How the books stood at the end of a day: amounts in fen by (owner, account).

    `balances` are the books' own: owed positive, held negative.
    """

    on: date
    balances: Mapping[tuple[str, str], int]

    @property
    def wallets_amount(self) -> int:
        """What people own in their wallets, subsidies included."""
        return sum(self.balances.get(account, 0) for account in WALLETS)

    @property
    def held_amount(self) -> int:
        """What the bank, the drawers, channels and debtors hold of it, less what else is owed."""
        return -sum(amount for account, amount in self.balances.items() if account not in WALLETS)

    @property
    def is_proven(self) -> bool:
        """Tell whether the wallets are covered to the fen."""
        return self.wallets_amount == self.held_amount


def prove_day(organisation_id: UUID, on: date) -> Proof:
    """Return how the books stood when the last posting booked on `on` was in."""
    found = ask(BALANCES, organisation_id, on)
    return Proof(on, {(owner, kind): int(amount) for owner, kind, amount in found})


def daily_proof(organisation_id: UUID, on: date, language: Language) -> Table:
    """Return the proof as a table: what is owed, what is held; the two columns add up alike."""
    proof = prove_day(organisation_id, on)
    owed, held = ("应付", "持有") if language == "zh" else ("Owed", "Held")
    rows = [
        (owed if amount > 0 else held, word(f"owner.{owner}", language),
         word(f"account.{kind}", language), amount if amount > 0 else None,
         -amount if amount < 0 else None)
        for (owner, kind), amount in sorted(proof.balances.items(), key=lambda one: -one[1])
        if amount
    ]  # fmt: skip
    return Table("daily_proof", COLUMNS, rows)
