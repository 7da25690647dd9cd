"""What an activation QR says, and what makes two requests for a top-up the same one."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from sync.messages import (
    ActivationLink,
    CredentialKind,
    TopUpRequest,
    activation_link,
    read_activation_link,
    top_up_fingerprint,
)
from tests.unit.sync import makers


def test_a_link_reads_back_as_it_was_written() -> None:
    link = activation_link("https://canteen.example:8443/a b", "7K2M-9QXF")
    assert link.startswith("fanpiao:activate?")
    assert read_activation_link(link) == ActivationLink(
        "https://canteen.example:8443/a b", "7K2M-9QXF"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "134567890123456789",
        "FP1:abc",
        "https://canteen.example/?server=http://a&code=1",
        "fanpiao:activate",
        "fanpiao:activate?server=http://a",
        "fanpiao:activate?server=&code=1",
        "fanpiao:activate?server=file:///etc/passwd&code=1",
        "fanpiao:activate?server=http://&code=1",
        "fanpiao:activate?server=http://[::1&code=1",
        "fanpiao:activate?server=http://a&code=%20",
        "fanpiao:pay?server=http://a&code=1",
        "fanpiao:activate?server=http://a&code=" + "1" * 600,
    ],
)
def test_any_other_text_is_no_link(text: str) -> None:
    assert read_activation_link(text) is None


def _request(**changes: object) -> TopUpRequest:
    made = TopUpRequest(
        top_up_id=UUID(int=1),
        organisation_id=UUID(int=2),
        merchant_id=UUID(int=3),
        store_id=UUID(int=4),
        terminal_id=UUID(int=5),
        payer=f"person:{UUID(int=6)}",
        amount=5_000,
        credential=CredentialKind.CARD,
        operator_id=UUID(int=7),
        shift_id=UUID(int=8),
        stamp=makers.NOON_STAMP,
        binding_version=1,
    )
    return msgspec.structs.replace(made, **changes)


def test_a_repeat_is_the_same_top_up_and_another_sum_is_not() -> None:
    first = top_up_fingerprint(_request())
    assert top_up_fingerprint(_request(binding_version=2, confirmed_by="cashier")) == first
    assert top_up_fingerprint(_request(amount=5_001)) != first
    assert top_up_fingerprint(_request(payer="number:1")) != first
