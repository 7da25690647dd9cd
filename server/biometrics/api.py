"""What enrolment desks ask: people, the text, and to keep consents, faces, refusals, withdrawals.

    GET  /v1/enrolments/people?group=|number=|card=   → PeoplePage
    POST /v1/enrolments/cards        CardProven       → EnrolmentDone
    GET  /v1/enrolments/text                          → ConsentBlanks
    POST /v1/enrolments/consents     ConsentGiven     → ConsentKept
    POST /v1/enrolments              FaceEnrolled     → FaceKept
    POST /v1/enrolments/refusals     ConsentRefused   → EnrolmentDone
    POST /v1/enrolments/withdrawals  Withdrawn        → WithdrawalStanding
    GET  /v1/enrolments/withdrawals?person=           → WithdrawalStanding

All signed, by terminals bound with the profile `enrolment` alone. What changes anything may be
sent again: the desk makes the ids.
"""

from collections.abc import Callable
from uuid import UUID

import msgspec

from domain.errors import Refused
from server.biometrics.desk import (
    Desks,
    blanks_at,
    candidate_at,
    check_desk,
    operator_at,
    people_for,
)
from server.biometrics.keep_desk_consent import keep_desk_consent
from server.biometrics.keep_desk_face import keep_desk_face
from server.biometrics.models import Giver
from server.biometrics.refuse_consent import refuse_consent
from server.biometrics.withdrawal_standing import (
    ask_counters,
    withdraw_person,
    withdrawal_standing,
)
from server.bodies import read_body
from server.http import Handler, Request, Response, Routes, json_response
from server.runtime import Runtime
from sync.messages import (
    CardProven,
    ConsentGiven,
    ConsentRefused,
    EnrolmentDone,
    FaceEnrolled,
    PeoplePage,
    WithdrawalStanding,
    Withdrawn,
)


def routes(runtime: Runtime, desks: Desks) -> Routes:
    """Return the handlers; each runs on a pool thread, after the desk was recognised."""
    answers = _Answers(runtime, desks)

    def handled(answer: Callable[[Request], msgspec.Struct]) -> Handler:
        async def handler(request: Request) -> Response:
            def work() -> Response:
                check_desk(desks, request.signer)
                return json_response(answer(request))

            return await runtime.read(work)

        return handler

    return {
        ("GET", "/v1/enrolments/people"): handled(answers.people),
        ("POST", "/v1/enrolments/cards"): handled(answers.card),
        ("GET", "/v1/enrolments/text"): handled(answers.text),
        ("POST", "/v1/enrolments/consents"): handled(answers.consent),
        ("POST", "/v1/enrolments"): handled(answers.face),
        ("POST", "/v1/enrolments/refusals"): handled(answers.refusal),
        ("POST", "/v1/enrolments/withdrawals"): handled(answers.withdrawal),
        ("GET", "/v1/enrolments/withdrawals"): handled(answers.withdrawn),
    }


class _Answers:
    """One method per route; all run with the ORM, on a pool thread."""

    def __init__(self, runtime: Runtime, desks: Desks) -> None:
        self._runtime = runtime
        self._desks = desks

    def people(self, request: Request) -> PeoplePage:
        place = (request.signer.organisation_id, request.signer.site_id)
        roster, query, now = self._desks.roster, request.query, self._runtime.clock.now()
        if number := query.get("number", ""):
            found = list(roster.by_number(*place, [number]))
        elif card := query.get("card", ""):
            owner = roster.by_card(*place, card)
            found = [owner] if owner else []
        elif "group" in query:
            found = list(roster.in_group(*place, query["group"]))
        else:
            return PeoplePage(groups=tuple(roster.groups(*place)))
        return PeoplePage(people=people_for(self._desks, request.signer, found, now))

    def card(self, request: Request) -> EnrolmentDone:
        body, signer = read_body(CardProven, request.body), request.signer
        operator_at(signer, body.operator_id)
        self._desks.roster.prove_card(signer.organisation_id, signer.site_id, body.card_key)
        return EnrolmentDone()

    def text(self, request: Request) -> msgspec.Struct:
        return blanks_at(request.signer.organisation_id, request.signer.site_id)

    def consent(self, request: Request) -> msgspec.Struct:
        body, runtime = read_body(ConsentGiven, request.body), self._runtime
        return keep_desk_consent(
            self._desks, request.signer, body,
            now=runtime.clock.now(), random=runtime.random, secrets=runtime.secrets,
        )  # fmt: skip

    def face(self, request: Request) -> msgspec.Struct:
        body, runtime = read_body(FaceEnrolled, request.body), self._runtime
        return keep_desk_face(
            self._desks, request.signer, body,
            now=runtime.clock.now(), random=runtime.random, secrets=runtime.secrets,
        )  # fmt: skip

    def refusal(self, request: Request) -> EnrolmentDone:
        body, signer = read_body(ConsentRefused, request.body), request.signer
        candidate_at(self._desks, signer, body.person_id)
        refuse_consent(
            signer.organisation_id, body.person_id, signer.site_id,
            now=self._runtime.clock.now(), random=self._runtime.random,
            said_by=Giver.GUARDIAN if body.said_by == Giver.GUARDIAN else Giver.SELF,
            recorded_by=operator_at(signer, body.operator_id),
        )  # fmt: skip
        return EnrolmentDone()

    def withdrawal(self, request: Request) -> WithdrawalStanding:
        body, signer = read_body(Withdrawn, request.body), request.signer
        return withdraw_person(
            signer.organisation_id, body.person_id, signer.site_id, self._desks.read_counters,
            now=self._runtime.clock.now(), random=self._runtime.random,
            by=operator_at(signer, body.operator_id),
        )  # fmt: skip

    def withdrawn(self, request: Request) -> WithdrawalStanding:
        try:
            person_id = UUID(request.query.get("person", ""))
        except ValueError as error:
            raise Refused("people.unknown") from error
        place = (request.signer.organisation_id, person_id, request.signer.site_id)
        now, random = self._runtime.clock.now(), self._runtime.random
        ask_counters(*place, self._desks.read_counters, now=now, random=random)
        return withdrawal_standing(*place, self._desks.read_counters)
