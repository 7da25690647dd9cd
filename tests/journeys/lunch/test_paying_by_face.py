"""Faces at a kiosk: real pictures before a camera, real embeddings, both windows, real books."""

from __future__ import annotations

import pytest
from django.db import transaction

from domain.messages import text
from server.config.sample import SamplePerson
from server.people.feed_marks import touch_person
from server.people.models import Person
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import profile
from tests.journeys.bad_input.books import paid
from tests.journeys.lunch.conftest import MakeKiosk
from tests.journeys.lunch.eyes import looking, passing
from tests.journeys.lunch.kiosk import READ_S, Kiosk

pytestmark = pytest.mark.pictures

STAFF = 1500
WALK_S = 1.8


def auto_kiosk(make: MakeKiosk) -> Kiosk:
    """A lane switched on by name, where a face that stands still pays."""
    return opened(make(profile=profile("canteen", face={"mode": "auto", "auto_lane": True})))


def opened(kiosk: Kiosk) -> Kiosk:
    """A shift is open, lunch is served."""
    kiosk.sign_in()
    kiosk.serve()
    return kiosk


def person(kiosk: Kiosk, place: int) -> SamplePerson:
    return kiosk.canteen.sample.with_faces()[place]


def opts(kiosk: Kiosk, who: SamplePerson, *, into_auto: bool) -> None:
    """The person's own word on file, as every counter learns it."""
    row = Person.objects.get(id=who.person_id)
    row.face_auto = into_auto
    with transaction.atomic():
        row.save(update_fields=["face_auto"])
        touch_person(row)
    replica = kiosk.terminal.replica

    def is_known() -> bool:
        known = replica.person(who.person_id)
        return known is not None and known.face_auto is into_auto

    kiosk.speak_until(is_known)


def test_a_diner_by_face_is_asked_and_only_their_yes_pays(make: MakeKiosk) -> None:
    kiosk = opened(make())
    kiosk.looks(looking(person(kiosk, 0).photos[0]))
    kiosk.until(Phase.CONFIRM)
    assert kiosk.word("dinerSure") in kiosk.diner.words()
    for glass in (kiosk.diner, kiosk.cashier):
        assert "¥15.00" in glass.words()
        assert "s*1" in glass.words()
    kiosk.diner.tap("diner.notMe")
    assert kiosk.phase is Phase.ARMED
    assert kiosk.word("dinerNotCharged") in kiosk.diner.words()
    kiosk.wait(2)
    assert kiosk.phase is Phase.ARMED, "a face put aside was asked again"
    assert paid(person(kiosk, 0).person_id) == []
    kiosk.leaves()

    kiosk.looks(looking(person(kiosk, 0).photos[0]))
    kiosk.until(Phase.CONFIRM)
    kiosk.diner.tap("diner.confirm")
    kiosk.sees_paid(STAFF, "s*1")
    kiosk.wait(5)
    assert len(kiosk.view.strip) == 1, "who stays there pays once"
    kiosk.leaves()
    kiosk.until(Phase.ARMED)
    assert paid(person(kiosk, 0).person_id) == [STAFF]
    kiosk.books_hold()


def test_a_diner_by_face_pays_by_standing_still_only_where_they_opted_in(make: MakeKiosk) -> None:
    kiosk = auto_kiosk(make)
    diner = person(kiosk, 1)
    opts(kiosk, diner, into_auto=False)
    kiosk.wait(READ_S)
    kiosk.looks(looking(diner.photos[0]))
    kiosk.until(Phase.CONFIRM)
    kiosk.wait(2)
    assert kiosk.phase is Phase.CONFIRM, "it went on without a word"
    kiosk.cashier.tap("notMe")
    kiosk.leaves()
    assert paid(diner.person_id) == []

    opts(kiosk, diner, into_auto=True)
    kiosk.wait(READ_S)
    kiosk.looks(looking(diner.photos[0]))
    kiosk.sees_paid(STAFF, "s*2")
    kiosk.leaves()
    assert paid(diner.person_id) == [STAFF]
    kiosk.books_hold()


def test_a_passer_by_is_not_charged(make: MakeKiosk) -> None:
    kiosk = auto_kiosk(make)
    before = [paid(person(kiosk, place).person_id) for place in (0, 1)]
    seen = set()
    for place in (0, 1):
        kiosk.looks(passing(person(kiosk, place).photos[0], WALK_S))
        for _ in range(round(WALK_S / 0.1)):
            kiosk.wait(0.1)
            seen.add(kiosk.phase)
        kiosk.leaves()
    assert Phase.CANDIDATE in seen, "nobody was ever seen, which proves nothing"
    assert seen <= {Phase.ARMED, Phase.CANDIDATE}
    assert kiosk.phase is Phase.ARMED
    assert [paid(person(kiosk, place).person_id) for place in (0, 1)] == before
    assert text("counters.not_recognised", {}, "zh") not in kiosk.diner.words()
    kiosk.books_hold()
