"""`fanpiao cards`: keys made, a card issued and inspected, on a real card service."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from devices.cards.bank_card import IDENTITY_SIZE
from devices.simulated.pcscd import READER
from devices.simulated.virtual_card import CardProcess
from domain.card_numbers import read_number
from fanpiao.cli import run
from tests.factories.own_pcscd import own_pcscd

UID = bytes.fromhex("04A1B2C3D4E5F6")
PHONE, NUMBER = bytes.fromhex("08A1B2C3"), "6217000000000000004"
AT = ["--reader", f"{READER} 00 00"]


@pytest.fixture(scope="module")
def service():
    yield from own_pcscd()


def said(capsys: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_a_card_is_issued_and_proves_itself_at_its_site_alone(service, tmp_path, capsys):
    master, east, west = (str(tmp_path / name) for name in ("master", "east", "west"))
    assert run(["cards", "master-key", master]) == 0
    for site, file in (("east", east), ("west", west)):
        assert run(["cards", "site-key", "--master", master, "--site", site, file]) == 0
    card = CardProcess(service.ports[0])
    try:
        card.insert(UID, "desfire")
        _until_seen(capsys)
        issue = ["cards", "issue", "--master", master, "--site", "east", *AT, "--json"]
        assert run(issue) == 0
        assert said(capsys) == {
            "uid": UID.hex().upper(), "type": "desfire", "proven": True, "site": "east",
        }  # fmt: skip
        assert run(issue) == 0, "issued twice is issued"
        capsys.readouterr()
        assert run(["cards", "inspect", "--keys", east, *AT, "--json"]) == 0
        assert said(capsys)["proven"] is True
        assert run(["cards", "inspect", "--keys", west, *AT, "--json"]) == 1
        assert said(capsys)["proven"] is False
    finally:
        card.remove()
        card.close()


def test_a_bank_card_says_what_it_is_enrolled_by_and_never_its_number(service, tmp_path, capsys):
    master, east, plain = (str(tmp_path / name) for name in ("master", "east", "plain"))
    site = ["cards", "site-key", "--master", master, "--site", "east"]
    assert run(["cards", "master-key", master]) == 0
    assert run([*site, "--bank-cards", east]) == 0
    assert run([*site, plain]) == 0
    card = CardProcess(service.ports[0])
    try:
        card.insert(PHONE, f"bank:{NUMBER}")
        _until_seen(capsys)
        assert run(["cards", "inspect", "--keys", east, *AT, "--json"]) == 0
        found = said(capsys)
        assert (found["type"], found["uid"]) == ("bank_or_social", PHONE.hex().upper())
        assert found["random_uid"] is True
        known_by = read_number(found["known_by"], "hex")
        assert known_by is not None
        assert len(known_by) == IDENTITY_SIZE
        assert run(["cards", "inspect", "--keys", east, *AT]) == 0
        told = capsys.readouterr()
        assert found["known_by"] in told.out
        assert NUMBER not in told.out + told.err + str(found)
        assert run(["cards", "inspect", "--keys", plain, *AT, "--json"]) == 1
        assert said(capsys)["known_by"] == PHONE.hex().upper()
    finally:
        card.remove()
        card.close()


def _until_seen(capsys: Any) -> None:
    """The service looks for cards every 0.4 s."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if run(["cards", "inspect", *AT]) == 0:
            capsys.readouterr()
            return
    raise AssertionError("the card was never seen")


def test_a_key_is_never_written_over(tmp_path):
    master = str(tmp_path / "master")
    assert run(["cards", "master-key", master]) == 0
    assert run(["cards", "master-key", master]) == 2


def test_a_master_key_proves_nothing_at_a_counter(tmp_path, capsys):
    master = str(tmp_path / "master")
    run(["cards", "master-key", master])
    assert run(["cards", "inspect", "--keys", master]) == 2
    assert "read key only" in capsys.readouterr().err
