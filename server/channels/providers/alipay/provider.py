"""Alipay as a kind of channel: by key or by certificate, for a merchant of its own."""

from collections.abc import Sequence
from typing import Final

from domain.payment_codes import CodeKind
from server.channels.channel import Account, Channel, FieldKind, Setting, Tools, Way
from server.channels.providers.alipay.channel import AlipayChannel
from server.channels.providers.alipay.keys import keys_of


class AlipayProvider:
    """Key mode needs `alipay_public_key`; certificate mode the three certificates instead."""

    kind = "alipay"
    settings: Sequence[Setting] = (
        Setting("app_id"),
        Setting("seller_id"),
        Setting("private_key", FieldKind.PRIVATE_KEY, is_secret=True),
        Setting("alipay_public_key", FieldKind.PUBLIC_KEY, is_required=False),
        Setting("app_certificate", FieldKind.CERTIFICATE, is_required=False),
        Setting("alipay_certificate", FieldKind.CERTIFICATE, is_required=False),
        Setting("root_certificate", FieldKind.CERTIFICATE, is_required=False),
        Setting("app_auth_token", is_secret=True, is_required=False),
    )
    ways = frozenset({Way.SCAN, Way.PAGE, Way.APP})
    code_kinds = frozenset({CodeKind.ALIPAY.value})
    production_host = "https://openapi.alipay.com"

    def open(self, account: Account, tools: Tools) -> Channel:
        """Make the channel of one account; raises `ValueError` naming a setting that is wrong."""
        for name in ("app_id", "seller_id"):
            if not account.settings.get(name, "").strip():
                raise ValueError(f"{name}: missing")
        return AlipayChannel(account, tools, keys_of(account))


PROVIDER: Final = AlipayProvider()
