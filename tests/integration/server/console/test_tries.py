"""Guessing a second factor many times at once is no faster than one after the other."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from domain.errors import Refused
from server.console.signing_in import tries
from tests.factories.server_rows import NOW, SECRETS

KINDS = tries.factor_kinds(7)
WITHIN_S = 10.0


def wrong(times: int) -> None:
    for _ in range(times):
        tries.count_wrong(KINDS, now=NOW, secrets=SECRETS)


def test_a_try_that_comes_meanwhile_meets_what_the_one_before_it_was_counted_as(
    postgresql_database: str,
) -> None:
    said: list[str] = []

    def guess() -> None:
        try:
            with tries.one_at_a_time(KINDS, now=NOW, secrets=SECRETS):
                tries.refuse_too_many(KINDS, now=NOW, secrets=SECRETS)
            said.append("looked at")
        except Refused as refused:
            said.append(refused.code)
        finally:
            connection.close()

    wrong(0)
    with tries.one_at_a_time(KINDS, now=NOW, secrets=SECRETS):
        second = threading.Thread(target=guess)
        second.start()
        until_it_waits_or_ends(second)
        wrong(5)
    second.join(WITHIN_S)
    assert said == ["staff.too_many_tries"]


def until_it_waits_or_ends(thread: threading.Thread) -> None:
    """The other's lock shows in the database; without a lock the thread is through already."""
    for _ in range(round(WITHIN_S / 0.01)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        thread.join(0.01)
        if not thread.is_alive():
            return
    raise AssertionError("neither waiting nor through")


def test_the_right_answer_forgives_and_the_next_wrong_one_is_the_first(database: str) -> None:
    wrong(4)
    tries.forgive(KINDS, secrets=SECRETS)
    wrong(4)
    tries.refuse_too_many(KINDS, now=NOW, secrets=SECRETS)
    wrong(1)
    with pytest.raises(Refused, match=r"staff\.too_many_tries"):
        tries.refuse_too_many(KINDS, now=NOW, secrets=SECRETS)
    tries.refuse_too_many(KINDS, now=NOW + timedelta(hours=1), secrets=SECRETS)
