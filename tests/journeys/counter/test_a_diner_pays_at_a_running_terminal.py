"""A whole terminal, threads and twins and wire, against a server on loopback."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from domain.authorization import Mode
from domain.errors import Refused
from kiosk_profiles.schema import Profile
from sync import messages
from sync.keystore import FileKeyStore, TerminalSecrets
from sync.messages import Acceptance, PaymentRequest, RecordKind
from terminal_app.headless import Play
from terminal_app.terminal import KEYS, Terminal
from tests.integration.counter import canteen
from tests.integration.counter.bench import profile
from tests.integration.counter.small_server import approved
from tests.integration.sync.loopback_server import (
    Custodian,
    Got,
    Loopback,
    refused,
    running,
    said,
)
from tests.unit.sync import makers


def without_camera() -> Profile:
    canteens = profile(top={"tenders": ("card", "code", "number", "cash")}, face={"mode": "off"})
    devices = tuple(one for one in canteens.devices if one.kind != "camera")
    return msgspec.structs.replace(canteens, devices=devices)


class SystemTime(makers.HandClock):
    """The server's clock runs, as the terminal's does."""

    @property
    def at(self) -> datetime:
        return datetime.now(UTC)

    @at.setter
    def at(self, value: datetime) -> None:
        """Nobody sets it."""


class Site:
    """A server that approves or is away, and terminals bound to it."""

    def __init__(self, loopback: Loopback, folder: Path) -> None:
        self.loopback = loopback
        self.folder = folder
        self.is_up = True
        self.custodian = Custodian(loopback, clock=SystemTime())
        always = {"starts": "00:00", "ends": "00:00"}
        rows = [
            makers.feed_row(number, kind, entity, row)
            for number, (kind, entity, row) in enumerate(canteen.feed_rows(always), 1)
        ]
        self.custodian.pages.append(makers.page(*rows, epoch="E1"))
        loopback.routes["/v1/payments"] = self._pay
        loopback.routes["/v1/health"] = lambda _: (200, b'{"ok":true}')
        FileKeyStore(folder / KEYS).save(
            TerminalSecrets(
                server_url=loopback.url,
                seed=makers.terminal_key().seed,
                binding=makers.activation_answer(),
            )
        )

    def _pay(self, got: Got) -> tuple[int, bytes]:
        assert got.is_signed
        if not self.is_up:
            return refused("server.stopping", 503)
        return said(approved(messages.decode(PaymentRequest, got.body)))

    def terminal(self) -> Terminal:
        return Terminal(without_camera(), self.folder, is_simulated=True)

    def sales(self) -> list[Acceptance]:
        """What the server took custody of."""
        kept = [one for _, one in sorted(self.custodian.kept.items(), key=lambda at: at[0][1])]
        return [
            messages.decode(Acceptance, one.body)
            for one in kept
            if one.kind is RecordKind.ACCEPTANCE
        ]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running() as loopback:
        yield Site(loopback, tmp_path)


def play(site: Site, *steps: dict[str, Any]) -> int:
    """Run a terminal through a script, drained at the end; return what was missed."""
    terminal = site.terminal()
    script = Play(terminal)
    terminal.start()
    try:
        return script.run(io.StringIO("\n".join(json.dumps(step) for step in steps)))
    finally:
        terminal.stop()


OPEN: list[dict[str, Any]] = [
    {"ready_within_s": 20},
    {"press": "pin_entered", "pin": canteen.CASHIER_PIN},
    {"press": "day_accepted"},
    {"key": "serving_started"},
    {"until": "armed"},
    {"wait_s": 0.4},
]
CARD: list[dict[str, Any]] = [
    {"device": "reader", "present_hex": canteen.CARD.hex()},
    {"until": "approved"},
    {"device": "reader", "remove": True},
    {"until": "armed"},
]


def test_a_card_is_charged_and_the_record_reaches_the_server(site: Site) -> None:
    assert play(site, *OPEN, *CARD, {"wait_s": 0.5}) == 0
    (sale,) = site.sales()
    assert sale.mode is Mode.ONLINE
    assert sale.request.intent.total == canteen.LUNCH_AMOUNT


def test_with_the_server_away_the_same_card_pays_and_drains_later(site: Site) -> None:
    site.is_up = False
    assert play(site, *OPEN, *CARD, {"undo": "newest"}, {"wait_s": 0.5}) == 0
    (sale,) = site.sales()
    assert sale.mode is Mode.OFFLINE
    assert sale.policy_version == 7
    kinds = [one.kind for one in site.custodian.kept.values()]
    assert RecordKind.REFUND in kinds


def test_a_mistake_in_a_script_is_told_by_line(site: Site) -> None:
    with pytest.raises(Refused, match=r"scripts\.mistake") as raised:
        play(site, {"wait_s": 0}, {"press": "nothing_of_the_kind"})
    assert raised.value.data["line"] == 2


def test_a_state_never_reached_is_counted(site: Site) -> None:
    assert play(site, {"until": "approved", "within_s": 0.1}) == 1
