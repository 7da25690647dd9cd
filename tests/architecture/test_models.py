"""Every row belongs to an organisation, and nothing is unique across organisations."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model, UniqueConstraint

# The organisation itself, and what belongs to this installation rather than to one of them.
OF_NO_ORGANISATION = {
    "organisations.Organisation": "is the organisation",
    "feed.Waymark": "a number of that one line, and when it was the last one",
    "feed.Sequence": "the installation's one line of numbers: a cursor is (epoch, number)",
    "console.SecondFactor": "a user's own, who may serve several organisations",
    "console.RecoveryCode": "a user's own",
    "console.SignInTally": "counts tries before anybody is known",
    "console.FirstRun": "makes the first organisation",
}


def _models() -> Iterator[type[Model]]:
    for model in apps.get_models():
        if model.__module__.startswith("server.") and model._meta.managed:
            yield model


def _scoped_models() -> Iterator[type[Model]]:
    return (model for model in _models() if model._meta.label not in OF_NO_ORGANISATION)


def _names(model: type[Model]) -> set[str]:
    return {field.name.removesuffix("_id") for field in model._meta.fields}


def _uniques(model: type[Model]) -> Iterator[tuple[str, ...]]:
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            first = tuple(getattr(expression, "name", "?") for expression in constraint.expressions)
            yield tuple(constraint.fields) or first
    yield from (tuple(together) for together in model._meta.unique_together)
    for field in model._meta.fields:
        if field.unique and not field.primary_key:
            yield (field.name,)


def test_the_check_sees_the_models() -> None:
    assert len(list(_models())) > 20


def test_every_row_names_its_organisation() -> None:
    without = [
        model._meta.label for model in _scoped_models() if "organisation" not in _names(model)
    ]
    assert without == []


def test_every_unique_starts_with_the_organisation() -> None:
    across = [
        f"{model._meta.label}: {fields}"
        for model in _scoped_models()
        for fields in _uniques(model)
        if fields[0].removesuffix("_id") != "organisation"
    ]
    assert across == []


def test_every_exemption_is_of_a_model_that_exists() -> None:
    labels = {model._meta.label for model in _models()}
    assert set(OF_NO_ORGANISATION) <= labels
