"""Signing in to pages inside WeChat (网页授权), as open.weixin.qq.com and api.weixin.qq.com do it.

One payer holds every phone here. A code lives five minutes and works once; what is wrong is told
with HTTP 200 and an `errcode`.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from server.sandbox.frame import Reply, Request, World

AUTHORIZE: Final = "/connect/oauth2/authorize"
TOKEN: Final = "/sns/oauth2/access_token"
OPENID: Final = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
LIFE: Final = timedelta(minutes=5)
STATE_MAX: Final = 128


class SignIn:
    """The official account of the sample merchant."""

    def __init__(self, world: World, appid: str) -> None:
        self._world = world
        self._appid = appid
        seed = world.keys.pair("wechat-merchant").private_pem.encode()
        self.secret = hashlib.sha256(b"AppSecret" + seed).hexdigest()[:32]
        self._codes: dict[str, datetime] = {}
        self._used: set[str] = set()

    def authorize(self, request: Request) -> Reply:
        """Send the phone back with a code; the quiet scope asks its holder nothing."""
        asked = request.query
        is_asked_right = (
            asked.get("appid") == self._appid
            and asked.get("response_type") == "code"
            and asked.get("scope") == "snsapi_base"
            and asked.get("redirect_uri", "").startswith(("http://", "https://"))
            and len(asked.get("state", "")) <= STATE_MAX
        )
        if not is_asked_right:
            return Reply(200, "redirect_uri域名与后台配置不一致".encode(), "text/html")
        code = self._world.random(16).hex()
        self._codes[code] = self._world.now()
        back = asked["redirect_uri"]
        query = urlencode({"code": code, "state": asked.get("state", "")})
        return Reply(302, headers={"Location": f"{back}{'&' if '?' in back else '?'}{query}"})

    def token(self, request: Request) -> Reply:
        """Tell whose code it is."""
        asked = request.query
        if asked.get("appid") != self._appid:
            return _trouble(40013, "invalid appid")
        if asked.get("secret") != self.secret:
            return _trouble(40125, "invalid appsecret")
        code = asked.get("code", "")
        if code in self._used:
            return _trouble(40163, "code been used")
        made_at = self._codes.pop(code, None)
        if made_at is None or self._world.now() - made_at > LIFE:
            return _trouble(40029, "invalid code")
        self._used.add(code)
        said = {
            "access_token": self._world.random(16).hex(), "expires_in": 7200,
            "refresh_token": self._world.random(16).hex(), "openid": OPENID, "scope": "snsapi_base",
        }  # fmt: skip
        return _said(said)


def _trouble(code: int, words: str) -> Reply:
    return _said({"errcode": code, "errmsg": words})


def _said(said: dict[str, object]) -> Reply:
    # As it is there: JSON that calls itself text
    return Reply(200, json.dumps(said).encode(), "text/plain")
