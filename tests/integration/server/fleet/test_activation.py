"""A device becomes a terminal by a code, once."""

from datetime import timedelta

import pytest

from domain.errors import Refused
from server.fleet.activate_terminal import activate_terminal
from server.fleet.data_keys import read_data_key
from server.fleet.models import ActivationCode, DataKey, KeyState, TerminalKey, TerminalState
from server.fleet.read_standing import read_standing
from server.fleet.revoke_terminal import revoke_terminal
from sync import signing
from tests.factories.server_rows import NOW, SECRETS, Rows, request_for


def activate(rows: Rows, code: str, key: signing.TerminalKey, now=NOW):
    return activate_terminal(request_for(code, key), now=now, random=rows.random, secrets=SECRETS)


def refused_code(call) -> str:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.code


def test_a_code_binds_a_device_to_its_store(database: str) -> None:
    rows = Rows()
    device = rows.activated()
    assert device.terminal.state == TerminalState.ACTIVE
    answer = device.answer
    assert (answer.store_id, answer.merchant_id) == (rows.store.id, rows.merchant.id)
    assert (answer.site_id, answer.binding_version) == (rows.site.id, 1)
    assert len(answer.data_key) == 32
    assert answer.card_key == SECRETS.card_key(rows.organisation.id)
    held = read_data_key(rows.organisation.id, device.terminal.id, SECRETS)
    assert held == (answer.data_key_id, answer.data_key)


def test_neither_codes_nor_data_keys_are_stored_readable(database: str) -> None:
    rows = Rows()
    code = rows.code_for(rows.new_terminal())
    device = rows.activated(rows.new_terminal("2 号窗口"))
    stored = b"".join(bytes(row.code_hash) for row in ActivationCode.objects.all())
    assert code.replace("-", "").encode() not in stored
    sealed = bytes(DataKey.objects.get(terminal=device.terminal).sealed)
    assert device.answer.data_key not in sealed


def test_a_code_is_read_however_it_was_typed(database: str) -> None:
    rows = Rows()
    code = rows.code_for(rows.new_terminal())
    typed = code.replace("-", " ").lower().replace("0", "o").replace("1", "l")
    assert activate(rows, typed, signing.TerminalKey.generate(rows.random)).binding_version == 1


def test_a_code_works_once_for_another_device_and_again_for_the_same(database: str) -> None:
    rows = Rows()
    code = rows.code_for(rows.new_terminal())
    first, second = (signing.TerminalKey.generate(rows.random) for _ in range(2))
    answer = activate(rows, code, first)
    again = activate(rows, code, first, NOW + timedelta(seconds=5))
    assert (again.key_id, again.data_key) == (answer.key_id, answer.data_key)
    assert refused_code(lambda: activate(rows, code, second)) == "activation.used_code"


def test_wrong_and_old_codes_and_proofs_are_refused_by_name(database: str) -> None:
    rows = Rows()
    key = signing.TerminalKey.generate(rows.random)
    code = rows.code_for(rows.new_terminal())
    late = NOW + timedelta(days=2)
    assert refused_code(lambda: activate(rows, "AAAAA-AAAAA", key)) == "activation.unknown_code"
    assert refused_code(lambda: activate(rows, code, key, late)) == "activation.expired_code"
    stolen = signing.TerminalKey.generate(rows.random)
    request = request_for(code, key)
    forged = type(request)(
        code=code, public_key=stolen.public_key, proof=request.proof, serial="", software=""
    )
    with pytest.raises(Refused, match=r"activation\.bad_proof"):
        activate_terminal(forged, now=NOW, random=rows.random, secrets=SECRETS)


def test_another_device_is_refused_while_records_wait_unless_forced(database: str) -> None:
    rows = Rows()
    device = rows.activated()
    device.terminal.waiting_count = 3
    device.terminal.save()
    key = signing.TerminalKey.generate(rows.random)
    code = rows.code_for(device.terminal)
    assert refused_code(lambda: activate(rows, code, key)) == "terminals.queue_not_empty"
    forced = rows.code_for(device.terminal, is_forced=True)
    answer = activate(rows, forced, key)
    states = dict(TerminalKey.objects.values_list("key_id", "state"))
    assert states == {device.key.key_id: KeyState.RETIRED, answer.key_id: KeyState.ACTIVE}
    assert answer.data_key_id != device.answer.data_key_id


def test_revocation_ends_the_key_and_the_data_key_and_keeps_their_rows(database: str) -> None:
    rows = Rows()
    device = rows.activated()
    revoke_terminal(device.terminal, now=NOW)
    standing = read_standing(rows.organisation.id, [device.terminal.id])[device.terminal.id]
    key = standing.keys[device.key.key_id]
    assert (standing.state, key.state, key.revoked_at) == ("revoked", "revoked", NOW)
    assert key.public_key == device.key.public_key
    assert read_data_key(rows.organisation.id, device.terminal.id, SECRETS) is None
    assert refused_code(lambda: revoke_terminal(device.terminal, now=NOW)) == "terminals.revoked"
