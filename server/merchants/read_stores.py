"""What a payment must know of a store: its day, its currency, and whose wallets it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from server import sql
from server.merchants.models import NOT_SELLING

STORES = """
SELECT s.id, s.merchant_id, s.site_id, s.zone, s.day_cut_off, s.currency, m.state
FROM merchants_store s JOIN merchants_merchant m ON m.id = s.merchant_id
WHERE s.id IN {any} AND s.organisation_id = %s
"""
AGREEMENTS = """
SELECT merchant_id, starts_on, ends_on, debt_bearer, disputed_bearer, refund_limit_amount
FROM merchants_agreement
WHERE merchant_id IN {any} AND organisation_id = %s
"""


@dataclass(frozen=True, slots=True)
class AgreementTerm:
    """From and until which day (both included) a merchant takes the organisation's wallets."""

    starts_on: date
    ends_on: date | None
    debt_bearer: str
    disputed_bearer: str
    refund_limit_amount: int | None = None
    """What may go back of one payment without a second person; None: all of it."""

    def holds_on(self, day: date) -> bool:
        """Whether the agreement is in force on `day`."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class StoreProfile:
    """A store as payments see it; `agreements` are the merchant's with the organisation asked."""

    store_id: UUID
    merchant_id: UUID
    site_id: UUID
    zone: ZoneInfo
    day_cut_off: time
    currency: str
    agreements: tuple[AgreementTerm, ...]
    not_selling_code: str = ""
    """Why its merchant takes no payment now; "" when it does."""

    @property
    def is_open_for_business(self) -> bool:
        """Whether its merchant takes payments."""
        return not self.not_selling_code

    def business_on(self, at: datetime) -> date:
        """Return the day a sale at `at` belongs to: before the cut-off, the day before."""
        local = at.astimezone(self.zone)
        day = local.date()
        return day - timedelta(days=1) if local.time() < self.day_cut_off else day

    def refund_limit_on(self, day: date) -> int | None:
        """Return what may go back of one payment without a second person; None: all of it."""
        term = self.agreement_on(day)
        return None if term is None else term.refund_limit_amount

    def agreement_on(self, day: date) -> AgreementTerm | None:
        """Return the agreement in force on `day`; None: it takes none of these wallets."""
        return next((term for term in self.agreements if term.holds_on(day)), None)


def read_stores(organisation_id: UUID, store_ids: Sequence[UUID]) -> dict[UUID, StoreProfile]:
    """Return the profiles of `store_ids` by id, in two queries; unknown ids are missing."""
    with connection.cursor() as cursor:
        rows = sql.select(cursor, STORES, set(store_ids), organisation_id)
        merchants = {sql.to_uuid(row[1]) for row in rows}
        terms = _agreements(sql.select(cursor, AGREEMENTS, merchants, organisation_id))
    profiles = [_profile(row, terms) for row in rows]
    return {profile.store_id: profile for profile in profiles}


def _agreements(rows: Sequence[Sequence[Any]]) -> dict[UUID, tuple[AgreementTerm, ...]]:
    """Return the terms by merchant, the newest first."""
    found: dict[UUID, tuple[AgreementTerm, ...]] = {}
    for merchant, starts_on, ends_on, *terms in sorted(rows, key=_start, reverse=True):
        end = None if ends_on is None else sql.to_date(ends_on)
        term = AgreementTerm(sql.to_date(starts_on), end, *terms)
        merchant_id = sql.to_uuid(merchant)
        found[merchant_id] = (*found.get(merchant_id, ()), term)
    return found


def _start(row: Sequence[Any]) -> date:
    return sql.to_date(row[1])


def _profile(row: Sequence[Any], terms: Mapping[UUID, tuple[AgreementTerm, ...]]) -> StoreProfile:
    store, merchant, site, zone, cut_off, currency, state = row
    merchant_id = sql.to_uuid(merchant)
    return StoreProfile(
        store_id=sql.to_uuid(store),
        merchant_id=merchant_id,
        site_id=sql.to_uuid(site),
        zone=ZoneInfo(zone),
        day_cut_off=time.fromisoformat(cut_off),
        currency=currency,
        agreements=terms.get(merchant_id, ()),
        not_selling_code=NOT_SELLING.get(state, ""),
    )
