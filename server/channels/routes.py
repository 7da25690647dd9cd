"""Which channel takes a payer's code, behind a breaker that spares diners a dead one.

`server.config` names the providers; everybody else asks here by name or by code.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.errors import Refused
from server.channels.breaker import Breaker, guarded
from server.channels.channel import Channel

Route = Callable[[str], str | None]
"""`route(auth_code)` → the name of the channel that takes it, or None."""


class Channels:
    """The channels of this process, each behind its breaker."""

    def __init__(self, channels: Mapping[str, Channel], route: Route) -> None:
        self._breakers = {name: Breaker() for name in channels}
        self._channels = {
            name: guarded(channel, self._breakers[name]) for name, channel in channels.items()
        }
        self._route = route

    def named(self, name: str) -> Channel | None:
        """Return a channel by the name that attempts keep; None when it is not configured."""
        return self._channels.get(name)

    def for_code(self, auth_code: str, now: datetime) -> str:
        """Return the name of the channel that takes `auth_code`.

        Raises `Refused`: "channels.none" when no channel takes it, "channels.breaker_open" when
        that channel has been failing: it is refused before anything is sent or stored.
        """
        name = self._route(auth_code)
        if name is None or name not in self._channels:
            raise Refused("channels.none")
        if not self._breakers[name].admits(now):
            raise Refused("channels.breaker_open", channel=name)
        return name
