"""No face without consent, none after it; and the audit sees every breach of that."""

from datetime import timedelta
from uuid import UUID

import numpy
import pytest
from django.db import IntegrityError, connection, transaction

from domain.errors import Refused
from server.audit.rules import r15_templates
from server.biometrics.enrol_template import Enrolled, enrol_template
from server.biometrics.feed_rows import template_renderer
from server.biometrics.find_confusable import read_confusable
from server.biometrics.models import Confusable, Consent, Removal, Template
from server.biometrics.sealed import open_vector
from server.biometrics.withdraw_consent import (
    end_consents_of,
    withdraw_consent,
)
from server.biometrics.work import register_work
from server.feed.models import Marker
from server.people.change_person import on_departure, part_with_person
from server.work.models import Due
from server.work.worker import Worker
from sync.messages import TemplateRow, decode
from sync.sealing import open_template
from tests.factories.server_rows import NOW, SECRETS, Rows
from tests.factories.terminals import identity_of


def face(seed: int) -> numpy.ndarray:
    """A unit vector: strangers in 128 dimensions are some 1.4 apart."""
    vector = numpy.random.default_rng(seed).normal(size=128)
    return (vector / numpy.linalg.norm(vector)).astype(numpy.float32)


def enrol(rows: Rows, consent: Consent, *vectors: numpy.ndarray) -> Enrolled:
    return enrol_template(
        consent, vectors, "dlib-resnet-v1", now=NOW, random=rows.random, secrets=SECRETS
    )


def refused(call) -> str:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.code


def broken() -> list[str]:
    return [finding.text for finding in r15_templates.check(connection, NOW)]


