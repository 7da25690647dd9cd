"""Put a new version of the offline policy into force."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Max

from domain.ids import RandomBytes
from domain.offline_policy import OfflinePolicy
from server.feed.effects import mark
from server.fleet.models import PolicyVersion
from server.fresh import fresh_id
from sync.messages import FeedKind

ENTITY = "offline"
"""An organisation has one policy at a time: one feed row, replaced by each version."""


def change_policy(
    organisation_id: UUID,
    policy: OfflinePolicy,
    *,
    now: datetime,
    random: RandomBytes,
    changed_by: str = "",
) -> OfflinePolicy:
    """Store `policy` under the next version and send it to every counter; returns it so numbered.

    Older versions stay: a counter that has not heard yet is judged by the one it holds.
    """
    with transaction.atomic():
        newest = PolicyVersion.objects.filter(organisation_id=organisation_id).aggregate(
            last=Max("version")
        )
        numbered = replace(policy, version=(newest["last"] or 0) + 1)
        PolicyVersion.objects.create(
            id=fresh_id(now, random),
            organisation_id=organisation_id,
            version=numbered.version,
            body=msgspec.to_builtins(numbered, str_keys=True),
            created_at=now,
            created_by=changed_by,
        )
        mark(organisation_id, f"organisation:{organisation_id}", FeedKind.POLICY, ENTITY)
    return numbered
