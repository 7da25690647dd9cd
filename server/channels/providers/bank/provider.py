"""The operating bank as a kind of channel: what an account has to be told, and how it is opened."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from domain.payment_codes import CodeKind
from server.channels.channel import Account, Channel, FieldKind, Setting, Tools, Way
from server.channels.providers.bank import signing
from server.channels.providers.bank.channel import BankChannel
from server.channels.providers.bank.wire import Parties

T = TypeVar("T")
_PARTY: Final = re.compile(r"[0-9A-Za-z_-]{1,25}")


class BankProvider:
    """Opens accounts over the bank direct link. Each bank has its own host."""

    kind = "bank"
    settings: Sequence[Setting] = (
        Setting("merchant"),
        Setting("bank"),
        Setting("bank_key", FieldKind.PUBLIC_KEY),
        Setting("private_key", FieldKind.PRIVATE_KEY, is_secret=True),
        Setting("display_name", is_required=False),
        Setting("display_city", is_required=False),
    )
    ways = frozenset({Way.SCAN, Way.PAGE, Way.APP})
    code_kinds = frozenset({CodeKind.BANK.value})
    production_host = ""

    def open(self, account: Account, tools: Tools) -> Channel:
        """Make the channel of one account; raises `ValueError` naming a setting that is no good."""
        for name in ("merchant", "bank"):
            if _PARTY.fullmatch(account.settings.get(name, "")) is None:
                raise ValueError(f"{name}: letters and digits are wanted")
        parties = Parties(
            account.settings["merchant"],
            account.settings["bank"],
            _read("private_key", account.secrets, signing.private_key),
            _read("bank_key", account.settings, signing.public_key),
        )
        return BankChannel(account, tools, parties)


def _read(name: str, texts: Mapping[str, str], read: Callable[[str], T]) -> T:
    try:
        return read(texts.get(name, ""))
    except ValueError as wrong:
        raise ValueError(f"{name}: {wrong}") from wrong


PROVIDER = BankProvider()
