"""`fanpiao cards`: keys made, a card issued and inspected, on a real card service."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from devices.simulated.pcscd import READER
from devices.simulated.virtual_card import CardProcess
from fanpiao.cli import run
from tests.factories.own_pcscd import own_pcscd

UID = bytes.fromhex("04A1B2C3D4E5F6")
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
