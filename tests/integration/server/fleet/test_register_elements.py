"""A device is registered for one merchant at a time, and for as long as it serves there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from domain.errors import Refused
from server.audit.run_audit import run_audit
from server.fleet.models import Registration, Terminal
from server.fleet.rebind_terminal import rebind_terminal
from server.fleet.register_elements import Elements, register_elements
from server.fleet.retire_terminal import retire_terminal
from server.fleet.revoke_terminal import revoke_terminal
from tests.factories.server_rows import NOW, Rows

TYPED = Elements("SN-00012345", "48021000", "6222020200001234500", "东区食堂一楼 3 号窗口")


def register(rows: Rows, terminal: Terminal, **changes: Any) -> Registration:
    elements = replace(TYPED, **changes)
    return register_elements(terminal, elements, now=NOW, random=rows.random, by="a")


def is_open(registration: Registration) -> bool:
    registration.refresh_from_db()
    return registration.ended_at is None


def misplaced() -> bool:
    return "r14_organisations" in run_audit(NOW).broken


def test_the_same_again_changes_nothing_and_another_word_replaces_it(database: str) -> None:
    rows = Rows()
    terminal = rows.new_terminal()
    first = register(rows, terminal)
    assert register(rows, terminal).id == first.id
    second = register(rows, terminal, location="东区食堂二楼")
    assert (is_open(first), is_open(second)) == (False, True)
    assert second.merchant_id == terminal.merchant_id


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("serial", "SN 1"), ("serial", ""), ("acquirer", "48-02"), ("account", "62220A"),
        ("location", " 一楼"), ("location", "一" * 201),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_named(database: str, name: str, typed: str) -> None:
    rows = Rows()
    with pytest.raises(Refused) as refusal:
        register(rows, rows.new_terminal(), **{name: typed})
    assert refusal.value.code == f"terminals.{name}_wrong"


def test_a_device_is_one_merchants_alone(database: str) -> None:
    rows = Rows()
    here, there = rows.new_terminal(), rows.new_terminal("2 号窗口")
    mine = register(rows, here)
    with pytest.raises(Refused, match="serial_taken"):
        register(rows, there)
    with pytest.raises(IntegrityError), transaction.atomic():
        Registration.objects.create(
            id=rows.id(), organisation=rows.organisation, terminal=there, merchant=rows.merchant,
            serial=TYPED.serial, acquirer="1", account="1", location="1", registered_at=NOW,
        )  # fmt: skip
    retire_terminal(here, now=NOW)
    assert not is_open(mine)
    assert is_open(register(rows, there))
    with pytest.raises(Refused, match="not_here"):
        register(rows, here)


def test_a_counter_that_moves_to_another_merchant_is_registered_no_more(database: str) -> None:
    rows = Rows()
    terminal = rows.new_terminal()
    first = register(rows, terminal)
    rebind_terminal(terminal, rows.new_store("annex"), "canteen", now=NOW, random=rows.random)
    assert is_open(first)
    other = rows.new_store("shop", merchant=rows.new_merchant())
    rebind_terminal(terminal, other, "shop", now=NOW, random=rows.random)
    assert not is_open(first)
    terminal.refresh_from_db()
    again = register(rows, terminal)
    assert again.merchant_id == other.merchant_id
    assert not misplaced()
    revoke_terminal(terminal, now=NOW)
    assert not is_open(again)


def test_the_audit_finds_a_counter_at_another_merchants_store(database: str) -> None:
    rows = Rows()
    terminal = rows.new_terminal()
    register(rows, terminal)
    assert not misplaced()
    other = rows.new_merchant()
    Registration.objects.update(merchant=other)
    assert misplaced()
    Registration.objects.update(merchant=rows.merchant)
    Terminal.objects.update(merchant=other)
    assert misplaced()
