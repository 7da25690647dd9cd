"""Every report by its name: what it is called, what it asks for, and how it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.errors import Refused
from domain.messages import Language
from server.reports import settling, subsidies
from server.reports.channels import channels
from server.reports.daily_proof import daily_proof
from server.reports.journal_export import journal_export
from server.reports.ledger_extract import ledger_extract
from server.reports.scope import EVERYTHING, Scope
from server.reports.shifts import shifts
from server.reports.tables import Table
from server.reports.trade import trade


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know; `by` only counts for a report that groups."""

    organisation_id: UUID
    report: str
    since: date
    until: date
    by: tuple[str, ...] = ()
    language: Language = "zh"
    scope: Scope = EVERYTHING

    def as_data(self) -> dict[str, Any]:
        """Return the question as JSON can keep it."""
        return {
            "since": self.since.isoformat(), "until": self.until.isoformat(), "by": list(self.by),
            "language": self.language, "stores": _texts(self.scope.stores),
            "merchants": _texts(self.scope.merchants),
        }  # fmt: skip

    @classmethod
    def of(cls, organisation_id: UUID, report: str, data: Mapping[str, Any]) -> "Question":
        """Read what `as_data` kept."""
        return cls(
            organisation_id, report, date.fromisoformat(data["since"]),
            date.fromisoformat(data["until"]), tuple(data["by"]), data["language"],
            Scope(_ids(data["stores"]), _ids(data["merchants"])),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `is_whole` ones show all of an organisation and have no narrower scope."""

    zh: str
    en: str
    make: Callable[[Question], Table]
    groups: tuple[str, ...] = ()
    is_whole: bool = False
    is_long: bool = False
    measures: str = ""

    def title(self, language: Language) -> str:
        """Return its name in `language`."""
        return self.zh if language == "zh" else self.en


REPORTS: Mapping[str, Report] = {
    "trade": Report(
        "交易汇总", "Trade",
        lambda q: trade(q.organisation_id, q.since, q.until, q.by, q.language, q.scope),
        groups=("day",), measures="net_amount",
    ),
    "shifts": Report(
        "班次（X/Z 报表）", "Shifts (X and Z)",
        lambda q: shifts(q.organisation_id, q.since, q.until, q.language, q.scope),
    ),
    "channels": Report(
        "通道成功率与用时", "Channels: success and time",
        lambda q: channels(q.organisation_id, q.since, q.until, q.scope),
    ),
    "settlements": Report(
        "商户结算", "Settlements",
        lambda q: settling.settlements(q.organisation_id, q.since, q.until, q.language),
        is_whole=True, measures="paid",
    ),
    "fees": Report(
        "手续费", "Fees",
        lambda q: settling.fees(q.organisation_id, q.since, q.until),
        is_whole=True, measures="fee",
    ),
    "discounts": Report(
        "优惠承担", "Discounts by who bears them",
        lambda q: settling.discounts(q.organisation_id, q.since, q.until, q.language),
        is_whole=True, measures="amount",
    ),
    "subsidies": Report(
        "补贴资金监管表", "Subsidies: supervised funds",
        lambda q: subsidies.grants(q.organisation_id, q.until, q.language), is_whole=True,
    ),
    "subsidy_spending": Report(
        "补贴使用明细", "Subsidies: who, where, when",
        lambda q: subsidies.spending(q.organisation_id, q.since, q.until),
        is_whole=True, is_long=True,
    ),
    "daily_proof": Report(
        "日终平衡表", "Daily proof",
        lambda q: daily_proof(q.organisation_id, q.until, q.language), is_whole=True,
    ),
    "ledger": Report(
        "总账明细", "Ledger",
        lambda q: ledger_extract(q.organisation_id, q.since, q.until, q.language),
        is_whole=True, is_long=True,
    ),
    "journal": Report(
        "记账凭证", "Vouchers",
        lambda q: journal_export(q.organisation_id, q.since, q.until, q.language), is_whole=True,
    ),
}  # fmt: skip


def make(question: Question) -> Table:
    """Return the table that answers `question`.

    Raises `Refused("reports.unknown")` for a name that is none, ("reports.not_yours") where the
    scope is narrower than the report, and what the report itself refuses.
    """
    report = REPORTS.get(question.report)
    if report is None:
        raise Refused("reports.unknown", name=question.report)
    if report.is_whole and question.scope != EVERYTHING:
        raise Refused("reports.not_yours")
    return report.make(question)


def _texts(ids: frozenset[UUID] | None) -> list[str] | None:
    return None if ids is None else sorted(str(id) for id in ids)


def _ids(texts: list[str] | None) -> frozenset[UUID] | None:
    return None if texts is None else frozenset(UUID(text) for text in texts)
