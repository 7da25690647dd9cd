"""Requests to the peer as any client of the protocol makes them, signed by openssl."""

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from server.sandbox.alipay.peer import APP_ID, AlipayPeer
from server.sandbox.books import Books
from server.sandbox.faults import Faults
from server.sandbox.frame import Desk, Reply, Request, World
from server.sandbox.keys import Keys
from tests.factories.clocks import StandingClock

CODE = "281234567890123400"
ENVELOPE = re.compile(rb'\{(?:"alipay_cert_sn":"(\w+)",)?"(\w+)":(\{.*\})(?:,"sign":"([^"]+)")?\}')


class Caller:
    """A merchant's program that has nothing but openssl."""

    def __init__(self, keys: Keys, folder: Path) -> None:
        self.clock = StandingClock()
        self.books = Books(":memory:", self.clock.now)
        self._drawn = 0
        self.keys = keys
        self.peer = AlipayPeer(World(self.books, keys, self.clock.now, self._random))
        self.peer.host = "http://alipay.test"
        self.faults = Faults()
        self.desk = Desk(self.peer, self.faults)
        self._key, self._public = folder / "app.pem", folder / "gateway.pem"
        self._key.write_text(keys.pair("alipay-app").private_pem)
        self._public.write_text(keys.pair("alipay-gateway").public_pem)
        self._signature = folder / "signature"

    def params(self, method: str, content: dict[str, Any], /, **changed: str) -> dict[str, str]:
        """A signed request's parameters; an empty change leaves one out."""
        params = {
            "app_id": APP_ID,
            "method": method,
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": "2026-11-22 12:00:00",
            "version": "1.0",
            "biz_content": json.dumps(content, ensure_ascii=False),
            **changed,
        }
        params = {name: value for name, value in params.items() if value}
        text = "&".join(f"{name}={params[name]}" for name in sorted(params))
        raw = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", str(self._key)],
            input=text.encode(), capture_output=True, check=True, timeout=30,
        ).stdout  # fmt: skip
        return {**params, "sign": base64.b64encode(raw).decode()}

    def send(self, params: dict[str, str]) -> Reply:
        """Send parameters as they are."""
        body = urlencode(params).encode()
        reply = self.desk.handle(Request("POST", "/gateway.do", {}, body))
        assert reply is not None
        return reply

    def call(self, method: str, content: dict[str, Any], /, **changed: str) -> dict[str, Any]:
        """Have something done and return the answer, whose signature openssl found right."""
        reply = self.send(self.params(method, content, **changed))
        assert self.is_signed(reply), reply.body
        return answer(reply)

    def is_signed(self, reply: Reply) -> bool:
        """Tell whether the gateway signed the answer's characters."""
        match = ENVELOPE.fullmatch(reply.body)
        if match is None or match[4] is None:
            return False
        self._signature.write_bytes(base64.b64decode(match[4]))
        done = subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", str(self._public), "-signature",
             str(self._signature)],
            input=match[3], capture_output=True, check=False, timeout=30,
        )  # fmt: skip
        return done.returncode == 0

    def _random(self, count: int) -> bytes:
        self._drawn += 1
        return self._drawn.to_bytes(max(count, 4), "big")[-count:]


def answer(reply: Reply) -> dict[str, Any]:
    """The answer in an envelope."""
    match = ENVELOPE.fullmatch(reply.body)
    assert match is not None, reply.body
    found: dict[str, Any] = json.loads(match[3])
    return found


def charge(number: str = "n1", amount: str = "12.50", code: str = CODE) -> dict[str, Any]:
    """What `alipay.trade.pay` takes."""
    return {
        "out_trade_no": number,
        "scene": "bar_code",
        "auth_code": code,
        "subject": "午餐",
        "total_amount": amount,
    }
