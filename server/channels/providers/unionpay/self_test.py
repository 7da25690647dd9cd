"""Which key or certificate of an account is wrong, and what to do about it."""

from collections.abc import Sequence
from datetime import datetime

from server.channels.channel import Account, Finding
from server.channels.providers.unionpay import signing, wire
from server.channels.providers.unionpay.diary import written


def run(
    account: Account,
    signer: signing.Signer,
    trust: signing.Trust,
    line: wire.Wire,
    now: datetime,
) -> Sequence[Finding]:
    """Check keys and certificates by themselves, then ask about a number of nobody's."""
    own = signing.certificate(account.settings["certificate"])
    local = [
        _finding(
            "key",
            "unionpay.key_not_certificates",
            is_right=signer.key.public_key() == signing.key_of(own),
        ),
        _finding(
            "certificate", "unionpay.certificate_expired", is_right=signing.is_valid(own, now)
        ),
        _finding(
            "middle",
            "unionpay.middle_not_roots",
            is_right=signing.is_issued(trust.middle, trust.root)
            and signing.is_valid(trust.middle, now),
        ),
        _finding("root", "unionpay.root_expired", is_right=signing.is_valid(trust.root, now)),
    ]
    return [*local, _exchange(line, now)]


def _exchange(line: wire.Wire, now: datetime) -> Finding:
    fields = {
        "txnType": "00", "txnSubType": "00", "orderId": "0" * 32, "txnTime": written(now),
    }  # fmt: skip
    said = line.ask("self_test", wire.QUERY, "", fields, now)
    if isinstance(said, wire.Lost):
        code = "unionpay.unsigned" if said.is_alert else "unionpay.unreachable"
        return _finding("exchange", code, is_right=False, why=said.why)
    if said.code == "11":
        return _finding("exchange", "unionpay.signature_refused", is_right=False)
    return _finding("exchange", "unionpay.refused", is_right=said.code == "34", why=said.code)


def _finding(check: str, code: str, *, is_right: bool, why: str = "") -> Finding:
    data = {"why": why} if why and not is_right else {}
    return Finding(check, is_right, "" if is_right else code, data)
