"""Two words of one person at once, or a word and their leaving: one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from server.biometrics import give_consent as giving
from server.biometrics.give_consent import give_consent, on_consent
from server.biometrics.import_faces import Import, put_on_file
from server.biometrics.live_consents import live_consents
from server.biometrics.models import Consent, Giver, Refusal
from server.biometrics.read_register import RegisterRow
from server.biometrics.refuse_consent import refuse_consent
from server.biometrics.roster import Candidate
from server.people.change_person import hold_present, part_with_person
from tests.factories.races import meeting
from tests.factories.server_rows import NOW, SECRETS, Randomness, Rows

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


@pytest.mark.usefixtures("held")
def test_a_row_of_a_register_sees_the_no_that_is_just_being_said(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    place = (rows.organisation.id, person.id, rows.site.id)
    signed = NOW.date() - timedelta(days=9)
    row = RegisterRow(2, person.number, signed, Giver.SELF, FORM, None, "")
    none: Any = None
    run = Import(rows.site, none, none, NOW, Randomness(4), SECRETS, "clerk")
    candidate = Candidate(person.id, person.number, person.name, "")
    answer = meeting(
        lambda: refuse_consent(*place, now=NOW, random=Randomness(3)),
        lambda: put_on_file(candidate, row, run),
    )
    assert (answer, Consent.objects.count()) == ("consents.refused", 0)
