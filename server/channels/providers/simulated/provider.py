"""The simulated provider as a kind of channel: needs no settings, takes every payer's code."""

from collections.abc import Sequence
from pathlib import Path

from domain.payment_codes import CodeKind
from server.channels.channel import Account, Channel, Setting, Tools, Way
from server.channels.providers.simulated.channel import SimulatedChannel


class SimulatedProvider:
    """Keeps what its channels charged in one file beside the server's secrets."""

    kind = "simulated"
    settings: Sequence[Setting] = ()
    ways = frozenset({Way.SCAN})
    code_kinds = frozenset(kind.value for kind in CodeKind if kind is not CodeKind.WALLET)
    production_host = ""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, account: Account, tools: Tools) -> Channel:
        """Make the channel of one account."""
        return SimulatedChannel(self._path, name=account.name)
