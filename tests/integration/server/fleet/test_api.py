"""What a terminal is told when it is activated, heard, moved or revoked, and what strangers are."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Refused
from server.fleet.api import routes
from server.fleet.models import DataKey, Terminal
from server.fleet.rebind_terminal import rebind_terminal
from server.fleet.record_heartbeat import Head
from server.fleet.retire_terminal import retire_terminal
from server.fleet.revoke_terminal import revoke_terminal
from server.http import Request, Response
from sync import signing
from sync.messages import (
    ActivationAnswer,
    DeviceReport,
    Failure,
    Heartbeat,
    HeartbeatAnswer,
    Stamp,
    decode,
    encode,
)
from tests.factories.server_rows import NOW, Device, Rows, request_for
from tests.factories.terminals_api import TerminalsApi, terminals_api

ACTIVATE = ("POST", "/v1/activate")
JOURNAL = UUID(int=7)
ZONELESS = NOW.replace(tzinfo=None)


def no_head(*_ids: UUID) -> None:
    return None


@pytest.fixture
def api(database: str) -> Iterator[TerminalsApi]:
    with terminals_api(NOW) as api:
        api.serve(
            routes(api.runtime, read_head=lambda *_: Head(JOURNAL, 3, b"h" * 32)),
            unsigned=(ACTIVATE,),
        )
        yield api


@pytest.fixture
def rows(api: TerminalsApi) -> Rows:
    return Rows()


def beat(**changes: object) -> bytes:
    stamp = Stamp(corrected_at=NOW, raw_at=NOW, boot_id="b", monotonic_s=1.0)
    said = Heartbeat(
        journal_id=JOURNAL, head_sequence=9, head_hash=b"x" * 32, acknowledged_sequence=7,
        waiting_count=2, waiting_amount=2400, epoch="e", cursor=5, stamp=stamp, software="1",
        devices=(DeviceReport(name="读卡器", kind="card_reader", state="ready"),),
    )  # fmt: skip
    return encode(msgspec.structs.replace(said, **changes))


def failure_of(response) -> Failure:
    said = decode(Failure, response.content)
    assert response.status_code >= 400
    assert said.text_zh
    assert said.text_en
    assert said.server_at is not None
    return said


def test_a_device_is_activated_and_heard(api: TerminalsApi, rows: Rows) -> None:
    terminal = rows.new_terminal()
    key = signing.TerminalKey.generate(rows.random)
    request = request_for(rows.code_for(terminal), key)
    answer = decode(ActivationAnswer, api.call(*ACTIVATE, encode(request)).content)
    device = Device(terminal, signing.TerminalKey(key.seed, answer.key_id), answer)

    heard = decode(HeartbeatAnswer, api.call("POST", "/v1/heartbeat", beat(), device).content)
    assert (heard.state, heard.head_sequence, heard.binding_version) == ("active", 3, 1)
    assert heard.lease_until is not None
    stored = Terminal.objects.get(id=terminal.id)
    assert (stored.waiting_count, stored.waiting_amount, stored.cursor) == (2, 2400, 5)
    assert stored.last_seen_at == NOW
    assert stored.devices[0]["name"] == "读卡器"


def test_an_older_report_takes_nothing_back(api: TerminalsApi, rows: Rows) -> None:
    device = rows.activated()
    api.call("POST", "/v1/heartbeat", beat(), device)
    api.clock.move(seconds=1)
    older = beat(head_sequence=4, waiting_count=0, cursor=1)
    assert api.call("POST", "/v1/heartbeat", older, device).status_code == 200
    stored = Terminal.objects.get(id=device.terminal.id)
    assert (stored.head_sequence, stored.waiting_count, stored.cursor) == (9, 2, 5)
    assert stored.last_seen_at == api.clock.now()
    anew = beat(head_sequence=1, journal_id=UUID(int=8))
    api.call("POST", "/v1/heartbeat", anew, device)
    assert Terminal.objects.get(id=device.terminal.id).head_sequence == 1


def test_every_heartbeat_lengthens_the_lease(api: TerminalsApi, rows: Rows) -> None:
    device = rows.activated()
    before = DataKey.objects.get(terminal=device.terminal).lease_until
    api.clock.move(days=1)
    api.call("POST", "/v1/heartbeat", beat(), device)
    assert DataKey.objects.get(terminal=device.terminal).lease_until == before + timedelta(days=1)


def test_a_revoked_terminal_is_told_and_its_last_word_stays(api: TerminalsApi, rows: Rows) -> None:
    device = rows.activated()
    api.call("POST", "/v1/heartbeat", beat(), device)
    revoke_terminal(device.terminal, now=NOW)
    api.clock.move(seconds=2)
    response = api.call("POST", "/v1/heartbeat", beat(head_sequence=50), device)
    heard = decode(HeartbeatAnswer, response.content)
    assert (heard.state, heard.code) == ("revoked", "terminals.revoked")
    assert Terminal.objects.get(id=device.terminal.id).head_sequence == 9
    refused = failure_of(api.call("GET", "/v1/binding", b"", device))
    assert refused.code == "terminals.revoked"


def test_a_revocation_bites_within_a_second(api: TerminalsApi, rows: Rows) -> None:
    device = rows.activated()
    assert api.call("GET", "/v1/binding", b"", device).status_code == 200
    revoke_terminal(device.terminal, now=NOW)
    api.clock.move(seconds=1.5)
    assert failure_of(api.call("GET", "/v1/binding", b"", device)).code == "terminals.revoked"


def test_a_moved_terminal_hears_its_new_binding(api: TerminalsApi, rows: Rows) -> None:
    device = rows.activated()
    other = rows.new_store("hall-2")
    rebind_terminal(device.terminal, other, "shop", now=NOW, random=rows.random)
    heard = decode(HeartbeatAnswer, api.call("POST", "/v1/heartbeat", beat(), device).content)
    assert heard.binding_version == 2
    bound = decode(ActivationAnswer, api.call("GET", "/v1/binding", b"", device).content)
    assert (bound.store_id, bound.profile, bound.binding_version) == (other.id, "shop", 2)


def test_unsigned_forged_stale_and_unknown_requests_are_refused_by_name(
    api: TerminalsApi, rows: Rows
) -> None:
    device = rows.activated()
    place, body = ("POST", "/v1/heartbeat"), beat()
    good = api.sign(device, *place, body)
    late = api.sign(device, *place, body, at=NOW - timedelta(minutes=6))
    cases = {
        "envelopes.unsigned": {},
        "envelopes.malformed": {**good, signing.TERMINAL_HEADER: "not an id"},
        "envelopes.clock_skew": late,
    }
    for code, headers in cases.items():
        assert failure_of(api.call(*place, body, headers=headers)).code == code
    stranger = {**good, signing.TERMINAL_HEADER: str(UUID(int=1))}
    for headers, sent in ((good, beat(cursor=6)), (stranger, body)):
        refused = failure_of(api.call(*place, sent, headers=headers))
        assert refused.code == "envelopes.bad_signature"


def test_a_replaced_device_is_told_and_may_only_hand_over(api: TerminalsApi, rows: Rows) -> None:
    old = rows.activated()
    new = rows.activated(old.terminal)
    assert failure_of(api.call("GET", "/v1/binding", b"", old)).code == "terminals.retired"
    api.call("POST", "/v1/heartbeat", beat(), new)
    response = api.call("POST", "/v1/heartbeat", beat(head_sequence=99), old)
    heard = decode(HeartbeatAnswer, response.content)
    assert (heard.state, heard.head_sequence, heard.lease_until) == ("retired", 3, None)
    assert Terminal.objects.get(id=old.terminal.id).head_sequence == 9

    async def records(request: Request) -> Response:
        return Response(200, request.signer.state.encode())

    api.serve({("POST", "/v1/records"): records})
    assert api.call("POST", "/v1/records", b"{}", old).text == "retired"


def test_a_retired_terminal_comes_back_under_a_new_binding(api: TerminalsApi, rows: Rows) -> None:
    device = rows.activated()
    api.call("POST", "/v1/heartbeat", beat(), device)
    with pytest.raises(Refused, match=r"terminals\.queue_not_empty"):
        retire_terminal(device.terminal, now=NOW)
    retire_terminal(device.terminal, now=NOW, is_forced=True)
    api.clock.move(seconds=2)
    heard = decode(HeartbeatAnswer, api.call("POST", "/v1/heartbeat", beat(), device).content)
    assert heard.state == "retired"
    again = rows.activated(device.terminal)
    assert again.answer.binding_version == 2


def test_guessing_codes_is_slowed_down(api: TerminalsApi, rows: Rows) -> None:
    key = signing.TerminalKey.generate(rows.random)
    guess = encode(request_for("AAAAA-AAAAA", key))
    codes = [failure_of(api.call(*ACTIVATE, guess)).code for _ in range(32)]
    assert codes[:30] == ["activation.unknown_code"] * 30
    last = failure_of(api.call(*ACTIVATE, guess))
    assert (codes[-1], last.code) == ("activation.too_many_tries", "activation.too_many_tries")
    assert last.retry_after_ms > 0


MALFORMED = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=8,
    ).map(msgspec.json.encode),
)  # fmt: skip


@settings(max_examples=40)
@given(body=MALFORMED)
def test_bytes_of_every_kind_are_refused_with_both_texts(body: bytes) -> None:
    with terminals_api(NOW) as api:
        api.serve(routes(api.runtime, read_head=no_head), unsigned=(ACTIVATE,))
        for place in (ACTIVATE, ("POST", "/v1/heartbeat")):
            said = failure_of(api.call(*place, body))
            assert said.code in {"envelopes.malformed", "envelopes.unsigned"}


@pytest.mark.parametrize(
    "changes",
    [
        {"head_sequence": 2**63}, {"waiting_amount": -(2**70)}, {"software": "a\x00b"},
        {"stamp": Stamp(corrected_at=ZONELESS, raw_at=NOW, boot_id="", monotonic_s=0)},
        {"devices": (DeviceReport(name="\x00", kind="", state=""),)},
    ],
)  # fmt: skip
def test_values_no_store_can_hold_are_malformed(
    api: TerminalsApi, rows: Rows, changes: dict[str, object]
) -> None:
    device = rows.activated()
    response = api.call("POST", "/v1/heartbeat", beat(**changes), device)
    assert failure_of(response).code == "envelopes.malformed"
