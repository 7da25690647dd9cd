"""Which key of an account is wrong, and what to do about it: by itself, then with the bank."""

from collections.abc import Sequence
from datetime import datetime

from server.channels.channel import Finding
from server.channels.providers.bank import signing
from server.channels.providers.bank.wire import Lost, Wire


def run(wire: Wire, now: datetime) -> Sequence[Finding]:
    """Sign and verify a sample, then let the bank verify ours and verify the bank's."""
    parties = wire.parties
    sample = signing.notice_message(parties.merchant, "0", "sample", b"")
    own = signing.sign(parties.key, sample)
    is_pair = signing.is_signed(parties.key.public_key(), sample, own)
    is_own = signing.is_signed(parties.bank_key, sample, own)
    return [
        _finding("key", "bank.key", is_right=is_pair),
        _finding("bank_key", "bank.own_key_as_banks", is_right=not is_own),
        _exchange(wire, now),
    ]


def _exchange(wire: Wire, now: datetime) -> Finding:
    said = wire.ask("self_test", "GET", "/echo", "", now)
    if isinstance(said, Lost):
        code = "bank.unsigned" if said.is_alert else "bank.unreachable"
        return _finding("exchange", code, is_right=False, why=said.why)
    code = said.text("code")
    known = {"bad_signature": "bank.signature_refused", "stale": "bank.clock"}
    wrong = known.get(code, "bank.refused")
    is_right = said.is_done and said.text("merchant") == wire.parties.merchant
    return _finding("exchange", wrong, is_right=is_right, why=code)


def _finding(check: str, code: str, *, is_right: bool, why: str = "") -> Finding:
    data = {"why": why} if why and not is_right else {}
    return Finding(check, is_right, "" if is_right else code, data)
