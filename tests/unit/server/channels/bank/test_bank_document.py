"""What docs/bank-link.md promises a bank is what our side does."""

import re
from pathlib import Path

from domain.emvco import objects, parse
from server.channels.channel import BillKind, Created, Unknown
from server.channels.providers.bank import answers, bills, signing
from tests.unit.server.channels.peer_bench import NOON, Bench

DOCUMENT = (Path(__file__).parents[5] / "docs/bank-link.md").read_text(encoding="utf-8")


def section(number: int) -> str:
    return DOCUMENT.split(f"\n## {number}. ")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]


def test_its_codes_are_those_that_we_know_and_no_others():
    listed = {code for row in rows(section(5)) for code in re.findall(r"`([a-z_]+)`", row[0])}
    silent = {"not_found", "busy", "replayed"}
    tables = (answers.REFUSALS, answers.NOT_REVERSED, answers.REFUNDS_REFUSED, bills.CODES)
    assert listed == silent.union(*tables)


def test_its_states_are_those_that_we_know():
    for row in rows(section(3)):
        (state,) = re.findall(r"`([a-z]+)`", row[0])
        said = answers.stands(state, "insufficient_funds", "r")
        assert not isinstance(said, Unknown), state


def test_its_example_is_signed_by_these_very_bytes():
    lines = [line[4:] for line in section(2).splitlines() if line.startswith("    ")]
    message = "".join(f"{line}\n" for line in lines).encode()
    args = ("GET", "/bank-link/v1/echo", "m1", "1700000000", "00ff", b"")
    assert signing.request_message(*args) == message


def test_its_headers_are_ours():
    listed = {row[0].strip("`") for row in rows(section(2)) if row[0].startswith("`Bank-Link-")}
    assert set(signing.headers(signing.Stamp("a", "b", "c", "d", "e"))) == listed


def test_its_statement_is_read():
    lines = [line[4:] for line in section(7).splitlines() if line.startswith("    ")]
    items = bills.read_lines("\n".join(lines).encode())
    assert [item.amount for item in items] == [1234, 234]
    assert BillKind.TRADE.value in section(7)


def test_its_code_to_scan_is_what_we_draw(bench: Bench):
    said = bench.create()
    assert isinstance(said, Created)
    read = parse(said.code_text)
    assert objects(read.accounts["26"])["00"] == "cn.fanpiao.banklink"
    assert "cn.fanpiao.banklink" in section(3)
    assert read.category == "5812"


def test_its_window_is_ours():
    assert "300 s away" in section(2)
    assert signing.is_fresh(str(int(NOON.timestamp()) - 300), NOON)
    assert not signing.is_fresh(str(int(NOON.timestamp()) - 301), NOON)
    assert not signing.is_fresh("soon", NOON)
