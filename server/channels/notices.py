"""Notices as they came: kept once each, counted when they come again, forged ones within limits."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from domain.ids import new_id
from server.channels.channel import Forged, Notice
from server.channels.models import ChannelNotice, Verdict

BODY_LIMIT: Final = 64 * 1024
FORGED_AT_MOST: Final = 200
"""Of one channel: enough to see what happens, too few to fill a disk; the oldest make room."""
FORGED_PER_HOUR: Final = 60
"""New ones that are kept: a flood cannot wash away what came before it within the hour."""
KEPT_HEADERS: Final = 40
UNTRUE: Final = (Verdict.FORGED, Verdict.REPLAYED)


def keep_notice(
    organisation_id: UUID,
    channel: str,
    said: Notice | Forged,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: datetime,
    random: Callable[[int], bytes],
) -> UUID | None:
    """Keep a notice; None when it is one forged notice too many."""
    is_authentic = isinstance(said, Notice)
    key = said.id if isinstance(said, Notice) and said.id else hashlib.sha256(body).hexdigest()
    mine = ChannelNotice.objects.filter(organisation=organisation_id, channel=channel)
    same = mine.filter(is_authentic=is_authentic, key=key[:64])
    if not same.exists():
        if not is_authentic and not _has_room(organisation_id, channel, now):
            return None
        row = ChannelNotice(
            id=new_id(int(now.timestamp() * 1000), random),
            organisation=organisation_id,
            channel=channel,
            key=key[:64],
            number=number_of(said),
            headers=_kept(headers),
            body=body[:BODY_LIMIT],
            is_authentic=is_authentic,
            why=said.why[:200] if isinstance(said, Forged) else "",
            verdict=first_verdict(said),
            first_at=now,
            last_at=now,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
            return row.id
        except IntegrityError:
            pass  # the same came twice at once: the other one has stored it
    same.update(times=F("times") + 1, last_at=now)
    return same.values_list("id", flat=True).first()


def mark_taken(notice_id: UUID, now: datetime, verdict: Verdict = Verdict.TAKEN) -> None:
    """Say what became of a notice; the provider may be told that it was taken."""
    row = ChannelNotice.objects.filter(id=notice_id)
    row.filter(taken_at=None).update(taken_at=now)
    row.update(verdict=verdict)


def first_verdict(said: Notice | Forged) -> Verdict:
    """What is known of a notice before it is booked."""
    if isinstance(said, Notice):
        return Verdict.WAITING
    return Verdict.REPLAYED if said.is_replay else Verdict.FORGED


def number_of(said: Notice | Forged) -> str:
    """The number that a notice is about; a forged one is about nothing."""
    return (said.refund_number or said.number)[:64] if isinstance(said, Notice) else ""


def _has_room(organisation_id: UUID, channel: str, now: datetime) -> bool:
    """Whether one more that is not authentic is kept; the oldest of too many goes."""
    forged = ChannelNotice.objects.filter(
        organisation=organisation_id, channel=channel, is_authentic=False
    )
    if forged.filter(first_at__gt=now - timedelta(hours=1)).count() >= FORGED_PER_HOUR:
        return False
    too_old = forged.order_by("-first_at", "-id").values_list("id", flat=True)[FORGED_AT_MOST - 1 :]
    ChannelNotice.objects.filter(organisation=organisation_id, id__in=list(too_old)).delete()
    return True


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that verify a notice; nothing that could log somebody in."""
    wanted = sorted(name for name in headers if name not in ("cookie", "authorization"))
    return {name: headers[name][:2048] for name in wanted[:KEPT_HEADERS]}