def test_a_face_is_enrolled_under_consent_and_sealed(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    made = enrol(rows, rows.new_consent(person), face(1), face(2))
    stored = list(Template.objects.order_by("ordinal"))
    assert [row.version for row in stored] == [1, 1]
    assert numpy.array_equal(open_vector(stored[1], SECRETS), face(2))
    assert face(1).tobytes() not in b"".join(bytes(row.ciphertext) for row in stored)
    assert {m.entity for m in Marker.objects.filter(kind="template")} == {
        str(template.id) for template in made.templates
    }
    assert broken() == []


def test_a_template_put_into_another_row_does_not_open(database: str) -> None:
    rows = Rows()
    first, second = rows.new_person(), rows.new_person("S002", "李四")
    enrol(rows, rows.new_consent(first), face(1))
    enrol(rows, rows.new_consent(second), face(2))
    one, other = Template.objects.order_by("enrolled_at", "id")
    one.nonce, one.ciphertext = other.nonce, other.ciphertext
    assert refused(lambda: open_vector(one, SECRETS)) == "templates.bad_seal"


def test_no_live_consent_no_template(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    consent = rows.new_consent(person, expires_at=NOW + timedelta(days=1))
    withdraw_consent(consent, now=NOW)
    assert refused(lambda: enrol(rows, consent, face(1))) == "consents.missing"
    old = rows.new_consent(person, expires_at=NOW - timedelta(seconds=1))
    assert refused(lambda: enrol(rows, old, face(1))) == "consents.missing"
    assert Template.objects.count() == 0


def test_forms_lacking_what_the_law_asks_are_refused(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    cases = {
        "consents.needs_guardian": {"is_under_14": True},
        "consents.incomplete": {"given_by": "guardian"},
    }
    for code, form in cases.items():
        assert refused(lambda form=form: rows.new_consent(person, **form)) == code
    assert refused(lambda: rows.new_consent(person, evidence=" ")) == "consents.incomplete"
    rows.new_consent(person)
    assert refused(lambda: rows.new_consent(person)) == "consents.given_already"


def test_the_database_itself_refuses_a_child_without_a_guardian(database: str) -> None:
    rows = Rows()
    consent = rows.new_consent(rows.new_person())
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.filter(id=consent.id).update(is_under_14=True)


def test_withdrawing_removes_the_face_and_tells_the_counters(database: str) -> None:
    rows = Rows()
    consent = rows.new_consent(rows.new_person())
    template = enrol(rows, consent, face(1)).templates[0].id
    assert withdraw_consent(consent, now=NOW) == 1
    assert withdraw_consent(consent, now=NOW) == 0
    assert Template.objects.count() == 0
    assert Removal.objects.get().template == template
    assert Marker.objects.get(kind="template", entity=str(template)).tombstone
    assert broken() == []


def test_consents_run_out_by_themselves(database: str) -> None:
    rows = Rows()
    register_work(lambda _organisation, _site: [], rows.random)
    consent = rows.new_consent(rows.new_person(), expires_at=NOW + timedelta(days=1))
    enrol(rows, consent, face(1))
    worker = Worker()
    assert worker.step(NOW) == 0
    assert worker.step(NOW + timedelta(days=1)) == 1
    assert worker.step(NOW + timedelta(days=1)) == 1, "nobody is left to confirm the removal"
    assert (Template.objects.count(), Due.objects.count()) == (0, 0)
    assert Removal.objects.get().why == "ran_out"


def test_a_withdrawn_consent_is_due_no_more(database: str) -> None:
    rows = Rows()
    consent = rows.new_consent(rows.new_person(), expires_at=NOW + timedelta(days=1))
    assert Due.objects.get().subject_id == consent.id
    withdraw_consent(consent, now=NOW)
    assert Due.objects.count() == 0


def test_who_leaves_takes_the_face_along(database: str) -> None:
    rows = Rows()
    on_departure(end_consents_of)
    person = rows.new_person()
    enrol(rows, rows.new_consent(person), face(1))
    part_with_person(person, now=NOW)
    assert Template.objects.count() == 0
    assert Removal.objects.get().why == "left"


def test_enrolling_anew_replaces_what_was_there(database: str) -> None:
    rows = Rows()
    consent = rows.new_consent(rows.new_person())
    first = enrol(rows, consent, face(1), face(2))
    second = enrol(rows, consent, face(3))
    assert [row.version for row in Template.objects.all()] == [second.templates[0].version]
    assert second.templates[0].version > first.templates[0].version
    assert broken() == []


def test_twins_are_flagged_on_both_sides_until_one_withdraws(database: str) -> None:
    rows = Rows()
    first, second, third = (rows.new_person(f"S{n}", f"张{n}") for n in range(3))
    consent = rows.new_consent(first)
    enrol(rows, consent, face(1))
    enrol(rows, rows.new_consent(third), face(9))
    twin = face(1) + numpy.float32(0.02) * face(5)
    found = enrol(rows, rows.new_consent(second), twin)
    assert set(found.confusable) == {first.id}
    ids = [first.id, second.id, third.id]
    near = read_confusable(rows.organisation.id, rows.site.id, ids)
    assert near == {first.id: (second.id,), second.id: (first.id,)}
    withdraw_consent(consent, now=NOW)
    assert Confusable.objects.count() == 0


@pytest.mark.parametrize("size", [0, 127, 129])
def test_what_is_no_vector_is_refused(sqlite_database: str, size: int) -> None:
    rows = Rows()
    consent = rows.new_consent(rows.new_person())
    assert refused(lambda: enrol(rows, consent, numpy.zeros(size))) == "templates.malformed"
    assert refused(lambda: enrol(rows, consent)) == "templates.malformed"
    spoilt = face(1)
    spoilt[3] = numpy.nan
    assert refused(lambda: enrol(rows, consent, spoilt)) == "templates.malformed"


def test_a_terminal_gets_templates_under_its_own_key_and_of_its_own_site(database: str) -> None:
    rows = Rows()
    device = rows.activated()
    template = enrol(rows, rows.new_consent(rows.new_person()), face(4)).templates[0]
    key = (device.answer.data_key_id, device.answer.data_key)
    render = template_renderer(lambda _: key, SECRETS, rows.random)
    rendered = render(identity_of(device), [str(template.id), str(UUID(int=5))])
    assert list(rendered) == [str(template.id)]
    row = decode(TemplateRow, rendered[str(template.id)])
    vector = open_template(device.answer.data_key, row, rows.organisation.id)
    assert numpy.array_equal(numpy.frombuffer(vector, "<f4"), face(4))
    elsewhere = rows.new_store("far", site=rows.new_site("far"))
    other = rows.activated(rows.new_terminal("远", elsewhere))
    assert render(identity_of(other), [str(template.id)]) == {}
    locked_out = template_renderer(lambda _: None, SECRETS, rows.random)
    assert locked_out(identity_of(device), [str(template.id)]) == {}


def test_the_audit_finds_each_breach(database: str) -> None:
    rows = Rows()
    device = rows.activated()
    kept, gone = rows.new_person(), rows.new_person("S002", "李四")
    consent = rows.new_consent(kept)
    enrol(rows, consent, face(1))
    removed = rows.new_consent(gone)
    enrol(rows, removed, face(2))
    withdraw_consent(removed, now=NOW)
    assert broken() == []
    listed = list(r15_templates.unconfirmed(connection))
    assert [late.terminal_id for late in listed] == [device.terminal.id]

    breaches = {
        "has no live consent": lambda: Consent.objects.filter(id=consent.id).update(
            expires_at=NOW - timedelta(days=1)
        ),
        "not in the feed": lambda: Marker.objects.filter(kind="template", tombstone=False).delete(),
        "no tombstone": lambda: Marker.objects.filter(kind="template", tombstone=True).delete(),
        "is still here": lambda: Removal.objects.update(template=Template.objects.get().id),
        "not sealed": lambda: Template.objects.update(key_id=""),
    }
    for text, breach in breaches.items():
        with transaction.atomic():
            breach()
            assert any(text in found for found in broken()), text
            transaction.set_rollback(True)
    device.terminal.last_seen_at = NOW + timedelta(minutes=11)
    device.terminal.save()
    assert any("still holds it" in found for found in broken())
