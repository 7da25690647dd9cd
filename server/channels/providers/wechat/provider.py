"""WeChat Pay as a kind of channel: what an account has to be told, and how it is opened.

Certificate mode and public-key mode are not a switch: an account with a public key asks for answers
signed with it, and still takes platform certificates, so that it may be given one at any time.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import httpx

from domain.payment_codes import CodeKind
from server.channels.channel import Account, Channel, FieldKind, Provider, Setting, Tools, Way
from server.channels.providers.wechat import signing
from server.channels.providers.wechat.channel import Opened, WechatChannel
from server.channels.providers.wechat.orders import Parties
from server.channels.providers.wechat.payers import Payers
from server.channels.providers.wechat.platform_keys import PUBLIC_KEY_PREFIX, PlatformKeys
from server.channels.providers.wechat.self_test import Identity
from server.channels.providers.wechat.wire import PRODUCTION, Wire

Read = TypeVar("Read")

SETTINGS: Final = (
    Setting("mchid"),
    Setting("appid"),
    Setting("certificate", FieldKind.CERTIFICATE),
    Setting("private_key", FieldKind.PRIVATE_KEY, is_secret=True),
    Setting("api_v3_key", is_secret=True),
    Setting("public_key_id", is_required=False),
    Setting("public_key", FieldKind.PUBLIC_KEY, is_required=False),
    Setting("sub_mchid", is_required=False),
    Setting("sub_appid", is_required=False),
    Setting("app_secret", is_secret=True, is_required=False),
)


class WechatProvider:
    """WeChat Pay, version 3 of its API."""

    kind = "wechat"
    settings = SETTINGS
    ways = frozenset(Way)
    code_kinds = frozenset({CodeKind.WECHAT.value})
    production_host = PRODUCTION

    def open(self, account: Account, tools: Tools) -> Channel:
        """Make the channel of one account; raises `ValueError` naming the setting at fault."""
        _check_host(account.host)
        given = {**account.settings, **account.secrets}
        for setting in SETTINGS:
            if setting.is_required and not given.get(setting.name):
                raise ValueError(f"{setting.name} is missing")
        own = _read("certificate", given, lambda pem: signing.certificate(pem.encode()))
        key = _read("private_key", given, signing.private_key)
        merchant = signing.Merchant(given["mchid"], signing.serial_of(own), key)
        api_key = given["api_v3_key"].encode()
        if len(api_key) != signing.API_KEY_BYTES:
            raise ValueError("api_v3_key has to be 32 characters")
        keys = _pinned(given)
        parties = Parties(
            given["mchid"], given["appid"], given.get("sub_mchid", ""), given.get("sub_appid", "")
        )
        is_production = account.host.rstrip("/") == PRODUCTION
        identity = Identity(own, account.notice_url, is_production)
        appid = parties.sub_appid or parties.appid
        payers = Payers(account.host, appid, given.get("app_secret", ""))
        opened = Opened(account, parties, merchant, api_key, identity, payers)
        return WechatChannel(opened, Wire(account, tools, merchant, keys, api_key))


def _pinned(given: Mapping[str, str]) -> PlatformKeys:
    id, pem = given.get("public_key_id", ""), given.get("public_key", "")
    if not id and not pem:
        return PlatformKeys({})
    if not id.startswith(PUBLIC_KEY_PREFIX):
        raise ValueError(f"public_key_id begins with {PUBLIC_KEY_PREFIX}")
    if not pem:
        raise ValueError("public_key is missing")
    return PlatformKeys({id: _read("public_key", given, signing.public_key)}, id)


def _check_host(host: str) -> None:
    try:
        url = httpx.URL(host)
    except httpx.InvalidURL as problem:
        raise ValueError("host is no address") from problem
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("host is no address")


def _read(name: str, given: Mapping[str, str], reader: Callable[[str], Read]) -> Read:
    try:
        return reader(given[name])
    except ValueError as problem:
        raise ValueError(f"{name}: {problem}") from problem


PROVIDER: Final[Provider] = WechatProvider()
