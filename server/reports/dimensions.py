"""What trade can be grouped by, and what each group is called.

A dimension is a column of the movements and a way to name its values for a reader. Names are read
once per report, for the values that are there.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Model, QuerySet

from domain.messages import Language
from server.catalogue.models import MealPeriod
from server.fleet.models import Terminal
from server.merchants.models import Merchant, MerchantOperator, Store
from server.people.models import Category
from server.reports.tables import Cell, Column, Kind
from server.reports.words import word

Named = Mapping[str, str]
Namer = Callable[[UUID, Collection[str], Language], Named]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to group: `column` of the movements, its heading, and how its values are named."""

    column: str
    heading: Column
    named: Namer | None = None


def _by_id(model: type[Model], name: str = "name") -> Namer:
    def named(organisation_id: UUID, values: Collection[str], language: Language) -> Named:
        rows: QuerySet[Model] = model._default_manager.filter(
            organisation_id=organisation_id, id__in=values
        )
        return {str(id): text for id, text in rows.values_list("id", name)}

    return named


def _by_code(model: type[Model]) -> Namer:
    def named(organisation_id: UUID, values: Collection[str], language: Language) -> Named:
        rows = model._default_manager.filter(organisation_id=organisation_id, code__in=values)
        return dict(rows.values_list("code", f"name_{language}"))

    return named


def _by_word(prefix: str) -> Namer:
    def named(organisation_id: UUID, values: Collection[str], language: Language) -> Named:
        return {value: word(f"{prefix}.{value}", language) for value in values if value}

    return named


DIMENSIONS = {
    one.column: one
    for one in (
        Dimension("day", Column("day", "营业日", "Business day", Kind.DAY)),
        Dimension("hour", Column("hour", "时段（点）", "Hour", Kind.COUNT)),
        Dimension("merchant", Column("merchant", "商户", "Merchant"), _by_id(Merchant)),
        Dimension("store", Column("store", "门店", "Store"), _by_id(Store)),
        Dimension("terminal", Column("terminal", "终端", "Counter"), _by_id(Terminal)),
        Dimension("operator", Column("operator", "收银员", "Operator"), _by_id(MerchantOperator)),
        Dimension("tender", Column("tender", "付款方式", "Tender"), _by_word("tender")),
        Dimension("channel", Column("channel", "支付通道", "Channel")),
        Dimension(
            "credential", Column("credential", "识别方式", "Identified by"),
            _by_word("credential"),
        ),
        Dimension("department", Column("department", "班级或部门", "Class or department")),
        Dimension("category", Column("category", "人员类别", "Category"), _by_code(Category)),
        Dimension(
            "meal_period", Column("meal_period", "餐别", "Meal"), _by_code(MealPeriod)
        ),
        Dimension("mode", Column("mode", "联网状态", "Mode"), _by_word("mode")),
    )
}  # fmt: skip
"""By the name that asks for it, in the order in which a page offers them."""


def namer(
    dimension: Dimension, organisation_id: UUID, values: Collection[Cell], language: Language
) -> Callable[[Cell], Cell]:
    """Return what turns a value of `dimension` into what a reader sees; unnamed ids stay ids."""
    if dimension.named is None:
        return lambda value: value
    present = {str(value) for value in values if value not in (None, "")}
    names = dimension.named(organisation_id, present, language)
    return lambda value: "" if value in (None, "") else names.get(str(value), str(value))
