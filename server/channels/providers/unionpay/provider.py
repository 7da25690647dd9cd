"""UnionPay as a kind of channel: what an account has to be told, and how it is opened."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from domain.payment_codes import CodeKind
from server.channels.channel import Account, Channel, FieldKind, Setting, Tools, Way
from server.channels.providers.unionpay import signing
from server.channels.providers.unionpay.channel import UnionPayChannel

T = TypeVar("T")


class UnionPayProvider:
    """Opens merchants of the gateway (ACP 5.1.0, code payments)."""

    kind = "unionpay"
    settings: Sequence[Setting] = (
        Setting("merchant"),
        Setting("certificate", FieldKind.CERTIFICATE),
        Setting("root_certificate", FieldKind.CERTIFICATE),
        Setting("middle_certificate", FieldKind.CERTIFICATE),
        Setting("private_key", FieldKind.PRIVATE_KEY, is_secret=True),
        Setting("file_host", FieldKind.HOST, is_required=False),
        Setting("signer", is_required=False),
    )
    ways = frozenset({Way.SCAN, Way.APP})
    code_kinds = frozenset({CodeKind.UNIONPAY.value})
    production_host = "https://gateway.95516.com"

    def open(self, account: Account, tools: Tools) -> Channel:
        """Make the channel of one account; raises `ValueError` naming a setting that is no good."""
        if not account.settings.get("merchant", "").isalnum():
            raise ValueError("merchant: letters and digits are wanted")
        own = _read("certificate", account.settings, signing.certificate)
        trust = signing.Trust(
            _read("root_certificate", account.settings, signing.certificate),
            _read("middle_certificate", account.settings, signing.certificate),
            account.settings.get("signer") or signing.SIGNER,
        )
        key = _read("private_key", account.secrets, signing.private_key)
        return UnionPayChannel(account, tools, signing.Signer(key, str(own.serial_number)), trust)


def _read(name: str, texts: Mapping[str, str], read: Callable[[str], T]) -> T:
    try:
        return read(texts.get(name, ""))
    except ValueError as wrong:
        raise ValueError(f"{name}: {wrong}") from wrong


PROVIDER = UnionPayProvider()
