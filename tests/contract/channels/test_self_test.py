"""The self-test at every provider: silent when all is right, and finds each key that is not."""

from __future__ import annotations

import pytest

from server.channels.channel import FieldKind
from server.sandbox.keys import certificate_pem
from tests.contract.channels.benches import KINDS, Bench, provider_of

_KEYS = (FieldKind.PRIVATE_KEY, FieldKind.PUBLIC_KEY, FieldKind.CERTIFICATE)
_FORMS = {
    "wechat": {"public_key"},
    "alipay": {"alipay_public_key"},
    "alipay/certificates": {"app_certificate", "alipay_certificate", "root_certificate"},
}
"""The keys that only one form of account has."""
SWAPS = [
    (kind, setting.name)
    for kind in KINDS
    for setting in provider_of(kind).settings
    if (setting.kind in _KEYS or setting.is_secret)
    and (setting.is_required or setting.name in _FORMS.get(kind, ()))
]


def test_with_the_right_keys_everything_is_right(bench: Bench) -> None:
    findings = bench.channel.self_test(bench.clock.now())
    assert findings
    assert [finding for finding in findings if not finding.is_right] == []


@pytest.mark.parametrize(("kind", "name"), SWAPS)
def test_each_swapped_key_is_found(benches: dict[str, Bench], kind: str, name: str) -> None:
    bench = benches[kind]
    bench.let_all_arrive()
    assert _complaints(bench, name), f"nobody noticed another {name}"


def _complaints(bench: Bench, name: str) -> list[str]:
    """What is said when an account is opened with somebody else's `name`."""
    try:
        channel = bench.open(**{name: _another(bench, name)})
    except ValueError as wrong:
        return [str(wrong)] if name in str(wrong) else []
    findings = channel.self_test(bench.clock.now())
    return [finding.code for finding in findings if not finding.is_right]


def _another(bench: Bench, name: str) -> str:
    """Return somebody else's key or secret, in the form of our own."""
    setting = next(s for s in bench.provider.settings if s.name == name)
    stranger = bench.peer.keys.pair("stranger")
    if setting.kind is FieldKind.CERTIFICATE:
        return certificate_pem(bench.peer.keys.certificate("stranger", common_name="Stranger"))
    if setting.kind is FieldKind.PRIVATE_KEY:
        return stranger.private_pem
    if setting.kind is FieldKind.PUBLIC_KEY:
        return stranger.public_pem
    sample = bench.sample()
    own = {**sample.settings, **sample.secrets}[name]
    return own[::-1] if own[::-1] != own else f"{own[:-1]}0"
