"""What a payment must know of a store: its day, its currency, and whose wallets it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from server.merchants.models import Agreement, MerchantState, Store


@dataclass(frozen=True, slots=True)
class AgreementTerm:
    """From and until which day (both included) a merchant takes the organisation's wallets."""

    starts_on: date
    ends_on: date | None
    debt_bearer: str
    disputed_bearer: str

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
    is_open_for_business: bool
    agreements: tuple[AgreementTerm, ...]

    def business_on(self, at: datetime) -> date:
        """Return the day a sale at `at` belongs to: before the cut-off, the day before."""
        local = at.astimezone(self.zone)
        day = local.date()
        return day - timedelta(days=1) if local.time() < self.day_cut_off else day

    def agreement_on(self, day: date) -> AgreementTerm | None:
        """Return the agreement in force on `day`; None: it takes none of these wallets."""
        return next((term for term in self.agreements if term.holds_on(day)), None)


def read_stores(organisation_id: UUID, store_ids: Sequence[UUID]) -> dict[UUID, StoreProfile]:
    """Return the profiles of `store_ids` by id, in two queries; unknown ids are missing."""
    stores = list(
        Store.objects.filter(organisation_id=organisation_id, id__in=set(store_ids)).select_related(
            "merchant"
        )
    )
    terms = _agreements(organisation_id, {store.merchant_id for store in stores})
    return {store.id: _profile(store, terms.get(store.merchant_id, ())) for store in stores}


def _agreements(
    organisation_id: UUID, merchant_ids: set[UUID]
) -> dict[UUID, tuple[AgreementTerm, ...]]:
    rows = Agreement.objects.filter(
        organisation_id=organisation_id, merchant_id__in=merchant_ids
    ).order_by("-starts_on")
    found: dict[UUID, tuple[AgreementTerm, ...]] = {}
    for row in rows:
        term = AgreementTerm(row.starts_on, row.ends_on, row.debt_bearer, row.disputed_bearer)
        found[row.merchant_id] = (*found.get(row.merchant_id, ()), term)
    return found


def _profile(store: Store, terms: tuple[AgreementTerm, ...]) -> StoreProfile:
    return StoreProfile(
        store_id=store.id,
        merchant_id=store.merchant_id,
        site_id=store.site_id,
        zone=ZoneInfo(store.zone),
        day_cut_off=time.fromisoformat(store.day_cut_off),
        currency=store.currency,
        is_open_for_business=store.merchant.state == MerchantState.ACTIVE,
        agreements=terms,
    )
