"""Planning payments: everything read before the writer, in one set of reads for any number.

A plan is a proposal: balances, states and counters are the writer's, under its locks. What is
found here is who the payer is, what they may pay from, what the posted price is, which business
day it is, and a first objection when the credential itself is no good.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.errors import Refused
from domain.offline_policy import Assurance
from domain.wallet_code import Verified, verify
from server.catalogue.read_prices import PriceBook, read_prices
from server.fleet.models import IssuerKey
from server.http import TerminalIdentity
from server.merchants.read_stores import StoreProfile, read_stores
from server.people.read_payers import PayerProfile, read_payers
from server.wallets.read_funding import Funding, read_funding
from server.wallets.read_mandates import MandateFunding, has_mandates, read_mandates
from sync import signing
from sync.messages import CredentialKind, PaymentRequest, Tender

T = TypeVar("T")

KEPT_FOR: Final = timedelta(seconds=1)
KEPT_LIMIT: Final = 4_096
"""Sets of stores kept at once, by one process."""
CODE_TOLERANCE_S: Final = 30
"""How far a phone's clock may be off when its code is judged."""
AHEAD_TOLERANCE: Final = timedelta(minutes=5)
"""A record may claim to be this far in the future: clocks differ, and requests take time."""
OLDEST: Final = timedelta(days=35)
"""Journals keep 35 days; an older time is an impossible one."""


class Asked(Struct, frozen=True):
    """A payment request as it came, with the terminal as it was bound for it."""

    terminal: TerminalIdentity
    request: PaymentRequest
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a payer cannot be debited: a code for the counter, a kind for the case."""

    code: str
    case: str


class Plan(Struct, frozen=True):
    """What the reads say about one request. `charge_amount` None: no posted price to compare."""

    asked: Asked
    store: StoreProfile | None
    payer: PayerProfile | None
    funding: tuple[Funding, ...]
    charge_amount: int | None
    price_objection: str
    entitlement_limit: int | None
    portions: int
    occurred_at: datetime
    is_clock_impossible: bool
    business_on: date
    booked_on: date
    code: Verified | None
    objection: Objection | None
    mandate: MandateFunding | None = None

    @property
    def request(self) -> PaymentRequest:
        """The request planned for."""
        return self.asked.request

    @property
    def assurance(self) -> Assurance:
        """What the counter claims, but of a card never more than it was issued with."""
        claimed = self.request.evidence.assurance
        card = self.payer.card if self.payer is not None else None
        return Assurance(claimed if card is None else min(claimed, card.assurance))


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read for one organisation."""

    stores: dict[UUID, StoreProfile]
    books: dict[UUID, PriceBook]
    payers: dict[str, PayerProfile]
    funding: dict[UUID, tuple[Funding, ...]]
    mandates: dict[UUID, MandateFunding]
    issuer_keys: dict[str, bytes]


