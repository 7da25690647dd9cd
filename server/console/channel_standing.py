"""How a channel does, put together for people: its breaker, its last hour, what to look at."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q

from server.channels.breaker import BreakerState
from server.channels.models import ChannelAccount, ChannelNotice, Verdict
from server.channels.read_health import SPAN, open_alerts, read_health
from server.console.channel_desk import desk
from server.console.words import PROVIDERS
from server.organisations.pages import now
from server.payments.models import LIVE_ATTEMPTS, Attempt

UNWELL_PERCENT = 90
"""Fewer clear answers than this in the last hour are worth a look."""
FORGED_PER_HOUR_MAX = 10
"""One forged notice is the weather; this many of late are somebody."""


def standing(row: ChannelAccount) -> dict[str, Any]:
    """Return how an account does; `is_unwell`: somebody should look at it."""
    at, found = now(), desk()
    health = read_health(row.organisation_id, row.name, at)
    breaker = None if found is None else found.channels.standing(row.organisation_id, row.name, at)
    error = found.setting_error(row) if found is not None else ""
    told = _notices(row.organisation_id, row.name)
    is_open = breaker is not None and breaker.state is not BreakerState.CLOSED
    percent = health.clear_percent
    return {
        "row": row, "provider": PROVIDERS.get(row.provider, row.provider), "error": error,
        "health": health, "breaker": breaker, "is_open": is_open, "notices": told,
        "payments": _payments(row.organisation_id, row.name),
        "is_unwell": bool(
            error or is_open or health.alerts or told["untaken"] or told["wrong"]
            or told["forged_of_late"] >= FORGED_PER_HOUR_MAX
            or (percent is not None and percent < UNWELL_PERCENT)
        ),
    }  # fmt: skip


def channels_to_look_at(organisation_id: UUID) -> list[dict[str, Any]]:
    """Return the channels of an organisation that take payments badly or have alerts."""
    rows = ChannelAccount.objects.filter(organisation_id=organisation_id, is_enabled=True)
    standings = [standing(row) for row in rows.order_by("name")]
    return [one for one in standings if one["is_unwell"]]


def alerts_of(row: ChannelAccount, limit: int = 20) -> list[Any]:
    """Return the alerts that nobody has seen, the newest first."""
    return list(open_alerts(row.organisation_id, row.name).order_by("-at", "-id")[:limit])


def _notices(organisation_id: UUID, name: str) -> dict[str, Any]:
    late = now() - timedelta(minutes=5)
    mine = ChannelNotice.objects.filter(organisation=organisation_id, channel=name)
    return mine.aggregate(
        taken=Count("id", filter=Q(verdict=Verdict.TAKEN)),
        forged=Count("id", filter=Q(verdict__in=(Verdict.FORGED, Verdict.REPLAYED))),
        forged_of_late=Count("id", filter=Q(verdict=Verdict.FORGED, last_at__gt=now() - SPAN)),
        untaken=Count("id", filter=Q(verdict=Verdict.WAITING, last_at__lt=late)),
        wrong=Count("id", filter=Q(verdict=Verdict.WRONG_AMOUNT, last_at__gt=now() - SPAN)),
        last_at=Max("last_at"),
    )


def _payments(organisation_id: UUID, name: str) -> dict[str, int]:
    """How the payments of the last hour stand."""
    mine = Attempt.objects.filter(
        organisation=organisation_id, channel=name, submitted_at__gt=now() - SPAN
    )
    return mine.aggregate(
        count=Count("id"),
        paid=Count("id", filter=Q(state="succeeded")),
        declined=Count("id", filter=Q(state="declined")),
        live=Count("id", filter=Q(state__in=LIVE_ATTEMPTS)),
    )
