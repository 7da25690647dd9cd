"""Whoever withdraws is a stranger to every camera at once, and eats by card as everybody does."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest

from domain.messages import text
from server.biometrics.models import Consent, Template
from server.biometrics.withdraw_consent import withdraw_consent
from terminal_app.counter.machine import Phase
from tests.journeys.bad_input.books import paid
from tests.journeys.lunch.conftest import MakeKiosk
from tests.journeys.lunch.eyes import looking
from tests.journeys.lunch.kiosk import Kiosk

pytestmark = pytest.mark.pictures

STAFF = 1500
LOOK_S = 3.0


def known(kiosk: Kiosk) -> set[UUID]:
    """Whose templates this kiosk's disk holds, opened with its own key."""
    binding = kiosk.terminal.counter.parts.binding
    kept = kiosk.terminal.replica.templates(binding.data_key, binding.organisation_id)
    return {row.person_id for row in kept.opened}


def _is_unknown(kiosk: Kiosk, person_id: UUID) -> bool:
    return person_id not in known(kiosk)


def test_after_withdrawal_no_kiosk_knows_the_face_and_the_card_pays(make: MakeKiosk) -> None:
    first, second = make(), make()
    diner = first.canteen.sample.with_faces()[0]
    for kiosk in (first, second):
        kiosk.sign_in()
        kiosk.serve()
    first.looks(looking(diner.photos[0]))
    first.until(Phase.CONFIRM)
    first.diner.tap("diner.notMe")
    first.leaves()

    consent = Consent.objects.get(person=diner.person_id)
    withdraw_consent(consent, now=first.canteen.noon.now())
    assert not Template.objects.filter(person=diner.person_id).exists()
    for kiosk in (first, second):
        assert diner.person_id in known(kiosk)
        kiosk.speak_until(partial(_is_unknown, kiosk, diner.person_id))
        kiosk.wait(1.5)
        kiosk.looks(looking(diner.photos[0]))
        seen = set()
        for _ in range(round(LOOK_S / 0.1)):
            kiosk.wait(0.1)
            seen |= {kiosk.phase}
            if text("counters.not_recognised", {}, "zh") in kiosk.diner.words():
                break
        else:
            raise AssertionError(f"nobody told them what to do: {seen}")
        assert seen <= {Phase.ARMED, Phase.CANDIDATE}
        kiosk.leaves()
    assert paid(diner.person_id) == []
    second.lays_card(diner.card_uid)
    second.sees_paid(STAFF, "s*1")
    second.lifts_card()
    assert paid(diner.person_id) == [STAFF]
    for kiosk in (first, second):
        kiosk.books_hold()
