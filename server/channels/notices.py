"""Notices as they came: kept once each, counted when they come again, forged ones within limits."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from domain.ids import new_id
from server.channels.channel import Forged, Notice
from server.channels.models import ChannelNotice

BODY_LIMIT: Final = 64 * 1024
FORGED_AT_MOST: Final = 200
"""Of one channel: enough to see what happens, too few to fill a disk."""
KEPT_HEADERS: Final = 20


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
        if not is_authentic and mine.filter(is_authentic=False).count() >= FORGED_AT_MOST:
            return None
        row = ChannelNotice(
            id=new_id(int(now.timestamp() * 1000), random),
            organisation=organisation_id,
            channel=channel,
            key=key[:64],
            number=(said.refund_number or said.number)[:64] if isinstance(said, Notice) else "",
            headers=_kept(headers),
            body=body[:BODY_LIMIT],
            is_authentic=is_authentic,
            why=said.why[:200] if isinstance(said, Forged) else "",
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


def mark_taken(notice_id: UUID, now: datetime) -> None:
    """Its word has been committed."""
    ChannelNotice.objects.filter(id=notice_id, taken_at=None).update(taken_at=now)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that verify a notice; nothing that could log somebody in."""
    wanted = sorted(name for name in headers if name not in ("cookie", "authorization"))
    return {name: headers[name][:2048] for name in wanted[:KEPT_HEADERS]}
