"""The offline policies of an organisation: the newest, or the very version a terminal held."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import msgspec

from domain.offline_policy import OfflinePolicy
from server.fleet.models import PolicyVersion


def read_policies(
    organisation_id: UUID, versions: Collection[int] | None = None
) -> dict[int, OfflinePolicy]:
    """Return the named versions, or all of them; an unknown version is missing, never guessed."""
    rows = PolicyVersion.objects.filter(organisation_id=organisation_id)
    if versions is not None:
        rows = rows.filter(version__in=versions)
    return {row.version: policy_of(row.version, row.body) for row in rows}


def newest_policy(organisation_id: UUID) -> OfflinePolicy | None:
    """Return the policy in force, None when the organisation allows nothing offline."""
    rows = PolicyVersion.objects.filter(organisation_id=organisation_id)
    row = rows.order_by("-version").first()
    return None if row is None else policy_of(row.version, row.body)


def policy_of(version: int, body: object) -> OfflinePolicy:
    """Read a stored body; raises `msgspec.ValidationError` when it is not a policy."""
    policy = msgspec.convert(body, OfflinePolicy, str_keys=True, strict=False)
    return replace(policy, version=version)
