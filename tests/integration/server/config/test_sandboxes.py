"""A server without a merchant account takes payments from its own sandbox, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from domain.payment_codes import KnownCode, recognise
from server.channels.add_account import add_account, set_secrets
from server.channels.channel import Charge, Succeeded
from server.channels.exchanges import Listener, save
from server.channels.models import ChannelExchange, ChannelNote
from server.channels.open_accounts import OpenAccounts, SandboxAccount
from server.channels.open_channels import Channels
from server.config.clock import SystemClock
from server.config.sandboxes import OwnSandbox
from server.config.wiring import providers
from tests.factories.clocks import StandingClock
from tests.factories.server_rows import SECRETS, Rows

CODES = {
    "wechat": "134567890123456700",
    "alipay": "284567890123456700",
    "unionpay": "6234567890123456700",
}


@pytest.fixture
def house(database: str, tmp_path: Path) -> Iterator[tuple[Rows, Channels]]:
    rows, sandbox = Rows(), OwnSandbox(tmp_path / "sandbox")
    listener = Listener(httpx.Client(trust_env=False), rows.random)
    accounts = OpenAccounts(
        providers=providers(), secrets=SECRETS, tools=listener, clock=SystemClock(),
        sandbox=sandbox.account, notices="http://127.0.0.1:9/v1/notices/",
    )  # fmt: skip
    yield rows, Channels(accounts, listener, accounts.place_of)
    listener.close()
    sandbox.stop()


@pytest.mark.parametrize("kind", sorted(CODES))
def test_a_payers_code_is_charged_at_the_sandbox_and_its_answer_kept(
    house: tuple[Rows, Channels], kind: str
) -> None:
    rows, channels = house
    now = SystemClock().now()
    add_account(rows.organisation.id, rows.id(), kind, now=now)
    known = recognise(CODES[kind])
    assert isinstance(known, KnownCode)
    offers = {offer.channel: offer for offer in channels.offers(rows.organisation.id, now)}
    assert known.kind in offers[kind].kinds
    charge = Charge("ab" * 16, 1_200, CODES[kind], "示例食堂", "hall", "1")
    with channels.listening() as heard:
        said = channels.pay(rows.organisation.id, kind, charge, now)
    assert isinstance(said, Succeeded), said
    save(heard)
    kept = [bytes(row.answer) for row in ChannelExchange.objects.filter(channel=kind)]
    assert kept
    assert all(CODES[kind].encode() not in answer for answer in kept)
    channel = channels.named(rows.organisation.id, kind)
    assert channel is not None
    assert isinstance(channel.query("ab" * 16, now), Succeeded)
    assert ChannelNote.objects.exists() == (kind == "unionpay")


def test_an_account_that_cannot_be_opened_is_not_offered_and_the_others_are(
    house: tuple[Rows, Channels],
) -> None:
    rows, channels = house
    now = SystemClock().now()
    add_account(rows.organisation.id, rows.id(), "alipay", now=now)
    bad = add_account(rows.organisation.id, rows.id(), "wechat", now=now)
    set_secrets(bad, {"private_key": "no key"}, secrets=SECRETS, random=rows.random, now=now)
    assert {o.channel for o in channels.offers(rows.organisation.id, now)} == {
        "alipay", "simulated",
    }  # fmt: skip


def test_of_two_servers_with_one_folder_the_second_uses_the_firsts_sandbox(tmp_path: Path) -> None:
    first, second = OwnSandbox(tmp_path / "sandbox"), OwnSandbox(tmp_path / "sandbox")
    here, there = first.account("wechat"), second.account("wechat")
    assert here is not None
    assert there == here
    second.stop()
    assert httpx.get(f"{here.host}/_control/books", trust_env=False).status_code == 200
    first.stop()
    again = second.account("wechat")
    assert again is not None
    assert httpx.get(f"{again.host}/_control/books", trust_env=False).status_code == 200
    second.stop()


def test_an_account_whose_sandbox_was_late_is_opened_at_a_later_look(
    database: str, tmp_path: Path
) -> None:
    rows, sandbox, late = Rows(), OwnSandbox(tmp_path / "sandbox"), [True]

    def account(provider: str) -> SandboxAccount | None:
        if late:
            raise ValueError("no sandbox yet")
        return sandbox.account(provider)

    listener, clock = Listener(httpx.Client(trust_env=False), rows.random), StandingClock()
    accounts = OpenAccounts(
        providers=providers(), secrets=SECRETS, tools=listener, clock=clock,
        sandbox=account, notices="http://127.0.0.1:9/v1/notices/",
    )  # fmt: skip
    add_account(rows.organisation.id, rows.id(), "alipay", now=clock.now())
    assert "alipay" not in accounts(rows.organisation.id, is_current=True)
    late.clear()
    clock.move(seconds=2)
    assert "alipay" in accounts(rows.organisation.id, is_current=True)
    listener.close()
    sandbox.stop()
