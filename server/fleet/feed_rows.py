"""What the feed says of fleet's rows: the offline policy and the issuer keys."""

from collections.abc import Sequence

import msgspec

from server.fleet.models import IssuerKey
from server.fleet.read_policies import newest_policy
from server.http import TerminalIdentity
from sync.messages import IssuerKeyRow, PolicyRow, encode


def render_policies(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
    """Return the policy in force, for the one entity there is."""
    policy = newest_policy(terminal.organisation_id)
    if policy is None:
        return {}
    row = PolicyRow(version=policy.version, body=msgspec.json.encode(policy))
    return {entity: encode(row) for entity in entities}


def render_issuer_keys(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
    """Return issuer keys by key id; a retired one stays, so that counters know it is retired."""
    rows = IssuerKey.objects.filter(organisation_id=terminal.organisation_id, key_id__in=entities)
    return {
        row.key_id: encode(
            IssuerKeyRow(
                key_id=row.key_id,
                public_key=bytes(row.public_key),
                retired=row.retired_at is not None,
            )
        )
        for row in rows
    }
