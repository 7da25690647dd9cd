"""A device is bound by a code once; a lost answer costs another try with the same key, no more."""

from pathlib import Path
from typing import Any

import pytest

from domain.errors import Refused, Unavailable
from sync import keystore, messages, signing
from sync.activation import activate_terminal
from sync.keystore import FileKeyStore, TerminalSecrets
from sync.messages import ActivationRequest
from tests.integration.sync.loopback_server import Answer, Got, Loopback, refused, said
from tests.unit.sync.makers import NOON, activation_answer, seeded

ACTIVATE = "/v1/activate"


@pytest.fixture
def keys(tmp_path: Path) -> FileKeyStore:
    """An empty key store."""
    return FileKeyStore(tmp_path / "keys.json")


@pytest.fixture
def proven(loopback: Loopback) -> list[bytes]:
    """A server that activates whoever holds the key it presents; the keys it saw."""
    seen: list[bytes] = []

    def activate(got: Got) -> Answer:
        asked = messages.decode(ActivationRequest, got.body)
        message = signing.activation_bytes(asked.code, asked.public_key)
        assert signing.verify(asked.public_key, message, asked.proof)
        seen.append(asked.public_key)
        return said(activation_answer())

    loopback.routes[ACTIVATE] = activate
    return seen


def activate(keys: FileKeyStore, loopback: Loopback, **changes: Any) -> TerminalSecrets:
    given: dict[str, Any] = {
        "serial": "SN1",
        "software": "0.1",
        "random": seeded(3),
        **changes,
    }
    return activate_terminal(keys, loopback.url, "4711-0815", **given)


def test_activation_proves_the_key_and_keeps_the_binding(
    keys: FileKeyStore, loopback: Loopback, proven: list[bytes]
) -> None:
    secrets = activate(keys, loopback)
    assert proven == [secrets.key.public_key]
    assert keys.load() == secrets
    assert secrets.binding == activation_answer()
    assert keystore.data_key(keys, NOON) == b"d" * 32
    assert keys.path.stat().st_mode & 0o777 == 0o600


def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    keys: FileKeyStore, loopback: Loopback, proven: list[bytes]
) -> None:
    well = loopback.routes[ACTIVATE]
    loopback.routes[ACTIVATE] = lambda got: (well(got), (200, b'{"half":'))[1]
    with pytest.raises(Unavailable, match=r"server\.malformed"):
        activate(keys, loopback)
    loopback.routes[ACTIVATE] = well
    secrets = activate(keys, loopback, random=seeded(99))
    assert proven == [secrets.key.public_key] * 2


def test_a_refused_code_says_so_and_leaves_the_old_binding(
    keys: FileKeyStore, loopback: Loopback, proven: list[bytes]
) -> None:
    before = activate(keys, loopback)
    loopback.routes[ACTIVATE] = lambda _: refused("activation.used_code", 409)
    with pytest.raises(Refused, match=r"activation\.used_code"):
        activate(keys, loopback)
    kept = keys.load()
    assert kept is not None
    assert (kept.seed, kept.binding) == (before.seed, before.binding)


def test_a_device_with_waiting_records_is_not_bound_elsewhere(
    keys: FileKeyStore, loopback: Loopback, proven: list[bytes]
) -> None:
    with pytest.raises(Refused, match=r"terminals\.queue_not_empty"):
        activate(keys, loopback, waiting_count=3)
    assert loopback.got == []
