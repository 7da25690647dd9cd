"""The end of a school year: everybody moves up at once, and graduates leave on their last day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import Refused
from server.feed.models import Marker
from server.people import bulk_change
from server.people.models import BulkChange, Card, Person
from server.people.move_classes import (
    LEAVE,
    keep_staying,
    register_moves,
    try_leaving,
    try_move,
)
from server.work.models import Due
from server.work.worker import Worker
from tests.factories.server_rows import NOW, Rows

LAST_DAY = date(2026, 11, 30)
OVER_AT = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai."""
UP = {"七年级": "八年级", "八年级": "九年级", "九年级": LEAVE}


@pytest.fixture(autouse=True)
def _registered() -> None:
    register_moves()


@pytest.fixture
def rows(database: str) -> Rows:
    made = Rows()
    for number, name in (("7", "七年级"), ("8", "八年级"), ("9", "九年级")):
        person = made.new_person(number, f"张{name}")
        Person.objects.filter(id=person.id).update(department=name)
    return made


def done(rows: Rows, trial: bulk_change.Trial) -> BulkChange:
    organisation = rows.organisation.id
    change = bulk_change.keep_trial(organisation, trial, now=NOW, random=rows.random, by="a")
    bulk_change.confirm_change(change, now=NOW, random=rows.random, by="b")
    while not bulk_change.work_off(organisation, change.id, now=NOW, random=rows.random):
        pass
    Due.objects.filter(kind=bulk_change.KIND).delete()
    change.refresh_from_db()
    return change


def classes() -> dict[str, str]:
    return dict(Person.objects.values_list("number", "department"))


def state(number: str) -> str:
    return Person.objects.get(number=number).state


def test_all_classes_move_at_once_and_do_not_chain(rows: Rows) -> None:
    versions = dict(Person.objects.values_list("number", "version"))
    trial = try_move(rows.organisation.id, UP, LAST_DAY, now=NOW)
    assert trial.tally == {"moved": 2, "leaving": 1}
    assert classes() == {"7": "七年级", "8": "八年级", "9": "九年级"}
    assert done(rows, trial).outcome == {"moved": 2, "leaving": 1}
    assert classes() == {"7": "八年级", "8": "九年级", "9": "九年级"}
    after = dict(Person.objects.values_list("number", "version"))
    assert all(after[number] > versions[number] for number in after)
    assert Marker.objects.filter(kind="person").count() == 3


def test_graduates_leave_when_their_last_day_is_over(rows: Rows) -> None:
    card = rows.new_card(Person.objects.get(number="9"))
    done(rows, try_move(rows.organisation.id, UP, LAST_DAY, now=NOW))
    worker = Worker()
    worker.step(OVER_AT - timedelta(seconds=1))
    assert state("9") == "active"
    worker.step(OVER_AT)
    assert (state("9"), state("8")) == ("left", "active")
    assert Card.objects.get(id=card.id).state == "returned"
    assert not Due.objects.exists()


def test_leaving_can_be_put_off_and_taken_back(rows: Rows) -> None:
    nine = Person.objects.get(number="9")
    done(rows, try_leaving(rows.organisation.id, [nine.id], LAST_DAY, now=NOW))
    later = LAST_DAY + timedelta(days=7)
    done(rows, try_leaving(rows.organisation.id, [nine.id], later, now=NOW))
    Worker().step(OVER_AT)
    assert state("9") == "active"
    keep_staying(Person.objects.get(number="9"))
    Worker().step(OVER_AT + timedelta(days=30))
    assert (state("9"), Person.objects.get(number="9").leaves_on) == ("active", None)


def test_who_was_moved_elsewhere_meanwhile_stays_there(rows: Rows) -> None:
    trial = try_move(rows.organisation.id, UP, LAST_DAY, now=NOW)
    Person.objects.filter(number="7").update(department="国际班")
    assert done(rows, trial).outcome == {"moved": 1, "leaving": 1, "skipped": 1}
    assert classes()["7"] == "国际班"


@pytest.mark.parametrize(
    ("mapping", "day", "code"),
    [
        ({"九年级": LEAVE}, None, "people.leaves_in_past"),
        ({"九年级": LEAVE}, date(2026, 11, 22), "people.leaves_in_past"),
        ({"没有": "一班"}, None, "people.nobody"),
        ({"七年级": "七年级"}, None, "people.nobody"),
        ({"七年级": "班" * 65}, None, "people.department_too_long"),
    ],
)
def test_moves_that_make_no_sense_are_refused(rows: Rows, mapping, day, code) -> None:
    with pytest.raises(Refused, match=code):
        try_move(rows.organisation.id, mapping, day, now=NOW)
