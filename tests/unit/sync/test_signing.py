"""A signature is for one purpose and one content; a reference tells nothing without its key."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from sync import signing
from sync.messages import Record, RecordKind
from tests.unit.sync.makers import TERMINAL, seeded, terminal_key


def record(**changes: Any) -> Record:
    given: dict[str, Any] = {
        "terminal_id": TERMINAL,
        "key_id": "key-1",
        "journal_id": UUID(int=9),
        "sequence": 3,
        "previous_hash": b"\x01" * 32,
        "kind": RecordKind.EVENT,
        "body": b"{}",
    }
    given.update(changes)
    return Record(**given)


def test_a_signed_record_verifies_and_no_changed_one_does() -> None:
    key = terminal_key()
    signed = key.sign_record(record())
    assert signing.verify(key.public_key, signing.record_bytes(signed), signed.signature)
    for change in (
        {"terminal_id": UUID(int=8)},
        {"key_id": "key-2"},
        {"journal_id": UUID(int=8)},
        {"sequence": 4},
        {"previous_hash": b"\x02" * 32},
        {"kind": RecordKind.REFUND},
        {"body": b"{ }"},
        {"version": 2},
    ):
        changed = msgspec.structs.replace(signed, **change)
        assert not signing.verify(
            key.public_key, signing.record_bytes(changed), signed.signature
        ), change
        assert signing.record_hash(changed) != signing.record_hash(signed)


def test_parts_cannot_be_shifted_from_one_field_to_the_next() -> None:
    one = record(key_id="ab", body=b"c")
    other = record(key_id="a", body=b"bc")
    assert signing.record_bytes(one) != signing.record_bytes(other)
    assert signing.request_bytes("GET", "/a", 1, b"", {"b": "c"}) != signing.request_bytes(
        "GET", "/a", 1, b"", {"bc": ""}
    )


def test_a_signature_for_one_purpose_never_serves_another() -> None:
    starts = {
        signing.record_bytes(record()).split(b"\n")[0],
        signing.request_bytes("POST", "/v1/records", 1, b"").split(b"\n")[0],
        signing.activation_bytes("123", b"k").split(b"\n")[0],
    }
    assert len(starts) == 3


def test_a_request_is_bound_to_method_path_time_body_and_query_in_any_order() -> None:
    base = signing.request_bytes("get", "/v1/feed", 5, b"x", {"a": "1", "b": "2"})
    assert base == signing.request_bytes("GET", "/v1/feed", 5, b"x", {"b": "2", "a": "1"})
    for other in (
        signing.request_bytes("POST", "/v1/feed", 5, b"x", {"a": "1", "b": "2"}),
        signing.request_bytes("GET", "/v1/feeds", 5, b"x", {"a": "1", "b": "2"}),
        signing.request_bytes("GET", "/v1/feed", 6, b"x", {"a": "1", "b": "2"}),
        signing.request_bytes("GET", "/v1/feed", 5, b"y", {"a": "1", "b": "2"}),
        signing.request_bytes("GET", "/v1/feed", 5, b"x", {"a": "1", "b": "3"}),
        signing.request_bytes("GET", "/v1/feed", 5, b"x"),
    ):
        assert other != base


@pytest.mark.parametrize(
    ("public_key", "signature"), [(b"", b"s" * 64), (b"k" * 31, b"s" * 64), (b"k" * 32, b"")]
)
def test_malformed_keys_and_signatures_are_a_no(public_key: bytes, signature: bytes) -> None:
    assert not signing.verify(public_key, b"message", signature)


def test_a_key_shows_nothing_of_its_secret() -> None:
    key = signing.TerminalKey.generate(seeded())
    assert key.seed.hex() not in repr(key)
    assert repr(key.seed) not in repr(key)


def test_references_hang_on_their_key_and_their_purpose() -> None:
    one, other = b"a" * 32, b"b" * 32
    assert signing.card_reference(one, b"\x04\x01") == signing.card_reference(one, b"\x04\x01")
    assert signing.card_reference(one, b"\x04\x01") != signing.card_reference(other, b"\x04\x01")
    person = UUID(int=1)
    assert signing.digits_reference(one, person, "1234") != signing.digits_reference(
        one, UUID(int=2), "1234"
    )
