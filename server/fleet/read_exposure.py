"""What a policy risks: the most one person could overspend offline at one site (MONEY §6)."""

from uuid import UUID

from django.db.models import Count

from domain.offline_policy import OfflinePolicy, exposure_amount
from server.fleet.models import Terminal, TerminalState


def read_exposure(organisation_id: UUID, policy: OfflinePolicy) -> int:
    """Return counters × the largest person cap, in fen, at the site with the most counters."""
    counters = (
        Terminal.objects.filter(organisation_id=organisation_id, state=TerminalState.ACTIVE)
        .values("store__site")
        .annotate(count=Count("id"))
    )
    most = max((row["count"] for row in counters), default=0)
    return exposure_amount(policy, most)
