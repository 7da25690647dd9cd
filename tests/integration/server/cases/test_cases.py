"""A case is opened once and closed once."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from server.cases.effects import CaseClosed, CaseOpened, case_id
from server.cases.models import Case
from server.writes import write_now
from tests.factories.clocks import NOON
from tests.factories.ledger import ORGANISATION, an_id

SUBJECT = an_id()


def written(*effects: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, effects)


def opened(amount: int = 1200, **changes: Any) -> CaseOpened:
    return CaseOpened(ORGANISATION, "over_cap", "payment", SUBJECT, amount, NOON, **changes)


def test_the_first_report_stands(database: str) -> None:
    written(opened(1200, data={"cap": 10000}), opened(1))
    written(opened(2))

    case = Case.objects.get()
    assert (case.amount, case.data, case.opened_at) == (1200, {"cap": 10000}, NOON)
    assert case.id == case_id(ORGANISATION, "over_cap", "payment", SUBJECT)


def test_a_closed_case_stays_as_it_was_closed(database: str) -> None:
    written(opened())
    id = Case.objects.get().id

    written(CaseClosed(id, NOON, "accepted", "wang"))
    written(CaseClosed(id, NOON + timedelta(hours=1), "written_off", "li"))
    written(opened())

    case = Case.objects.get()
    assert (case.closed_at, case.resolution, case.closed_by) == (NOON, "accepted", "wang")


def test_other_kinds_and_subjects_are_other_cases(database: str) -> None:
    written(
        opened(),
        CaseOpened(ORGANISATION, "overpay", "payment", SUBJECT, 1, NOON),
        CaseOpened(ORGANISATION, "over_cap", "payment", an_id(), 1, NOON),
    )

    assert Case.objects.count() == 3
