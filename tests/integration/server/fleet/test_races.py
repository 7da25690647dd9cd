"""Two at once: one code binds one device, and a revocation keeps the last word it was given."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from domain.errors import Refused
from server.fleet.activate_terminal import activate_terminal
from server.fleet.models import DataKey, KeyState, Terminal, TerminalKey
from server.fleet.record_heartbeat import record_heartbeat
from server.fleet.revoke_terminal import revoke_terminal
from sync import signing
from sync.messages import Heartbeat, Stamp
from tests.factories.server_rows import NOW, SECRETS, Randomness, Rows, request_for
from tests.factories.terminals import identity_of

DEVICES = 4


def together(*works: Any) -> list[Any]:
    """Run `works` at the same moment, each on a thread with a connection of its own."""
    start = threading.Barrier(len(works))

    def run(work: Any) -> Any:
        try:
            start.wait(10)
            return work()
        except Refused as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_one_code_binds_one_of_many_devices(database: str) -> None:
    rows = Rows()
    terminal = rows.new_terminal()
    code = rows.code_for(terminal)
    keys = [signing.TerminalKey.generate(rows.random) for _ in range(DEVICES)]

    def activating(place: int) -> Any:
        request = request_for(code, keys[place])
        return lambda: activate_terminal(
            request, now=NOW, random=Randomness(100 + place), secrets=SECRETS
        )

    answers = together(*(activating(place) for place in range(DEVICES)))
    refused = [answer for answer in answers if isinstance(answer, str)]
    assert refused == ["activation.used_code"] * (DEVICES - 1)
    assert TerminalKey.objects.filter(state=KeyState.ACTIVE).count() == 1
    assert DataKey.objects.filter(ended_at__isnull=True).count() == 1


def test_a_heartbeat_beside_a_revocation_leaves_the_terminal_revoked(database: str) -> None:
    rows = Rows()
    device = rows.activated()
    stamp = Stamp(corrected_at=NOW, raw_at=NOW, boot_id="b", monotonic_s=1.0)
    said = Heartbeat(
        journal_id=rows.id(), head_sequence=9, head_hash=b"", acknowledged_sequence=9,
        waiting_count=0, waiting_amount=0, epoch="", cursor=0, stamp=stamp, software="1",
    )  # fmt: skip
    identity = identity_of(device)
    together(
        lambda: record_heartbeat(identity, said, now=NOW, read_head=lambda *_: None),
        lambda: revoke_terminal(device.terminal, now=NOW),
    )
    stored = Terminal.objects.get(id=device.terminal.id)
    assert (stored.state, stored.revoked_at) == ("revoked", NOW)
    assert not DataKey.objects.filter(ended_at__isnull=True).exists()
