"""Where the first run stands, read from what is in the database: nothing to get out of step.

A refresh, the back button, a second tab and a restart all come to the same place: the first step
that is not done yet.
"""

from enum import StrEnum

from django.db.models import Model

from server.catalogue.models import MealPeriod
from server.console.first_run.link import has_administrator
from server.console.models import FirstRun
from server.fleet.models import Terminal, TerminalState
from server.merchants.models import MerchantOperator
from server.payments.models import Payment
from server.people.models import Person


class Step(StrEnum):
    """The steps in order; SALE waits for the first one, DONE is behind it."""

    SITE = "site"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"
    MEALS = "meals"
    PEOPLE = "people"
    COUNTER = "counter"
    SALE = "sale"
    DONE = "done"


SKIPPABLE = frozenset({Step.ADMINISTRATOR, Step.MEALS, Step.PEOPLE})


def present_step(run: FirstRun) -> Step:
    """Return the first step that is neither done nor skipped."""
    if run.finished_at is not None:
        return Step.DONE if has_administrator() else Step.ADMINISTRATOR
    done = {
        Step.SITE: run.organisation_id is not None,
        Step.OPERATOR: _has(run, MerchantOperator),
        Step.ADMINISTRATOR: has_administrator(),
        Step.MEALS: _has(run, MealPeriod),
        Step.PEOPLE: _has(run, Person),
        Step.COUNTER: has_counter(run),
    }
    waiting = (step for step, is_done in done.items() if not is_done and step not in run.skipped)
    return next(waiting, Step.SALE)


def has_counter(run: FirstRun) -> bool:
    """Whether the new counter was activated and has reported."""
    terminal = counter_of(run)
    return terminal is not None and terminal.state == TerminalState.ACTIVE


def counter_of(run: FirstRun) -> Terminal | None:
    """Return the counter that the run registered."""
    if run.terminal is None or run.organisation_id is None:
        return None
    return Terminal.objects.filter(id=run.terminal, organisation_id=run.organisation_id).first()


def first_sale(run: FirstRun) -> Payment | None:
    """Return the first sale that went through at the organisation's counters."""
    if run.organisation_id is None:
        return None
    rows = Payment.objects.filter(organisation=run.organisation_id, state="succeeded")
    return rows.order_by("received_at").first()


def _has(run: FirstRun, model: type[Model]) -> bool:
    return model._default_manager.filter(organisation=run.organisation_id).exists()
