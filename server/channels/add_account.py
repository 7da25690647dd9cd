"""Give an organisation an account at a provider."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from server.channels.models import ChannelAccount, Environment
from server.channels.sealing import seal
from server.runtime import Secrets

SIMULATED: Final = "simulated"
SANDBOXED: Final = ("wechat", "alipay", "unionpay", "bank")
"""What a new organisation starts with: every provider, at the server's own sandbox."""


def add_account(
    organisation_id: UUID,
    id: UUID,
    provider: str,
    *,
    now: datetime,
    name: str = "",
    environment: Environment = Environment.SANDBOX,
    settings: Mapping[str, str] | None = None,
) -> ChannelAccount:
    """Add one, under the provider's name unless told another; its secrets are sealed after."""
    return ChannelAccount.objects.create(
        id=id,
        organisation_id=organisation_id,
        name=name or provider,
        provider=provider,
        environment=environment,
        settings=dict(settings or {}),
        changed_at=now,
    )


def set_secrets(
    row: ChannelAccount,
    values: Mapping[str, str],
    *,
    secrets: Secrets,
    random: Callable[[int], bytes],
    now: datetime,
) -> None:
    """Seal `values` into the account and have it opened anew."""
    for name, value in values.items():
        seal(row, name, value, secrets, random)
    row.version += 1
    row.changed_at = now
    row.save(update_fields=["sealed", "version", "changed_at"])
