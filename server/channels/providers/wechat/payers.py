"""Who pays on a page inside WeChat: the openid that a JSAPI order is opened for.

The quiet sign-in of an official account's pages (网页授权, scope snsapi_base): the app is sent to
`open.weixin.qq.com` and comes back with a code that lives five minutes and works once; the
account's AppSecret makes an openid of it. Nothing else about a person is asked for, and neither the
code nor the tokens that come with the openid are kept.

Source: developers.weixin.qq.com, 微信公众平台 › 网页授权.
"""

import logging
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import httpx

from server.channels.providers.wechat.wire import PRODUCTION, TIMEOUT

PAGES: Final = "https://open.weixin.qq.com"
API: Final = "https://api.weixin.qq.com"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Payers:
    """The official account behind `appid`. Without a secret nobody is recognised."""

    host: str
    appid: str
    secret: str = field(repr=False)

    def sign_in_url(self, return_url: str) -> str:
        """Where WeChat is sent. Its order of parameters is checked there; `state` is left empty."""
        if not self.secret:
            return ""
        return (
            f"{self._at(PAGES)}/connect/oauth2/authorize?appid={quote(self.appid)}"
            f"&redirect_uri={quote(return_url, safe='')}&response_type=code&scope=snsapi_base"
            "&state=#wechat_redirect"
        )

    def payer_of(self, code: str, client: httpx.Client) -> str:
        """The openid behind a code; "" when WeChat does not say."""
        asked = {
            "appid": self.appid, "secret": self.secret, "code": code,
            "grant_type": "authorization_code",
        }  # fmt: skip
        try:
            heard = client.get(
                f"{self._at(API)}/sns/oauth2/access_token", params=asked, timeout=TIMEOUT
            )
            said: Any = heard.json()
        except (httpx.HTTPError, ValueError) as problem:
            # Never the problem's own text: it quotes the address, which holds the secret
            log.warning("WeChat did not say who pays: %s", type(problem).__name__)
            return ""
        openid = said.get("openid") if isinstance(said, dict) else None
        if isinstance(openid, str) and openid:
            return openid
        why = said.get("errcode") if isinstance(said, dict) else None
        log.warning("WeChat did not say who pays: errcode %s", why)
        return ""

    def _at(self, production: str) -> str:
        host = self.host.rstrip("/")
        return production if host == PRODUCTION else host
