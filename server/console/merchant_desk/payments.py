"""A merchant's payments and refunds: asked for by days, store and tender, or by a number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest

from domain.messages import Language
from domain.sale_numbers import sale_number
from domain.typed_days import typed_day
from server.console.find_number import payments_by_number
from server.console.merchant_desk.own import stores_of
from server.merchants.models import Merchant, Store
from server.organisations.pages import now
from server.payments.models import TENDERS, Payment, Refund
from server.reports.tables import Column, Kind, Table
from server.reports.words import word

SPAN = timedelta(days=6)
"""What is shown when no days were asked for: the last week."""
MAX_DAYS = 92
MAX_FILE_ROWS = 50_000
"""A file is written while the reader waits: more rows are asked for in parts, or as a report."""
PAID = "succeeded"

COLUMNS = (
    Column("number", "小票号", "Receipt number"),
    Column("occurred_at", "时间", "When", Kind.MOMENT),
    Column("business_on", "营业日", "Business day", Kind.DAY),
    Column("store", "门店", "Store"),
    Column("kind", "类型", "What"),
    Column("tender", "付款方式", "Tender"),
    Column("amount", "金额", "Amount", Kind.AMOUNT, is_summed=True),
    Column("payment", "付款编号", "Payment"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a merchant wants to see; `what` is "payments" or "refunds"."""

    since: date
    until: date
    store: Store | None
    tender: str
    what: str
    number: str

    def as_query(self, merchant: Merchant) -> dict[str, str]:
        """Return it as a query that asks for the same again."""
        return {
            "merchant": str(merchant.id), "since": f"{self.since}", "until": f"{self.until}",
            "store": str(self.store.id) if self.store else "", "tender": self.tender,
            "what": self.what, "number": self.number,
        }  # fmt: skip


def read_asked(request: HttpRequest, stores: Iterable[Store]) -> Asked:
    """Read the form; raises `Http404` for a store that is not the merchant's."""
    typed = request.GET
    until = typed_day(typed.get("until", "")) or now().astimezone(_zone(stores)).date()
    since = typed_day(typed.get("since", "")) or until - SPAN
    since = max(min(since, until), until - timedelta(days=MAX_DAYS - 1))
    wanted = typed.get("store", "")
    store = next((one for one in stores if str(one.id) == wanted), None)
    if wanted and store is None:
        raise Http404
    tender, what = typed.get("tender", ""), typed.get("what", "")
    return Asked(
        since, until, store, tender if tender in TENDERS else "",
        "refunds" if what == "refunds" else "payments", typed.get("number", "").strip()[:64],
    )  # fmt: skip


def payments_of(merchant: Merchant, asked: Asked) -> "QuerySet[Payment]":
    """Return the payments asked for, the newest first; a number is looked for on all days."""
    rows = Payment.objects.filter(organisation=merchant.organisation_id, merchant=merchant.id)
    if asked.number:
        rows = rows.filter(payments_by_number(asked.number))
    else:
        rows = rows.filter(business_on__range=(asked.since, asked.until), **_of_store(asked))
        rows = rows.filter(**_of_tender(asked))
    return rows.order_by("-occurred_at", "id")


def refunds_of(merchant: Merchant, asked: Asked) -> "QuerySet[Refund]":
    """Return the refunds asked for, the newest first."""
    own = {"organisation": merchant.organisation_id, "merchant": merchant.id}
    rows = Refund.objects.filter(
        **own, business_on__range=(asked.since, asked.until), **_of_tender(asked)
    )
    if asked.store is not None:
        in_store = Payment.objects.filter(**own, store=asked.store.id)
        rows = rows.filter(payment__in=in_store.values("id"))
    return rows.order_by("-occurred_at", "id")


def totals_of(merchant: Merchant, asked: Asked) -> Mapping[str, int]:
    """Return what the payments that stand came to, and what went back on these days, in fen."""
    paid = payments_of(merchant, asked).filter(state=PAID).order_by()
    back = refunds_of(merchant, asked).filter(state=PAID).order_by()
    return {
        "paid_count": paid.count(),
        "paid_amount": paid.aggregate(amount=Sum("total_amount"))["amount"] or 0,
        "back_amount": back.aggregate(amount=Sum("posted_amount"))["amount"] or 0,
    }


def as_table(merchant: Merchant, asked: Asked, language: Language) -> Table:
    """Return payments that stand, then what went back of any as a negative amount, as a file."""
    stores = {one.id: one for one in stores_of(merchant)}
    paid = payments_of(merchant, asked).filter(state=PAID)
    given = refunds_of(merchant, asked).filter(state=PAID)
    of = Payment.objects.filter(organisation=merchant.organisation_id, merchant=merchant.id)
    place = dict(of.filter(id__in=given.order_by().values("payment")).values_list("id", "store"))
    rows = [
        *((one.id, one, one.store, "payment", one.total_amount) for one in paid),
        *((one.payment, one, place.get(one.payment), "refund", -one.posted_amount)
          for one in given),
    ]  # fmt: skip
    return Table(
        "payments", COLUMNS,
        (_line(stores, language, *row) for row in rows),
    )  # fmt: skip


def file_rows(merchant: Merchant, asked: Asked) -> int:
    """Return how many rows a file of it would have."""
    return (
        payments_of(merchant, asked).filter(state=PAID).count()
        + refunds_of(merchant, asked).filter(state=PAID).count()
    )


def _line(
    stores: Mapping[UUID, Store], language: Language, payment: UUID, row: Any, store: UUID | None,
    kind: str, amount: int,
) -> tuple[Any, ...]:  # fmt: skip
    place = stores.get(store) if store else None
    at = row.occurred_at.astimezone(ZoneInfo(place.zone)) if place else row.occurred_at
    return (
        sale_number(payment), at.replace(tzinfo=None), row.business_on,
        place.name if place else "", word(f"cause.{kind}", language),
        word(f"tender.{row.tender}", language), amount, payment.hex,
    )  # fmt: skip


def _of_store(asked: Asked) -> dict[str, Any]:
    return {"store": asked.store.id} if asked.store else {}


def _of_tender(asked: Asked) -> dict[str, str]:
    return {"tender": asked.tender} if asked.tender else {}


def _zone(stores: Iterable[Store]) -> ZoneInfo:
    return next((ZoneInfo(one.zone) for one in stores), ZoneInfo("Asia/Shanghai"))
