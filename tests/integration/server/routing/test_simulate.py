"""Stored payments are replayed under a file of other rules and contracts."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.errors import Refused
from server.channels.add_account import SIMULATED, add_account
from server.config.routing_command import routing
from server.payments.models import Attempt, Payment
from server.routing.read_plan import read_plan
from tests.factories.server_rows import NOW, Rows


def paid(rows: Rows, amount: int = 10_000, at: datetime = NOW) -> None:
    payment = Payment.objects.create(
        id=rows.id(), organisation=rows.organisation.id, order=rows.id(),
        merchant=rows.merchant.id, store=rows.store.id, terminal=rows.id(), binding_version=1,
        tender="channel", payer="code:x", credential="channel_code", assurance=0,
        total_amount=amount, state="succeeded", fingerprint=b"", mode="online", occurred_at=NOW,
        received_at=NOW, changed_at=NOW, business_on=date(2026, 11, 23),
        booked_on=date(2026, 11, 23),
    )  # fmt: skip
    Attempt.objects.create(
        id=rows.id(), organisation=rows.organisation.id, payment=payment.id, channel="simulated",
        amount=amount, state="succeeded", submitted_at=at, changed_at=NOW,
        route={"kind": "wechat"},
    )  # fmt: skip


def run(database: str, plan: Path, *more: str, day: str = "2026-11-23"):
    given = ["simulate", "--database", database, "--from", day, "--to", day, "--rules", str(plan)]
    return CliRunner().invoke(routing, [*given, *more])


def test_it_tells_counts_sums_and_fees_now_and_then(sqlite_database: str, tmp_path: Path) -> None:
    rows = Rows()
    add_account(rows.organisation.id, rows.id(), SIMULATED, now=NOW, name="other")
    paid(rows)
    paid(rows, 500, NOW + timedelta(seconds=1))
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[[contract]]\nchannel = "simulated"\ncost = { rate_ppm = 6000 }\n'
        '[[contract]]\nchannel = "other"\ncard = { rate_ppm = 3800 }\nday_amount = 10400\n'
    )
    said = run(sqlite_database, plan, "--json")
    assert said.exit_code == 0, said.output
    told = json.loads(said.output)["示例大学"]
    assert told["moved"] == 1
    assert told["channels"]["simulated"]["now"] == {"count": 2, "amount": 10_500, "fee_amount": 0}
    assert told["channels"]["simulated"]["then"] == {"count": 1, "amount": 500, "fee_amount": 0}
    assert told["channels"]["other"]["then"] == {"count": 1, "amount": 10_000, "fee_amount": 38}
    assert "1 would have gone elsewhere." in run(sqlite_database, plan).output
    other_day = run(sqlite_database, plan, "--json", day="2026-11-22")
    assert json.loads(other_day.output)["示例大学"]["channels"] == {}


def test_it_says_so_when_a_payment_would_find_no_channel(
    sqlite_database: str, tmp_path: Path
) -> None:
    paid(Rows())
    plan = tmp_path / "plan.json"
    plan.write_text('{"rule": [{"name": "x", "action": "forbid", "channels": ["simulated"]}]}')
    said = run(sqlite_database, plan)
    assert said.exit_code == 1
    assert "1 would have found no channel: channels.none" in said.output


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ('[[rule]]\nname = "x"\naction = "hide"\nchannels = []', "3", "rule.action"),
        ('[[rule]]\nname = "x"\n\n[[rule]]\nweekdays = [8]', "1", "rule.action"),
        ('[[contract]]\nchannel = "a"\n\n[[contract]]\nchannel = 5', "5", "contract.channel"),
        ('[[contract]]\nchannel = "a"\ncard = { rate = 1 }', "3", "contract.card"),
        ('[[contract]]\nchannel = "a"\nopens = "25:00"', "3", "contract.opens"),
        ("[[rules]]\n", "1", "file"),
        ("rule = 1", "1", "rule"),
        ("rule = [", "1", "file"),
    ],
)
def test_a_plan_that_is_no_good_is_named_by_line_and_field(
    tmp_path: Path, text: str, line: str, field: str
) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(text)
    with pytest.raises(Refused, match=r"routing\.plan_malformed") as caught:
        read_plan(plan)
    assert (caught.value.data["line"], caught.value.data["field"]) == (line, field)
