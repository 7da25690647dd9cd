"""Each channel of a server tested from beside it, for `fanpiao doctor`: nothing is written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import httpx

from domain.errors import Refused
from server.channels.channel import Finding
from server.channels.exchanges import Listener
from server.channels.models import ChannelAccount
from server.channels.open_accounts import OpenAccounts, account_of
from server.config.clock import SystemClock
from server.config.database import chosen_database, secrets_path
from server.config.sandboxes import told_account
from server.config.secrets import load_secrets
from server.config.wiring import providers


@dataclass(frozen=True, slots=True)
class Checked:
    """One account of an organisation: why it cannot be opened, or what its self-test found."""

    organisation: str
    channel: str
    is_enabled: bool
    error: str = ""
    findings: tuple[Finding, ...] = ()


def check_channels(now: datetime, random: Callable[[int], bytes]) -> Iterator[Checked]:
    """Test the channels that are switched on, one after the other. Asks their providers.

    Raises `Refused("databases.missing")` when the server's secrets are not beside the database.
    """
    path = secrets_path(chosen_database())
    if not path.exists():
        # Read, never made: without the server's own no key of a channel can be unsealed
        raise Refused("databases.missing", path=str(path))
    listener = Listener(httpx.Client(trust_env=False), random)
    sandbox = partial(told_account, path.with_name("sandbox"))
    accounts = OpenAccounts(
        providers(), load_secrets(path), listener, SystemClock(), sandbox, notices=""
    )
    try:
        rows = ChannelAccount.objects.select_related("organisation")
        for row in rows.order_by("organisation__name", "name"):
            yield _checked(accounts, row, now)
    finally:
        listener.close()


def _checked(accounts: OpenAccounts, row: ChannelAccount, now: datetime) -> Checked:
    of = (row.organisation.name, row.name, row.is_enabled)
    provider = accounts.providers.get(row.provider)
    if not row.is_enabled:
        return Checked(*of)
    if provider is None:
        return Checked(*of, error=f"{row.provider}: no such provider")
    try:
        channel = provider.open(account_of(accounts, row, provider), accounts.tools)
    except ValueError as wrong:
        return Checked(*of, error=str(wrong)[:200])
    return Checked(*of, findings=tuple(channel.self_test(now)))
