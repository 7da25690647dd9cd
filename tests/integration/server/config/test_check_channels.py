"""`fanpiao doctor --database` tests each channel as its console page does, and writes nothing."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import Refused
from fanpiao.channel_checks import _told
from fanpiao.findings import Finding
from server.channels.add_account import add_account, set_secrets
from server.channels.models import ChannelAccount, ChannelExchange
from server.config.check_channels import check_channels
from server.config.clock import SystemClock
from server.config.sandboxes import ENVIRONMENT, OwnSandbox, told_account
from tests.factories.server_rows import SECRETS, Rows


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a sandbox that runs beside."""
    running = OwnSandbox(tmp_path_factory.mktemp("sandbox"))
    running.account("alipay")
    yield running.folder
    running.stop()


@pytest.fixture
def rows(database: str, sandbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rows:
    """An organisation, and the server's secrets."""
    secrets = tmp_path / "secrets"
    secrets.write_text(SECRETS.root.hex())
    monkeypatch.setenv("FANPIAO_SECRETS", str(secrets))
    monkeypatch.setenv(ENVIRONMENT, str(sandbox))
    return Rows()


def found() -> dict[str, list[Finding]]:
    now = SystemClock().now()
    checked = check_channels(now, os.urandom)
    return {one.channel: list(_told(one)) for one in checked}


def test_each_channel_is_asked_and_what_is_wrong_is_said_in_words(rows: Rows) -> None:
    now, organisation_id = SystemClock().now(), rows.organisation.id
    for kind in ("wechat", "alipay", "unionpay", "bank"):
        add_account(organisation_id, rows.id(), kind, now=now)
    ChannelAccount.objects.filter(name="simulated").update(is_enabled=False)
    bad = add_account(organisation_id, rows.id(), "wechat", now=now, name="second")
    wrong = {"private_key": "no key at all"}
    set_secrets(bad, wrong, secrets=SECRETS, random=rows.random, now=now)
    told = found()
    codes = {channel: [one.code for one in many] for channel, many in told.items()}
    right = dict.fromkeys(("wechat", "alipay", "unionpay", "bank"), ["channel.ok"])
    assert codes == right | {"simulated": ["channel.off"], "second": ["channel.closed"]}
    for language in ("zh", "en"):
        sentence = told["second"][0].sentence(language)
        assert "private_key" in sentence
        assert "no key at all" not in sentence
    assert not ChannelExchange.objects.exists()


def test_a_provider_that_is_not_there_is_said_in_both_languages(rows: Rows) -> None:
    now, sample = SystemClock().now(), told_account(Path(), "alipay")
    assert sample is not None
    away = add_account(rows.organisation.id, rows.id(), "alipay", now=now, settings=sample.settings)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away.host = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        away.save()
        set_secrets(away, sample.secrets, secrets=SECRETS, random=rows.random, now=now)
        (wrong,) = found()["alipay"]
    assert (wrong.state, wrong.code) == ("wrong", "channel.wrong")
    assert wrong.sentence("zh") != wrong.sentence("en")


def test_without_the_servers_secrets_nothing_is_made_and_it_is_refused(
    rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = tmp_path / "elsewhere" / "secrets"
    monkeypatch.setenv("FANPIAO_SECRETS", str(missing))
    with pytest.raises(Refused, match=r"databases\.missing"):
        found()
    assert not missing.exists()
