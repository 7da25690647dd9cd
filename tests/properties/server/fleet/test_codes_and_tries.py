"""Activation codes survive being typed; tries are bounded however they come; keys stay sealed."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import Defect, Refused
from domain.offline_policy import Assurance, Caps, OfflinePolicy
from server.bodies import check_sound, read_body
from server.fleet.activation_codes import ALPHABET, draw_code, hash_code
from server.fleet.attempts import Attempts
from server.fleet.read_policies import policy_of
from server.fleet.sealing import open_key, seal_key
from server.runtime import Secrets
from sync.messages import Heartbeat
from tests.factories.server_rows import NOW, SECRETS

MISREADINGS = {"0": "oO0", "1": "iIlL1"}


@st.composite
def typed(draw: st.DrawFn) -> tuple[str, str]:
    """A code, and how somebody may type it."""
    code = draw_code(lambda count: draw(st.binary(min_size=count, max_size=count)))
    letters = []
    for letter in code.replace("-", ""):
        choices = MISREADINGS.get(letter, letter + letter.lower())
        letters.append(draw(st.sampled_from(choices)) + draw(st.sampled_from(["", " ", "-"])))
    return code, "".join(letters)


@given(pair=typed())
def test_a_code_is_the_same_however_it_is_typed(pair: tuple[str, str]) -> None:
    code, said = pair
    assert hash_code(SECRETS, code) == hash_code(SECRETS, said)
    assert set(code) <= set(ALPHABET) | {"-"}
    assert len(code) == 11


@given(first=st.text(ALPHABET, min_size=10, max_size=10), second=st.text(max_size=12))
def test_different_codes_have_different_hashes(first: str, second: str) -> None:
    plain = second.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    assume("".join(plain.split(" ")).replace("-", "") != first)
    assert hash_code(SECRETS, first) != hash_code(SECRETS, second)
    assert hash_code(SECRETS, first) != hash_code(Secrets(b"\x08" * 32), first)


@given(
    gaps_ms=st.lists(st.integers(-2_000, 20_000), max_size=80),
    burst=st.integers(1, 5),
    per_minute=st.integers(6, 60),
)
def test_tries_never_exceed_the_burst_and_the_rate(
    gaps_ms: list[int], burst: int, per_minute: int
) -> None:
    attempts, now, latest = Attempts(burst=burst, per_minute=per_minute), NOW, NOW
    taken = 0
    for gap in gaps_ms:
        now += timedelta(milliseconds=gap)
        latest = max(latest, now)
        wait_ms = attempts.take(now)
        taken += wait_ms == 0
        assert wait_ms <= 60_000 // per_minute + 1
    forward_s = sum(max(0, gap) for gap in gaps_ms) / 1000
    assert taken <= burst + forward_s * per_minute / 60 + 1


def test_waiting_as_long_as_told_is_enough() -> None:
    attempts = Attempts(burst=1, per_minute=7)
    assert attempts.take(NOW) == 0
    wait_ms = attempts.take(NOW)
    assert wait_ms > 0
    assert attempts.take(NOW + timedelta(milliseconds=wait_ms)) == 0


@given(key=st.binary(min_size=32, max_size=32), row=st.uuids(), other=st.uuids(), org=st.uuids())
def test_a_sealed_key_opens_in_its_own_row_only(key, row, other, org) -> None:
    assume(row != other)
    sealed = seal_key(SECRETS, org, row, key, lambda count: b"\x09" * count)
    assert open_key(SECRETS, org, row, sealed) == key
    assert key not in sealed
    with pytest.raises(Defect):
        open_key(SECRETS, org, other, sealed)
    with pytest.raises(Defect):
        open_key(Secrets(b"\x08" * 32), org, row, sealed)


AMOUNTS = st.integers(0, 10**9)
POLICIES = st.builds(
    OfflinePolicy,
    version=st.integers(1, 10**6),
    caps=st.dictionaries(st.sampled_from(Assurance), st.builds(Caps, AMOUNTS, AMOUNTS)),
    terminal_count=st.integers(0, 10**6),
    terminal_amount=AMOUNTS,
    max_age_s=st.integers(0, 10**7),
    extension_count=st.integers(0, 100),
    extension_amount=AMOUNTS,
)


@given(policy=POLICIES)
def test_a_policy_comes_back_from_its_row_as_it_was(policy: OfflinePolicy) -> None:
    stored = msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(policy, str_keys=True)))
    assert policy_of(policy.version, stored) == policy


@given(body=st.binary(max_size=120))
def test_a_body_is_read_or_refused_never_more(body: bytes) -> None:
    with pytest.raises(Refused, match=r"envelopes\.malformed"):
        read_body(Heartbeat, body)


@given(
    value=st.recursive(
        st.text() | st.integers() | st.none() | st.datetimes(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=6,
    )
)
def test_what_is_called_sound_can_be_stored(value: object) -> None:
    try:
        check_sound(value, "value")
    except Refused:
        return
    text = repr(value)
    assert "\\x00" not in text
    assert "datetime.datetime" not in text
