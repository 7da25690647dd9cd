"""Channels: how often an attempt succeeded, how long it took, and what each of them took.

Source: the attempts of the business days. The span of a success runs from its submission to its
definite answer, the payer's typing included, as the line in front of the counter feels it.
"""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from server import sql
from server.reports.ask import ask
from server.reports.scope import EVERYTHING, Scope
from server.reports.tables import Column, Kind, Row, Table
from server.reports.trade import check_span

COLUMNS = (
    Column("channel", "支付通道", "Channel"),
    Column("attempts", "尝试", "Attempts", Kind.COUNT, is_summed=True),
    Column("succeeded", "成功", "Succeeded", Kind.COUNT, is_summed=True),
    Column("declined", "拒绝", "Declined", Kind.COUNT, is_summed=True),
    Column("reversed", "撤销", "Reversed", Kind.COUNT, is_summed=True),
    Column("open", "未决", "Not definite", Kind.COUNT, is_summed=True),
    Column("rate", "成功率", "Success rate", Kind.RATE),
    Column("median_ms", "中位用时（毫秒）", "Median (ms)", Kind.SPAN),
    Column("p95_ms", "95% 用时（毫秒）", "95th percentile (ms)", Kind.SPAN),
    Column("amount", "成功金额", "Amount succeeded", Kind.AMOUNT, is_summed=True),
)
ATTEMPTS = """
SELECT t.channel, t.state, t.amount, t.submitted_at, t.changed_at, y.merchant, y.store
FROM payments_attempt t JOIN payments_payment y ON y.id = t.payment
WHERE t.organisation = %s AND y.business_on >= %s AND y.business_on <= %s
"""


@dataclass(slots=True)
class _Channel:
    states: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    spans_ms: list[int] = field(default_factory=list)
    amount: int = 0

    def add(self, state: str, amount: int, submitted_at: Any, changed_at: Any) -> None:
        self.states[state] += 1
        if state == "succeeded":
            self.amount += amount
            span = sql.to_instant(changed_at) - sql.to_instant(submitted_at)
            self.spans_ms.append(max(0, round(span.total_seconds() * 1_000)))


def channels(organisation_id: UUID, since: date, until: date, scope: Scope = EVERYTHING) -> Table:
    """Return one row per channel. Raises what `trade.check_span` raises."""
    check_span(since, until)
    found: defaultdict[str, _Channel] = defaultdict(_Channel)
    for channel, state, amount, submitted_at, changed_at, *seen in ask(
        ATTEMPTS, organisation_id, since, until
    ):
        if _is_seen(seen, scope):
            found[channel].add(state, amount, submitted_at, changed_at)
    return Table("channels", COLUMNS, [_row(name, found[name]) for name in sorted(found)])


def _row(name: str, channel: _Channel) -> Row:
    states = channel.states
    attempts, succeeded = sum(states.values()), states["succeeded"]
    declined, undone = states["declined"], states["reversed"]
    is_open = attempts - succeeded - declined - undone
    definite = attempts - is_open
    return (
        name, attempts, succeeded, declined, undone, is_open,
        succeeded / definite if definite else None, *_quantiles(channel.spans_ms), channel.amount,
    )  # fmt: skip


def _quantiles(spans_ms: Sequence[int]) -> tuple[int | None, int | None]:
    if not spans_ms:
        return None, None
    ordered = sorted(spans_ms)
    place = min(len(ordered) - 1, len(ordered) * 95 // 100)
    return round(statistics.median(ordered)), ordered[place]


def _is_seen(seen: Sequence[Any], scope: Scope) -> bool:
    merchant, store = (sql.to_uuid(one) for one in seen)
    return (scope.merchants is None or merchant in scope.merchants) and (
        scope.stores is None or store in scope.stores
    )
