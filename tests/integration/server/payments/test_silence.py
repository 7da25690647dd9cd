"""What a command says of itself, as when one fails and is logged, tells no secret."""

from __future__ import annotations

from uuid import UUID

from msgspec import structs

from sync.messages import CredentialKind, Evidence, OperatorRow, PersonRow
from tests.factories.payments import Till


def test_a_logged_command_tells_no_secret(till: Till) -> None:
    person = till.person
    person.pin_hash = "scrypt$secret"
    person.save(update_fields=["pin_hash"])
    evidence = Evidence(
        credential=CredentialKind.NUMBER, assurance=1, wallet_code="a code of the phone"
    )
    sale = till.request(payer=f"number:{person.number}", evidence=evidence, pin="271828")
    sale = structs.replace(sale, auth_code="130000000000000001")
    command = till.online_command(sale)
    assert command.plan.payer is not None
    assert command.plan.payer.pin_hash == "scrypt$secret"
    for secret in ("271828", "130000000000000001", "scrypt$secret", "a code of the phone"):
        assert secret not in repr(command)
        assert secret not in repr(sale)


def test_rows_of_people_tell_no_hash() -> None:
    person = PersonRow(
        person_id=UUID(int=1), number="S1", masked_name="", category="",
        pin_hash="secret", digits_hash="secret",
    )  # fmt: skip
    operator = OperatorRow(operator_id=person.person_id, name="", role="cashier", pin_hash="secret")
    assert "secret" not in repr(person) + repr(operator)
