"""A guardian agrees by a code that is theirs alone; a "no" is kept; twins speak for themselves."""

from datetime import timedelta
from typing import Any

import numpy
import pytest

from domain.consent_texts import CURRENT
from domain.errors import Refused
from server.biometrics.enrol_template import enrol_template
from server.biometrics.find_confusable import declare_twins, read_confusable
from server.biometrics.give_consent import ConsentForm
from server.biometrics.issue_guardian_code import issue_guardian_code
from server.biometrics.models import Attachment, Consent, GuardianCode, Refusal
from server.biometrics.redeem_guardian_code import TRIES, redeem_guardian_code
from server.biometrics.refuse_consent import refuse_consent
from server.biometrics.sealed import open_attachment, seal_attachment
from server.biometrics.withdraw_consent import withdraw_consent
from server.people.models import Person
from tests.factories.server_rows import NOW, SECRETS, Rows

FORM = ConsentForm(giver_name="—", text_version=CURRENT, evidence="—", is_under_14=True)


def issue(rows: Rows, person: Person, **options: Any) -> str:
    said: dict[str, Any] = {"guardian_name": "张大山", "relation": "父亲", **options}
    return issue_guardian_code(
        rows.organisation.id, person.id, rows.site.id,
        now=NOW, random=rows.random, secrets=SECRETS, **said,
    )  # fmt: skip


def redeem(rows: Rows, person: Person, code: str, at=NOW, form: ConsentForm = FORM) -> Consent:
    return redeem_guardian_code(
        rows.organisation.id, person.id, rows.site.id, code, form,
        now=at, random=rows.random, secrets=SECRETS,
    )  # fmt: skip


def refused(call) -> str:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.code


def test_a_guardian_agrees_by_their_code_once(database: str) -> None:
    rows = Rows()
    child = rows.new_person()
    code = issue(rows, child)
    consent = redeem(rows, child, code)
    assert (consent.given_by, consent.giver_name, consent.relation) == (
        "guardian", "张大山", "父亲",
    )  # fmt: skip
    assert consent.evidence_kind == "code"
    assert code.encode() not in bytes(GuardianCode.objects.get().code_hash)
    withdraw_consent(consent, now=NOW)
    assert refused(lambda: redeem(rows, child, code)) == "consents.code_spent"


def test_a_code_is_worth_nothing_for_anybody_else_late_or_guessed(database: str) -> None:
    rows = Rows()
    child, other = rows.new_person(), rows.new_person("S002", "李四")
    code = issue(rows, child)
    issue(rows, other)
    assert refused(lambda: redeem(rows, other, code)) == "consents.code_wrong"
    late = NOW + timedelta(days=31)
    assert refused(lambda: redeem(rows, child, code, late)) == "consents.code_spent"
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for left in range(TRIES - 1, 0, -1):
        assert refused(lambda: redeem(rows, child, wrong)) == "consents.code_wrong"
        assert GuardianCode.objects.get(person=child.id).wrong_tries == TRIES - left
    assert refused(lambda: redeem(rows, child, wrong)) == "consents.code_spent"
    assert refused(lambda: redeem(rows, child, code)) == "consents.code_spent"
    assert Consent.objects.count() == 0


def test_a_new_code_ends_the_one_before_it(database: str) -> None:
    rows = Rows()
    child = rows.new_person()
    first, second = issue(rows, child), issue(rows, child)
    assert refused(lambda: redeem(rows, child, first)) == "consents.code_wrong"
    assert redeem(rows, child, second).person == child.id
    nameless = {"guardian_name": " "}
    assert refused(lambda: issue(rows, child, **nameless)) == "consents.incomplete"


def test_a_no_is_kept_until_it_becomes_a_yes(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    for _ in range(2):
        refuse_consent(
            rows.organisation.id, person.id, rows.site.id, now=NOW, random=rows.random
        )  # fmt: skip
    assert Refusal.objects.count() == 1
    rows.new_consent(person)
    assert Refusal.objects.count() == 0
    assert (
        refused(
            lambda: refuse_consent(
                rows.organisation.id, person.id, rows.site.id, now=NOW, random=rows.random
            )
        )
        == "consents.given_already"
    )


def test_declared_twins_stay_flagged_though_their_faces_are_far(database: str) -> None:
    rows = Rows()
    first, second = rows.new_person(), rows.new_person("S002", "张小亮")
    places = (rows.organisation.id, rows.site.id)
    for _ in range(2):
        declare_twins(*places, first.id, second.id, now=NOW, random=rows.random)
    assert (
        refused(lambda: declare_twins(*places, first.id, first.id, now=NOW, random=rows.random))
        == "consents.twin_of_self"
    )
    for seed, person in enumerate((first, second)):
        vector = numpy.eye(128, dtype=numpy.float32)[seed]
        enrol_template(
            rows.new_consent(person), [vector], "m", now=NOW, random=rows.random, secrets=SECRETS
        )
    ids = [first.id, second.id]
    assert read_confusable(*places, ids) == {first.id: (second.id,), second.id: (first.id,)}


def test_photographs_go_with_the_consent_and_signatures_stay_sealed(database: str) -> None:
    rows = Rows()
    consent = rows.new_consent(rows.new_person(), keeps_photo=True)
    for kind, data in (("signature", b"ink" * 9), ("photograph", b"face" * 9)):
        row = Attachment(
            id=rows.id(), organisation=rows.organisation, consent=consent, kind=kind, made_at=NOW
        )
        seal_attachment(row, data, SECRETS, rows.random)
        row.save(force_insert=True)
        assert data not in bytes(row.ciphertext)
    withdraw_consent(consent, now=NOW)
    kept = Attachment.objects.get()
    assert open_attachment(kept, SECRETS) == b"ink" * 9
    kept.kind = "photograph"
    assert refused(lambda: open_attachment(kept, SECRETS)) == "templates.bad_seal"