class Kept:
    """Stores, prices and issuer keys kept for a second: they change by hand, not by payments."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[datetime, Any]] = {}

    def get(self, place: Hashable, at: datetime, read: Callable[[], T]) -> T:
        """Return what was read for `place` within `KEPT_FOR` before `at`, or read it now."""
        found = self._kept.get(place)
        if found is not None and timedelta(0) <= at - found[0] < KEPT_FOR:
            kept: T = found[1]
            return kept
        if len(self._kept) >= KEPT_LIMIT:
            self._kept.clear()
        fresh = read()
        self._kept[place] = (at, fresh)
        return fresh


def plan_payments(asked: Sequence[Asked], kept: Kept | None = None) -> list[Plan]:
    """Plan any number of requests with a handful of reads per organisation."""
    kept = kept or Kept()
    known = {}
    for organisation in {_organisation(item) for item in asked}:
        theirs = [item for item in asked if _organisation(item) == organisation]
        known[organisation] = _read(organisation, theirs, kept)
    return [_plan(item, known[_organisation(item)]) for item in asked]


def clamp(at: datetime, received_at: datetime) -> datetime:
    """Bound an instant to what is possible for something received at `received_at`."""
    return min(max(at, received_at - OLDEST), received_at + AHEAD_TOLERANCE)


def business_days(
    store: StoreProfile | None, occurred_at: datetime, received_at: datetime
) -> tuple[date, date]:
    """(business_on, booked_on): the day it happened, and the open day it is booked in.

    A store's day is closed only after it is over, so the day of reception is always open.
    """
    if store is None:
        return occurred_at.date(), received_at.date()
    booked = store.business_on(received_at)
    return min(store.business_on(occurred_at), booked), booked


def _organisation(asked: Asked) -> UUID:
    return asked.terminal.organisation_id


def _read(organisation_id: UUID, asked: Sequence[Asked], kept: Kept) -> _Known:
    store_ids = sorted({item.terminal.store_id for item in asked})
    references = {
        item.request.intent.payer for item in asked if item.request.intent.tender is Tender.WALLET
    }
    payers = read_payers(organisation_id, sorted(references)) if references else {}
    person_ids = {payer.person_id for payer in payers.values()}
    at = max(item.received_at for item in asked)
    # What was sold offline is paid from what was open then, however late its record comes
    since = min(clamp(item.request.stamp.corrected_at, item.received_at) for item in asked)
    has_codes = any(item.request.evidence.wallet_code for item in asked)
    place = (organisation_id, *store_ids)
    stores, books = kept.get(
        ("stores", place),
        at,
        lambda: (read_stores(organisation_id, store_ids), read_prices(organisation_id, store_ids)),
    )
    keys = ("issuer keys", organisation_id)
    signed = ("mandates", organisation_id)
    has_banks = bool(person_ids) and kept.get(signed, at, lambda: has_mandates(organisation_id))
    return _Known(
        stores=stores,
        books=books,
        payers=payers,
        funding=read_funding(organisation_id, person_ids, at, since) if person_ids else {},
        mandates=read_mandates(organisation_id, person_ids) if has_banks else {},
        issuer_keys=kept.get(keys, at, lambda: _issuer_keys(organisation_id)) if has_codes else {},
    )


def _issuer_keys(organisation_id: UUID) -> dict[str, bytes]:
    rows = IssuerKey.objects.filter(organisation_id=organisation_id)
    return {key_id: bytes(key) for key_id, key in rows.values_list("key_id", "public_key")}


def _plan(asked: Asked, known: _Known) -> Plan:
    request = asked.request
    store = known.stores.get(asked.terminal.store_id)
    payer = known.payers.get(request.intent.payer)
    claimed_at = request.stamp.corrected_at
    occurred_at = clamp(claimed_at, asked.received_at)
    business_on, booked_on = business_days(store, occurred_at, asked.received_at)
    book = known.books.get(asked.terminal.store_id)
    category = payer.category if payer is not None else ""
    charge, no_price = _posted(book, request, category, occurred_at)
    code, objection = _credential(asked, payer, known, occurred_at)
    period = book.periods.get(request.meal_period) if book is not None else None
    is_meal = payer is not None and period is not None and request.price_version > 0
    purses = known.funding.get(payer.person_id, ()) if payer is not None else ()
    return Plan(
        asked=asked,
        store=store,
        payer=payer,
        funding=tuple(purse for purse in purses if purse.is_open(occurred_at)),
        charge_amount=charge,
        price_objection=no_price,
        entitlement_limit=period.entitlement if is_meal and period is not None else None,
        portions=_meals(request, book) if is_meal else 0,
        occurred_at=occurred_at,
        is_clock_impossible=occurred_at != claimed_at,
        business_on=business_on,
        booked_on=booked_on,
        code=code,
        objection=objection,
        mandate=known.mandates.get(payer.person_id) if payer is not None else None,
    )


def _posted(
    book: PriceBook | None, request: PaymentRequest, category: str, at: datetime
) -> tuple[int | None, str]:
    """The total by posted prices, or None for keyed amounts; or the code of a missing price."""
    if request.price_version == 0 or book is None:
        return None, ""
    total = 0
    for line in request.intent.lines:
        item = book.items.get(line.item)
        if item is not None:
            total += item.amount * line.quantity
            continue
        price = book.posted(category, request.meal_period, at)
        if price is None:
            return None, "prices.none"
        is_second = request.second_portion and price.second_amount is not None
        each = price.second_amount if is_second else price.amount
        assert each is not None
        total += each * line.quantity
    return total - sum(discount.amount for discount in request.intent.discounts), ""


def _meals(request: PaymentRequest, book: PriceBook | None) -> int:
    items = book.items if book is not None else {}
    return sum(line.quantity for line in request.intent.lines if line.item not in items)


def _credential(
    asked: Asked, payer: PayerProfile | None, known: _Known, at: datetime
) -> tuple[Verified | None, Objection | None]:
    """Judge what the payer showed, as of the moment it was shown."""
    request = asked.request
    if request.intent.tender is not Tender.WALLET:
        return None, None
    code, objection = None, None
    if request.evidence.credential is CredentialKind.WALLET_CODE:
        code, objection = _wallet_code(request, known, at)
    if objection is None:
        objection = _payer_objection(asked, payer, code, at)
    return code, objection


def _wallet_code(
    request: PaymentRequest, known: _Known, at: datetime
) -> tuple[Verified | None, Objection | None]:
    try:
        return verify(
            request.evidence.wallet_code,
            issuer_key=known.issuer_keys.get,
            verify=signing.verify,
            now=at,
            tolerance_s=CODE_TOLERANCE_S,
        ), None
    except Refused as refused:
        return None, Objection(refused.code, "bad_credential")


def _payer_objection(
    asked: Asked, payer: PayerProfile | None, code: Verified | None, at: datetime
) -> Objection | None:
    if payer is None:
        is_card = asked.request.intent.payer.startswith("card:")
        return Objection("cards.unknown" if is_card else "people.unknown", "payer_unknown")
    if code is not None and not _is_of(code, asked, payer):
        return Objection("codes.foreign", "bad_credential")
    card = payer.card
    if card is not None and card.lost_at is not None and card.lost_at <= at:
        return Objection("cards.lost", "card_lost")
    if card is not None and card.returned_at is not None and card.returned_at <= at:
        return Objection("cards.returned", "card_lost")
    return None


def _is_of(code: Verified, asked: Asked, payer: PayerProfile) -> bool:
    certificate = code.certificate
    return (
        certificate.person_id == payer.person_id
        and certificate.organisation_id == asked.terminal.organisation_id
    )
