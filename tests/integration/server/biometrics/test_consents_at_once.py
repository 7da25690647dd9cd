"""Two words of one person at once, or a word and their leaving: one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.biometrics import give_consent as giving
from server.biometrics.give_consent import give_consent, on_consent
from server.biometrics.live_consents import live_consents
from server.biometrics.models import Consent, Refusal
from server.biometrics.refuse_consent import refuse_consent
from server.people.change_person import hold_present, part_with_person
from tests.factories.races import meeting
from tests.factories.server_rows import NOW, Randomness, Rows

FORM = giving.ConsentForm(giver_name="张建国", text_version="1", evidence="folder 7")


@pytest.fixture
def held() -> Iterator[None]:
    """What wiring registers, for the length of a test."""
    before = list(giving._holds)
    on_consent(hold_present)
    yield
    giving._holds[:] = before


@pytest.mark.usefixtures("held")
def test_two_consents_at_once_leave_one(database: str) -> None:
    rows = Rows()
    place = (rows.organisation.id, rows.new_person().id, rows.site.id)
    answer = meeting(
        lambda: give_consent(*place, FORM, now=NOW, random=Randomness(2)),
        lambda: give_consent(*place, FORM, now=NOW, random=Randomness(3)),
    )
    assert (answer, Consent.objects.count()) == ("consents.given_already", 1)


@pytest.mark.usefixtures("held")
def test_a_no_beside_a_yes_is_told_that_there_is_a_yes(database: str) -> None:
    rows = Rows()
    place = (rows.organisation.id, rows.new_person().id, rows.site.id)
    answer = meeting(
        lambda: give_consent(*place, FORM, now=NOW, random=Randomness(2)),
        lambda: refuse_consent(*place, now=NOW, random=Randomness(3)),
    )
    assert (answer, Refusal.objects.count()) == ("consents.given_already", 0)


@pytest.mark.usefixtures("held")
def test_who_is_just_leaving_consents_to_nothing(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    answer = meeting(
        lambda: part_with_person(person, now=NOW),
        lambda: give_consent(
            rows.organisation.id, person.id, rows.site.id, FORM, now=NOW, random=Randomness(3)
        ),
    )
    assert answer == "people.left"
    assert not live_consents(rows.organisation.id, NOW).exists()
