"""Faces at a whole counter: asked, charged, and the passer-by who is not."""

from __future__ import annotations

from uuid import UUID

from devices import ports
from devices.vision.faces.model import MODEL_VERSION
from sync import sealing
from sync.messages import CredentialKind, FeedKind, TemplateRow
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from tests.integration.counter.bench import (
    OTHER,
    PERSON,
    PERSON_PIN,
    Bench,
    face_seen,
    profile,
)
from tests.unit.sync import makers

AUTO = profile(face={"mode": "auto", "auto_lane": True})
OPTED_IN = {"face_auto": True}


def test_a_face_asks_first_where_the_price_stands(bench: Bench) -> None:
    bench.face(seconds=0.6)
    assert bench.phase is Phase.CONFIRM
    assert bench.view.masked_name == "张*明"
    bench.post(on.Confirmed(on.Who.DINER))
    assert bench.phase is Phase.APPROVED
    evidence = bench.accepted[0].request.evidence
    assert evidence.credential is CredentialKind.FACE
    assert evidence.confirmed_by == "diner"
    assert evidence.second_factor == ""


def test_not_me_charges_nobody_and_that_track_may_not_try_again(bench: Bench) -> None:
    bench.face(seconds=0.6)
    bench.post(on.NotMe())
    bench.face(seconds=2)
    assert bench.phase is Phase.ARMED
    assert bench.accepted == []


def test_standing_still_is_meant_where_faces_pay_by_themselves(make) -> None:
    bench = make(AUTO, person=OPTED_IN)
    bench.serve()
    bench.face(seconds=0.5)
    assert bench.phase is Phase.CANDIDATE
    bench.face(seconds=0.6)
    assert bench.phase is Phase.APPROVED


def test_without_their_own_word_a_face_is_asked_even_in_auto(make) -> None:
    bench = make(AUTO)
    bench.serve()
    bench.face(seconds=1)
    assert bench.phase is Phase.CONFIRM


def test_the_screen_gets_an_outline_and_a_ring_and_never_a_picture(make) -> None:
    bench = make(AUTO, person=OPTED_IN)
    bench.serve()
    bench.face(seconds=0.5)
    outline = bench.view.outline
    assert outline is not None
    assert (outline.left, outline.height) == (0.312, 0.5)
    assert 0.3 < outline.still_share < 0.9
    bench.leave(0.2)
    assert bench.view.outline is None


def test_a_passer_by_pays_nothing(make) -> None:
    bench = make(AUTO, person=OPTED_IN)
    bench.serve()
    for step in range(20):
        match = ports.FaceMatch(str(OTHER), 0.3, 0.3)
        box = ports.Box(30 * step, 100, 240, 240)
        bench.post(face_seen(1, bench.now, match=match, box=box))
        bench.wait(0.1)
    bench.leave()
    assert bench.accepted == []


def test_who_stands_still_after_paying_pays_once(make) -> None:
    bench = make(AUTO, person=OPTED_IN)
    bench.serve()
    bench.face(seconds=30)
    assert len(bench.accepted) == 1
    bench.face(track_id=2, seconds=20)  # the track broke: the same person, a new track
    assert len(bench.accepted) == 1


def test_two_faces_are_one_too_many(make) -> None:
    bench = make(AUTO, person=OPTED_IN)
    bench.serve()
    for _ in range(20):
        match = ports.FaceMatch(str(OTHER), 0.3, 0.3)
        bench.post(face_seen(1, bench.now, match=match, second_ratio=0.9))
        bench.wait(0.1)
    assert bench.accepted == []
    assert bench.view.hint.code == "faces.several"


def test_a_low_margin_asks_for_the_second_factor(make) -> None:
    bench = make(AUTO, person={**OPTED_IN, "second_factor": "pin"})
    bench.serve()
    near = ports.FaceMatch(str(PERSON), 0.4, 0.01)
    bench.face(seconds=0.5, match=near)
    assert bench.phase is Phase.SECOND_FACTOR
    bench.post(presses.FactorEntered("000000"))
    bench.post(presses.FactorEntered(PERSON_PIN))
    assert bench.phase is Phase.APPROVED
    assert bench.accepted[0].request.evidence.second_factor == "pin"


