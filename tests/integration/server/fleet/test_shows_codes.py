"""Whether a counter may show a code to be scanned: what the server's heartbeat answer promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from server.channels.breaker import FAILURES
from server.channels.channel import Charge, PayOutcome, Unknown, Way
from server.channels.open_channels import Channels, Opened
from server.channels.providers.simulated.channel import SimulatedChannel
from server.fleet.api import routes
from server.fleet.record_heartbeat import Head
from server.fleet.revoke_terminal import revoke_terminal
from sync.messages import Heartbeat, HeartbeatAnswer, Stamp, decode, encode
from tests.factories.server_rows import NOW, Device, Rows
from tests.factories.terminals_api import TerminalsApi, terminals_api

OURS, THEIRS = UUID(int=1), UUID(int=2)
JOURNAL = UUID(int=7)
SHOWN = frozenset({Way.SCAN.value})
SCANNED = frozenset({"wechat"})


class Dead(SimulatedChannel):
    """Answers nothing that could be an answer."""

    def pay(self, charge: Charge, now: datetime) -> PayOutcome:
        return Unknown("dead")


def channels(path: Path, kinds: frozenset[str], *, is_enabled: bool = True) -> Channels:
    opened = Opened(Dead(path), kinds, is_enabled)

    def source(organisation_id: UUID, /, *, is_current: bool) -> Mapping[str, Opened]:
        return {"one": opened} if organisation_id == OURS else {}

    return Channels(source)


def test_a_channel_whose_orders_are_opened_takes_them(tmp_path: Path) -> None:
    assert channels(tmp_path / "c", SHOWN).takes_orders(OURS, NOW)
    assert channels(tmp_path / "d", SHOWN | SCANNED).takes_orders(OURS, NOW)


def test_one_that_only_charges_what_it_scans_does_not(tmp_path: Path) -> None:
    assert not channels(tmp_path / "c", SCANNED).takes_orders(OURS, NOW)


def test_one_that_is_switched_off_does_not(tmp_path: Path) -> None:
    assert not channels(tmp_path / "c", SHOWN, is_enabled=False).takes_orders(OURS, NOW)


def test_another_organisations_channel_is_not_ours(tmp_path: Path) -> None:
    assert not channels(tmp_path / "c", SHOWN).takes_orders(THEIRS, NOW)


def test_one_that_answers_nothing_is_left_in_peace(tmp_path: Path) -> None:
    made = channels(tmp_path / "c", SHOWN)
    for number in range(FAILURES):
        charge = Charge(f"{number:032x}", 100, "13" + "0" * 16)
        made.pay(OURS, "one", charge, NOW)
    assert not made.takes_orders(OURS, NOW)


# --- and the heartbeat says it ------------------------------------------------------------------


class Promise:
    """What the channels say, and whom they were asked about."""

    def __init__(self) -> None:
        self.is_kept = True
        self.asked: list[UUID] = []

    def __call__(self, organisation_id: UUID, _now: datetime) -> bool:
        self.asked.append(organisation_id)
        return self.is_kept


@pytest.fixture
def promise() -> Promise:
    return Promise()


@pytest.fixture
def api(sqlite_database: str, promise: Promise) -> Iterator[TerminalsApi]:
    with terminals_api(NOW) as made:
        head = Head(JOURNAL, 3, b"h" * 32)
        made.serve(
            routes(made.runtime, read_head=lambda *_: head, shows_codes=promise),
            unsigned=(("POST", "/v1/activate"),),
        )
        yield made


def beat(api: TerminalsApi, device: Device) -> HeartbeatAnswer:
    stamp = Stamp(corrected_at=NOW, raw_at=NOW, boot_id="b", monotonic_s=1.0)
    said = Heartbeat(
        journal_id=JOURNAL, head_sequence=9, head_hash=b"x" * 32, acknowledged_sequence=7,
        waiting_count=0, waiting_amount=0, epoch="e", cursor=5, stamp=stamp, software="1",
    )  # fmt: skip
    return decode(HeartbeatAnswer, api.call("POST", "/v1/heartbeat", encode(said), device).content)


def test_an_active_counter_is_told_both_ways_and_of_its_own_organisation(
    api: TerminalsApi, promise: Promise
) -> None:
    rows = Rows()
    device = rows.activated(rows.new_terminal())
    assert beat(api, device).shows_codes
    promise.is_kept = False
    assert not beat(api, device).shows_codes
    assert set(promise.asked) == {rows.organisation.id}


def test_a_revoked_counter_shows_nothing(api: TerminalsApi, promise: Promise) -> None:
    rows = Rows()
    device = rows.activated(rows.new_terminal())
    revoke_terminal(device.terminal, now=NOW)
    answer = beat(api, device)
    assert promise.is_kept
    assert answer.state == "revoked"
    assert not answer.shows_codes
