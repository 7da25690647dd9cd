"""The channels of each organisation, opened from its accounts and kept open until one is edited.

An account that cannot be opened (a key that is not one) is not offered and says so in the log;
the others go on.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final
from uuid import UUID

from domain.clock import Clock
from server.channels.channel import Account, Provider, Tools
from server.channels.models import ChannelAccount, Environment
from server.channels.open_channels import Opened
from server.channels.sealing import unsealed
from server.runtime import Secrets

LOOK_EVERY: Final = timedelta(seconds=1)
"""How old what is known of an organisation's accounts may be."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SandboxAccount:
    """The sample merchant's account at a provider's sandbox; its secrets are play money's."""

    host: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]


@dataclass(slots=True)
class _Known:
    at: datetime
    opened: Mapping[str, Opened]


@dataclass(slots=True)
class OpenAccounts:
    """A `Source`. `sandbox` gives a provider's sample account, `notices` our notice address."""

    providers: Mapping[str, Provider]
    secrets: Secrets = field(repr=False)
    tools: Tools
    clock: Clock
    sandbox: Callable[[str], SandboxAccount | None]
    notices: str
    _lock: Lock = field(default_factory=Lock)
    _known: dict[UUID, _Known] = field(default_factory=dict)
    _open: dict[tuple[UUID, int], Opened] = field(default_factory=dict)
    _told: set[tuple[UUID, int]] = field(default_factory=set)

    def __call__(self, organisation_id: UUID, /, *, is_current: bool) -> Mapping[str, Opened]:
        """Return the organisation's channels by name; looks at the database once a second at most,
        and only when it has to be current or nothing is known yet.
        """
        now = self.clock.now()
        with self._lock:
            known = self._known.get(organisation_id)
            is_old = known is None or not timedelta() <= now - known.at < LOOK_EVERY
            if known is None or (is_current and is_old):
                known = _Known(now, self._read(organisation_id))
                self._known[organisation_id] = known
            return known.opened

    def place_of(self, account_id: UUID) -> tuple[UUID, str] | None:
        """Return the organisation and the name of one account."""
        return (
            ChannelAccount.objects.filter(id=account_id)
            .values_list("organisation_id", "name")
            .first()
        )

    def _read(self, organisation_id: UUID) -> dict[str, Opened]:
        found = {}
        for row in ChannelAccount.objects.filter(organisation_id=organisation_id):
            key = (row.id, row.version)
            opened = self._open.get(key)
            if opened is None:
                # Tried again at every look: a sandbox may only have been late
                opened = self._opened(row, is_told=key in self._told)
                self._told.add(key)
            if opened is not None:
                found[row.name] = self._open[key] = opened
        return found

    def _opened(self, row: ChannelAccount, *, is_told: bool) -> Opened | None:
        level = logging.DEBUG if is_told else logging.ERROR
        provider = self.providers.get(row.provider)
        if provider is None:
            log.log(level, "channel %s: there is no provider %s", row.name, row.provider)
            return None
        try:
            channel = provider.open(account_of(self, row, provider), self.tools)
        except ValueError as wrong:
            log.log(level, "channel %s cannot be opened: %s", row.name, wrong)
            return None
        kinds = provider.code_kinds | {way.value for way in provider.ways}
        return Opened(channel, frozenset(kinds), row.is_enabled)


def account_of(opening: OpenAccounts, row: ChannelAccount, provider: Provider) -> Account:
    """Return the account as its provider is told it; raises `ValueError` for a damaged secret."""
    settings: Mapping[str, Any] = row.settings
    secrets: Mapping[str, str] = unsealed(row, opening.secrets)
    usual = provider.production_host
    if row.environment == Environment.SANDBOX and provider.settings:
        sample = opening.sandbox(row.provider)
        usual = sample.host if sample is not None else ""
        if sample is not None and not row.host:
            settings, secrets = {**sample.settings, **settings}, {**sample.secrets, **secrets}
    return Account(
        id=row.id,
        organisation_id=row.organisation_id,
        name=row.name,
        provider=row.provider,
        host=row.host or usual,
        notice_url=f"{opening.notices}{row.id}",
        settings={name: str(value) for name, value in settings.items()},
        secrets=secrets,
    )