def test_two_wrong_factors_end_the_face_and_card_goes_on(make) -> None:
    bench = make(AUTO, person={**OPTED_IN, "second_factor": "pin", "confusable": (OTHER,)})
    bench.serve()
    bench.face(seconds=0.5)
    assert bench.phase is Phase.SECOND_FACTOR
    bench.post(presses.FactorEntered("1"), presses.FactorEntered("2"))
    assert bench.phase is Phase.ARMED
    bench.face(seconds=1)
    assert bench.phase is Phase.ARMED
    bench.card()
    assert bench.phase is Phase.APPROVED


def test_the_persons_own_card_is_a_second_factor(make) -> None:
    bench = make(AUTO, person={**OPTED_IN, "confusable": (OTHER,), "pin_hash": ""})
    bench.serve()
    bench.face(seconds=0.5)
    assert bench.phase is Phase.SECOND_FACTOR
    bench.card()
    assert bench.phase is Phase.APPROVED
    assert bench.accepted[0].request.evidence.credential is CredentialKind.FACE


def test_a_card_puts_the_face_aside(make) -> None:
    bench = make(AUTO, person=OPTED_IN)
    bench.serve()
    bench.face(OTHER, seconds=0.2)
    assert bench.phase is Phase.CANDIDATE
    bench.card()
    assert bench.phase is Phase.APPROVED
    assert bench.accepted[0].request.evidence.credential is CredentialKind.CARD
    bench.lift_card()
    bench.face(OTHER, seconds=4)
    assert len(bench.accepted) == 1  # the face that stood there is latched


def test_a_stranger_is_told_to_use_a_card_and_rests(bench: Bench) -> None:
    bench.face(None, seconds=2)
    assert bench.phase is Phase.ARMED
    assert bench.view.hint.code == "counters.not_recognised"
    assert bench.view.is_latched
    bench.leave()
    assert not bench.view.is_latched


def test_the_next_person_may_follow_while_the_last_one_lingers(make) -> None:
    bench = make(AUTO, person=OPTED_IN)
    bench.serve()
    bench.face(seconds=2)
    assert len(bench.accepted) == 1
    bench.face(OTHER, track_id=2, seconds=1)
    assert bench.phase is Phase.CONFIRM  # somebody else, who did not opt in


def sealed_face(bench: Bench, model: str = MODEL_VERSION) -> TemplateRow:
    return sealing.seal_template(
        bench.data_key or b"",
        b"v" * 512,
        organisation_id=makers.ORGANISATION,
        template_id=UUID(int=900),
        person_id=PERSON,
        template_version=1,
        model=model,
        key_id="d1",
        nonce=b"n" * 12,
    )


def pulled(bench: Bench, sealed: TemplateRow) -> None:
    position = bench.replica.position()
    row = makers.feed_row(position.cursor + 1, FeedKind.TEMPLATE, str(sealed.template_id), sealed)
    bench.replica.apply_page(makers.page(row, epoch="E1"), position)
    bench.wait(1.1)


def test_a_face_that_another_model_measured_is_not_looked_for(bench: Bench) -> None:
    pulled(bench, sealed_face(bench, "another-model"))
    assert bench.galleries == [0, 0]
    pulled(bench, sealed_face(bench))
    assert bench.galleries == [0, 0, 1]


def test_when_the_lease_ends_the_faces_in_memory_go_too(bench: Bench) -> None:
    pulled(bench, sealed_face(bench))
    assert bench.galleries == [0, 1]
    bench.data_key = None
    bench.wait(1.1)
    assert bench.galleries == [0, 1, 0]


def test_a_lost_camera_hides_the_face_and_card_and_code_go_on(bench: Bench) -> None:
    lost = ports.DeviceHealth("camera", "camera", ports.HealthState.LOST, bench.now)
    bench.face(seconds=0.3)
    bench.post(lost)
    assert "face" not in bench.view.tenders
    bench.card()
    assert bench.phase is Phase.APPROVED
