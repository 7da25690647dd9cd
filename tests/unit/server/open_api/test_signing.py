"""The signature against openssl's own word, and against the convention's published example."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path
from uuid import UUID

import pytest

from server.open_api.signing import make_secret, seal, sign, unsealed
from server.runtime import Secrets
from tests.factories.server_rows import Randomness

SECRETS = Secrets(b"\x07" * 32)
HERE, THERE = UUID(int=1), UUID(int=2)
GUIDE = Path(__file__).parents[4] / "docs" / "webhooks.md"


def by_openssl(secret: str, said: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_")).hex()
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-binary"],
        input=said, capture_output=True, check=True, timeout=30,
    )  # fmt: skip
    return "v1," + base64.b64encode(done.stdout).decode()


def test_the_signature_is_what_openssl_makes() -> None:
    random = Randomness(5)
    for size in (0, 1, 63, 64, 65, 5_000):
        secret, body = make_secret(random), random(size)
        said = b"evt_1.1700000000." + body
        assert sign(secret, "evt_1", 1_700_000_000, body) == by_openssl(secret, said)


def test_it_is_the_convention_s_published_example() -> None:
    """standard-webhooks, libraries/python/tests: secret, id, timestamp, payload, signature."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_merchant_s_guide_works_by_openssl() -> None:
    """The worked example of docs/webhooks.md, read from the page itself."""
    page = GUIDE.read_text("utf-8")
    given = {
        name: re.search(rf"^{name}: (.+)$", page, re.M) for name in
        ("secret", "webhook-id", "webhook-timestamp", "webhook-signature", "body")
    }  # fmt: skip
    values = {name: found[1] for name, found in given.items() if found}
    assert len(values) == 5
    body = values["body"].encode()
    said = f"{values['webhook-id']}.{values['webhook-timestamp']}.".encode() + body
    assert by_openssl(values["secret"], said) == values["webhook-signature"]
    stamp = int(values["webhook-timestamp"])
    made = sign(values["secret"], values["webhook-id"], stamp, body)
    assert made == values["webhook-signature"]


def test_a_sealed_secret_opens_in_its_own_place_alone() -> None:
    secret = "whsec_aGkgdGhlcmUsIHdob2xl"
    sealed = seal(secret, HERE, THERE, SECRETS, Randomness())
    assert unsealed(sealed, HERE, THERE, SECRETS) == secret
    assert secret not in sealed
    assert secret.removeprefix("whsec_") not in sealed
    for place in ((THERE, THERE), (HERE, HERE)):
        with pytest.raises(ValueError, match="does not open"):
            unsealed(sealed, *place, SECRETS)
    with pytest.raises(ValueError, match="does not open"):
        unsealed("!" + sealed[1:], HERE, THERE, SECRETS)
