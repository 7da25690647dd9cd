"""The payout bank's page asks a real bank of the sandbox whether it knows our signature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from server.sandbox.frame import PeerClock
from server.sandbox.payout_bank.peer import PayoutBankPeer
from server.sandbox.run import Sandbox
from server.settlement.models import PayoutBankSettings
from tests.factories.clocks import StandingClock
from tests.factories.server_rows import Rows
from tests.factories.staff import sign_in, staff

URL = reverse("console:payout_bank")


@pytest.fixture
def bank(tmp_path: Path, sqlite_database: str, settings: Any) -> Iterator[Any]:
    rows = Rows(65_000)
    settings.CLOCK = StandingClock(rows.now)
    sandbox = Sandbox(None, tmp_path, [PayoutBankPeer], clock=PeerClock(lambda: rows.now))
    running = sandbox.running["payout_bank"]
    sample = running.peer.account()
    user = staff("adele", "administrator", rows.organisation.id)
    client = sign_in(Client(HTTP_ACCEPT_LANGUAGE="en"), user)
    typed = {
        "do": "save", "host": running.host, "is_enabled": "on",
        "party": sample.settings["party"], "bank": sample.settings["bank"],
        "bank_key": sample.settings["bank_key"],
        "private_key": sample.secrets["private_key"],
    }  # fmt: skip
    yield client, typed
    sandbox.stop()


def test_a_bank_that_knows_us_says_so_and_one_that_does_not_is_told_apart(bank: Any) -> None:
    client, typed = bank

    def said(**changes: str) -> str:
        kept = client.post(URL, {**typed, **changes}, follow=True).content.decode()
        assert "Saved." in kept
        tested = client.post(URL, {"do": "test"}, follow=True)
        assert tested.status_code == 200
        return str(tested.content.decode())

    assert "knows our signature" in said()
    assert "no clear answer" in said(party="SOMEBODY")
    assert "knows our signature" in said(private_key="")
    assert PayoutBankSettings.objects.count() == 1
