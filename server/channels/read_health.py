"""How a channel did of late, by the exchanges on file: for people, not for routing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Avg, Count, Max, Q, QuerySet

from server.channels.models import ChannelExchange

SPAN: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Health:
    """The exchanges of one channel within `SPAN`, and its alerts that nobody has seen."""

    count: int
    clear_count: int
    mean_ms: int | None
    longest_ms: int | None
    last_clear_at: datetime | None
    """Ever; so are the last unclear one and the alerts."""
    last_unclear_at: datetime | None
    alerts: int

    @property
    def clear_percent(self) -> int | None:
        """The share of clear answers, rounded down: 100 means all; None without any exchange."""
        return 100 * self.clear_count // self.count if self.count else None


def read_health(organisation_id: UUID, channel: str, now: datetime) -> Health:
    """Read how one channel did in the hour before `now`."""
    mine = ChannelExchange.objects.filter(organisation=organisation_id, channel=channel)
    of_late = mine.filter(at__gt=now - SPAN).aggregate(
        count=Count("id"), clear=Count("id", filter=Q(is_unclear=False)),
        mean=Avg("took_ms"), longest=Max("took_ms"),
    )  # fmt: skip
    mean = of_late["mean"]
    return Health(
        count=of_late["count"],
        clear_count=of_late["clear"],
        mean_ms=None if mean is None else round(mean),
        longest_ms=of_late["longest"],
        last_clear_at=_last(mine.filter(is_unclear=False)),
        last_unclear_at=_last(mine.filter(is_unclear=True)),
        alerts=open_alerts(organisation_id, channel).count(),
    )


def open_alerts(organisation_id: UUID, channel: str) -> "QuerySet[ChannelExchange]":
    """Answers that no documentation knows, or that were not authentic, and nobody has seen."""
    return ChannelExchange.objects.filter(
        organisation=organisation_id, channel=channel, is_alert=True, seen_at=None
    )


def _last(rows: "QuerySet[ChannelExchange]") -> datetime | None:
    return rows.order_by("-at").values_list("at", flat=True).first()
