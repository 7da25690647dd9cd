"""The one link: who gets one, how long it lives, and that it works once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from domain.errors import Refused
from server.console.first_run.link import (
    CLAIM_VALID_FOR,
    LINK_VALID_FOR,
    READ_FOR,
    check_token,
    claim,
    finish,
    make_link,
)
from server.console.first_run.steps import Step, present_step
from server.console.first_run.take_step import (
    SAMPLE_CASH,
    SAMPLES,
    Making,
    add_samples,
    import_list,
    set_up_operator,
    set_up_site,
)
from server.console.models import FirstRun
from server.organisations.models import Organisation
from server.people.models import Person
from tests.factories.server_rows import NOW, SECRETS, Randomness, Rows
from tests.factories.staff import staff

RANDOM = Randomness(3)


def link_at(minutes: int = 0) -> str | None:
    return make_link(now=NOW + timedelta(minutes=minutes), random=RANDOM, secrets=SECRETS)


def token_of(link: str | None) -> str:
    assert link is not None
    return link.rstrip("/").rsplit("/", 1)[1]


def refused(token: str, after: timedelta = timedelta()) -> str:
    with pytest.raises(Refused) as refusal:
        check_token(token, now=NOW + after, secrets=SECRETS)
    return refusal.value.code


def test_an_empty_server_has_a_link_and_the_newest_alone_counts(database: str) -> None:
    first, second = token_of(link_at()), token_of(link_at(1))
    assert refused(first) == "first_run.used"
    check_token(second, now=NOW, secrets=SECRETS)
    assert bytes.fromhex(second) not in bytes(FirstRun.objects.get().token_hash)


def test_a_link_expires_and_is_used_once(sqlite_database: str) -> None:
    token = token_of(link_at())
    assert refused(token, LINK_VALID_FOR) == "first_run.expired"
    claim(token, now=NOW, random=RANDOM, secrets=SECRETS)
    assert refused(token) == "first_run.used"
    assert refused("0" * 48) == "first_run.used"


def test_a_claim_is_this_browsers_and_ends_after_a_day(sqlite_database: str) -> None:
    ticket = claim(token_of(link_at()), now=NOW, random=RANDOM, secrets=SECRETS)
    run = FirstRun.objects.get()
    assert run.expires_at == NOW + CLAIM_VALID_FOR
    assert ticket.encode() not in bytes(run.claim_hash)
    stranger = Client()
    assert stranger.get("/console/first-run/").status_code == 403
    stranger.cookies["fanpiao_first_run"] = "0" * 48
    assert stranger.get("/console/first-run/").status_code == 403
    assert stranger.post("/console/first-run/", {"step": "site"}).status_code == 403


def test_with_the_set_up_the_browsers_turn_is_over_too(sqlite_database: str) -> None:
    claim(token_of(link_at()), now=NOW, random=RANDOM, secrets=SECRETS)
    run = FirstRun.objects.get()
    finish(run, now=NOW + timedelta(minutes=20))
    assert run.expires_at == NOW + timedelta(minutes=20) + READ_FOR
    run.expires_at = NOW + timedelta(minutes=21)
    finish(run, now=NOW + timedelta(minutes=20))
    assert run.expires_at == NOW + timedelta(minutes=21)


def test_whoever_can_sign_in_needs_no_link(sqlite_database: str) -> None:
    Rows()
    staff("root")
    assert link_at() is None


def test_a_canteen_nobody_can_sign_in_to_gets_a_link_for_the_account_alone(
    sqlite_database: str,
) -> None:
    Rows()
    assert link_at() is not None
    assert present_step(FirstRun.objects.get()) is Step.ADMINISTRATOR
    staff("root")
    assert present_step(FirstRun.objects.get()) is Step.DONE
    assert link_at() is None


def begun() -> tuple[FirstRun, Making]:
    link_at()
    run, making = FirstRun.objects.get(), Making(NOW, RANDOM, SECRETS)
    set_up_site(run, {"organisation": "一中", "site": "主校区", "store": "一食堂"}, making)
    run.save()
    return run, making


def test_each_step_is_found_again_from_what_is_there(sqlite_database: str) -> None:
    run, making = begun()
    assert present_step(FirstRun.objects.get()) is Step.OPERATOR
    set_up_operator(run, {"name": "王师傅", "pin": "246810"}, making)
    assert present_step(FirstRun.objects.get()) is Step.ADMINISTRATOR
    run.skipped = ["administrator", "meals"]
    run.save()
    assert present_step(FirstRun.objects.get()) is Step.PEOPLE
    assert Organisation.objects.count() == 1


def test_the_sample_people_have_money_and_the_books_add_up(database: str) -> None:
    from server.audit.run_audit import run_audit
    from server.feed.epoch import ensure_epoch
    from server.feed.sequencer import Sequencer
    from server.ledger.models import Account

    run, making = begun()
    with transaction.atomic():
        add_samples(run, making)
    assert Person.objects.count() == SAMPLES
    cash = Account.objects.filter(owner_kind="person", kind="cash")
    assert [account.balance for account in cash] == [SAMPLE_CASH] * SAMPLES
    ensure_epoch(RANDOM)
    Sequencer(RANDOM).step(NOW)
    assert run_audit(NOW).findings == ()


def test_a_list_with_a_mistake_imports_nobody_and_names_the_cell(sqlite_database: str) -> None:
    run, making = begun()
    data = "编号,姓名\n1001,张三\n1001,李四\n".encode()
    with pytest.raises(Refused) as refusal:
        import_list(run, data, "x.csv", making)
    assert refusal.value.code == "first_run.list_wrong"
    assert refusal.value.data["row"] == 3
    assert Person.objects.count() == 0
