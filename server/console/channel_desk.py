"""The process's channels as the console's pages reach them.

Pages are not handed a runtime, and the console may not know who wires: `server.config.wiring`
calls `register_channels` once, as apps do with `server.work.handlers`. A process that opens no
channels (a management command, a test of other pages) leaves it out; pages then say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import Refused
from server.channels.channel import Channel, Finding, Provider, Setting
from server.channels.exchanges import save
from server.channels.models import ChannelAccount
from server.channels.open_accounts import OpenAccounts, account_of
from server.channels.open_channels import Channels


@dataclass(frozen=True, slots=True)
class ChannelDesk:
    """How accounts are opened, and the channels that are open."""

    accounts: OpenAccounts
    channels: Channels

    def setting_error(self, row: ChannelAccount) -> str:
        """Return what keeps an account from being opened, or "" when nothing does."""
        provider = self.accounts.providers.get(row.provider)
        if provider is None:
            return f"{row.provider}: no such provider"
        try:
            provider.open(account_of(self.accounts, row, provider), self.accounts.tools)
        except ValueError as wrong:
            return str(wrong)[:200]
        return ""

    def open(self, row: ChannelAccount) -> Channel:
        """Open an account anew, with no memory of what was said to it before.

        Raises `Refused("channels.cannot_open")` for an account that cannot be opened.
        """
        provider = self.accounts.providers.get(row.provider)
        if provider is None:
            raise Refused("channels.cannot_open", why=row.provider)
        try:
            return provider.open(account_of(self.accounts, row, provider), self.accounts.tools)
        except ValueError as wrong:
            raise Refused("channels.cannot_open", why=str(wrong)[:200]) from wrong

    def test(self, row: ChannelAccount, now: datetime) -> Sequence[Finding]:
        """Run the provider's self-test; its exchanges are kept. Calls the provider."""
        with self.channels.listening() as heard:
            found = self.open(row).self_test(now)
        save(heard)
        return found


_held: list[ChannelDesk] = []


def register_channels(accounts: OpenAccounts, channels: Channels) -> None:
    """Hand over this process's channels; again replaces them (a restarted server's wiring)."""
    _held[:] = [ChannelDesk(accounts, channels)]


def forget_channels() -> None:
    """Let go of channels that are being closed."""
    _held.clear()


def desk() -> ChannelDesk | None:
    """Return what was registered; None in a process that opens no channels."""
    return _held[0] if _held else None


def working_desk() -> ChannelDesk:
    """Return what was registered, or refuse."""
    found = desk()
    if found is None:
        raise Refused("channels.not_here")
    return found


def provider_of(row: ChannelAccount) -> Provider | None:
    """Return an account's provider, if this process knows it."""
    found = desk()
    return None if found is None else found.accounts.providers.get(row.provider)


def settings_of(row: ChannelAccount) -> Sequence[Setting]:
    """Return what an account's provider has to be told."""
    provider = provider_of(row)
    return () if provider is None else provider.settings
