"""An obviously made-up canteen in an empty database, for demos, tests and a first look.

    sample = create_sample(now=…, random=…, secrets=…)      # connected, migrated database

Everything goes through the same use-cases as a real set-up. What it returns is what a demo needs
and no database tells: activation codes, PINs, card UIDs, phones that show wallet codes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.meal_periods import business_on
from domain.wallet_code import encode_code, payment_message
from server.biometrics.enrol_template import enrol_template
from server.biometrics.give_consent import ConsentForm, give_consent
from server.biometrics.sealed import Vector
from server.catalogue.set_item import set_item
from server.catalogue.set_period import open_price_list, set_period
from server.catalogue.set_price import set_price
from server.channels.add_account import SIMULATED, add_account
from server.config import sample_data as data
from server.fleet.change_policy import change_policy
from server.fleet.create_activation_code import create_activation_code
from server.fleet.issuer_keys import create_issuer_key, issue_certificate
from server.fleet.register_terminal import register_terminal
from server.fresh import fresh_id
from server.ledger.apply import apply
from server.merchants.models import USUAL_REFUND_LIMIT, Agreement, Merchant, Store
from server.merchants.operators import create_operator
from server.organisations.models import Organisation, Site
from server.people.bind_card import bind_card
from server.people.change_person import set_person_pin
from server.people.enter_person import enter_person
from server.people.models import Category, Person
from server.runtime import Secrets
from server.wallets.grant_subsidy import grant_subsidy
from server.wallets.models import Grant
from server.wallets.open_wallets import open_wallets
from server.wallets.top_up import top_up
from sync.signing import TerminalKey, card_reference

CODE_VALID_FOR = timedelta(days=30)
"""Sample activation codes outlast a day, so that a demo set up yesterday still starts."""
MIN_PEOPLE = 8

Embed = Callable[[Path], Vector]
"""A photograph → the vector of the one face in it; raises `Refused` ("faces.…")."""


@dataclass(frozen=True, slots=True)
class SamplePhone:
    """A payer's phone: its key and certificate, showing a fresh wallet code whenever asked."""

    seed: bytes = field(repr=False)
    certificate: bytes = field(repr=False)

    def code(self, now: datetime, nonce: bytes) -> str:
        """Return the text of the QR code shown at `now`; `nonce` is 8 bytes, never reused."""
        issued_at = now.replace(microsecond=0)
        message = payment_message(self.certificate, issued_at, nonce)
        return encode_code(self.certificate, issued_at, nonce, TerminalKey(self.seed).sign(message))


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """One made-up person. `photos` are all pictures of them; the first `enrolled` are enrolled."""

    person_id: UUID
    number: str
    name: str
    category: str
    card_uid: bytes
    pin: str
    phone: SamplePhone
    photos: tuple[Path, ...] = ()
    enrolled: int = 0


@dataclass(frozen=True, slots=True)
class SampleCounter:
    """A registered terminal and the code that activates it."""

    terminal_id: UUID
    name: str
    activation_code: str


@dataclass(frozen=True, slots=True)
class SampleOperator:
    """An operator and the PIN."""

    operator_id: UUID
    number: str
    name: str
    role: str
    pin: str


@dataclass(frozen=True, slots=True)
class Sample:
    """All that was made. `prices` is (category, period) → (first, second) in fen."""

    organisation_id: UUID
    site_id: UUID
    merchant_id: UUID
    store_id: UUID
    counters: tuple[SampleCounter, ...]
    operators: tuple[SampleOperator, ...]
    people: tuple[SamplePerson, ...]
    prices: dict[tuple[str, str], tuple[int, int]]

    def of_category(self, category: str) -> tuple[SamplePerson, ...]:
        """Return the people of one category."""
        return tuple(person for person in self.people if person.category == category)

    def with_faces(self) -> tuple[SamplePerson, ...]:
        """Return the people whose face is enrolled."""
        return tuple(person for person in self.people if person.enrolled)


@dataclass(frozen=True, slots=True)
class _Making:
    now: datetime
    random: RandomBytes
    secrets: Secrets

    def id(self) -> UUID:
        return fresh_id(self.now, self.random)


def create_sample(
    *,
    now: datetime,
    random: RandomBytes,
    secrets: Secrets,
    counters: int = 2,
    people: int = 48,
    photos: Path | None = None,
    strangers: Sequence[str] = (),
    enrol_photos: int = 1,
    embed: Embed | None = None,
) -> Sample:
    """Make the sample organisation; raises `Refused("samples.exists")` when it is there already.

    `photos` holds one folder of pictures per person (`<name>/*.jpg`). Whoever is not among
    `strangers` becomes a staff member with a consent and the first `enrol_photos` enrolled by
    `embed` (by default `devices.vision.faces`); the rest are left as probes.
    """
    if Organisation.objects.filter(name=data.ORGANISATION).exists():
        raise Refused("samples.exists", name=data.ORGANISATION)
    making = _Making(now, random, secrets)
    with transaction.atomic():
        store = _store(making)
        categories = _categories(making, store.organisation_id)
        _catalogue(making, store)
        change_policy(store.organisation_id, data.POLICY, now=now, random=random)
        create_issuer_key(store.organisation_id, now=now, random=random, secrets=secrets)
        crowd = _people(making, store, categories, max(people, MIN_PEOPLE))
        faces = _faces(making, store, categories["staff"], photos, strangers)
        everybody = (*crowd, *faces)
        _wallets(making, store, everybody)
        enrolled = tuple(_enrol(making, store, who, enrol_photos, embed) for who in everybody)
        return Sample(
            organisation_id=store.organisation_id,
            site_id=store.site_id,
            merchant_id=store.merchant_id,
            store_id=store.id,
            counters=_counters(making, store, counters),
            operators=_operators(making, store.merchant),
            people=enrolled,
            prices={(c, p): (first, second) for c, p, first, second in data.PRICES},
        )


def _store(making: _Making) -> Store:
    organisation = Organisation.objects.create(
        id=making.id(), name=data.ORGANISATION, created_at=making.now
    )
    add_account(organisation.id, making.id(), SIMULATED, now=making.now)
    code, name = data.SITE
    site = Site.objects.create(id=making.id(), organisation=organisation, code=code, name=name)
    code, name = data.MERCHANT
    merchant = Merchant.objects.create(
        id=making.id(), organisation=organisation, code=code, name=name
    )
    Agreement.objects.create(
        id=making.id(), organisation=organisation, merchant=merchant, starts_on=data.OPENED_ON,
        refund_limit_amount=USUAL_REFUND_LIMIT,
    )  # fmt: skip
    code, name = data.STORE
    return Store.objects.create(
        id=making.id(),
        organisation=organisation,
        merchant=merchant,
        site=site,
        code=code,
        name=name,
    )


def _categories(making: _Making, organisation_id: UUID) -> dict[str, Category]:
    return {
        code: Category.objects.create(
            id=making.id(),
            organisation_id=organisation_id,
            code=code,
            name_zh=zh,
            name_en=en,
            second_factor=factor,
            shortfall=short,
            debt_limit_amount=limit,
        )
        for code, zh, en, factor, short, limit in data.CATEGORIES
    }


def _catalogue(making: _Making, store: Store) -> None:
    now, random = making.now, making.random
    for code, zh, en, starts, ends, portions in data.PERIODS:
        set_period(
            store, code, starts, ends,
            now=now, random=random, name_zh=zh, name_en=en, entitlement=portions,
        )  # fmt: skip
    prices = open_price_list(store, now=now, random=random)
    for category, period, first, second in data.PRICES:
        set_price(
            prices, category, period, first,
            now=now, random=random, second_amount=second,
            effective_at=data.OPENED_AT, reason="示例价格", set_by="sample",
        )  # fmt: skip
    for code, zh, en, amount in data.ITEMS:
        set_item(store.merchant, code, zh, en, amount, now=now, random=random)


def _people(
    making: _Making, store: Store, categories: dict[str, Category], count: int
) -> tuple[SamplePerson, ...]:
    """Two in three are students; of the others every fourth is a guest."""
    made = []
    for place in range(count):
        code = "student" if place % 3 else ("guest" if place % 12 == 9 else "staff")
        number = (
            f"2026{place + 1:04d}" if code == "student" else f"{code[0].upper()}{place + 1:04d}"
        )
        name = data.person_name(place)
        made.append(_person(making, store, categories[code], number, name, place))
    return tuple(made)


def _faces(
    making: _Making, store: Store, staff: Category, photos: Path | None, strangers: Sequence[str]
) -> tuple[SamplePerson, ...]:
    if photos is None:
        return ()
    folders = [path for path in sorted(photos.iterdir()) if path.is_dir()]
    made = []
    for place, folder in enumerate(path for path in folders if path.name not in strangers):
        number = f"F{place + 1:04d}"
        person = _person(making, store, staff, number, folder.name, 9000 + place, face_auto=True)
        pictures = tuple(sorted(folder.glob("*.jpg")) + sorted(folder.glob("*.png")))
        made.append(replace(person, photos=pictures))
    return tuple(made)


def _person(
    making: _Making,
    store: Store,
    category: Category,
    number: str,
    name: str,
    place: int,
    *,
    face_auto: bool = False,
) -> SamplePerson:
    now, random, secrets = making.now, making.random, making.secrets
    person = enter_person(
        category, number, name, [store.site_id], now=now, random=random, face_auto=face_auto
    )
    pin, uid = data.person_pin(place), data.card_uid(place)
    set_person_pin(person, pin, random=random)
    key = card_reference(secrets.card_key(person.organisation_id), uid)
    bind_card(person, key, now=now, random=random, label=f"示例卡{place + 1:04d}")
    phone = _phone(making, person)
    return SamplePerson(person.id, number, name, category.code, uid, pin, phone)


def _phone(making: _Making, person: Person) -> SamplePhone:
    key = TerminalKey.generate(making.random)
    certificate = issue_certificate(
        person.organisation_id,
        person.id,
        key.public_key,
        offline_cap_amount=data.CERTIFICATE_CAP,
        not_after=(making.now + timedelta(days=data.CERTIFICATE_DAYS)).replace(microsecond=0),
        secrets=making.secrets,
    )
    return SamplePhone(key.seed, certificate)


def _wallets(making: _Making, store: Store, people: Sequence[SamplePerson]) -> None:
    """Everybody starts with cash; every student has a lunch subsidy for this merchant."""
    at, organisation_id = making.now, store.organisation_id
    day = business_on(at, ZoneInfo(store.zone), time.fromisoformat(store.day_cut_off))
    open_wallets(organisation_id, [person.person_id for person in people], at=at)
    top_ups = [
        top_up(
            making.id(), organisation_id, person.person_id, data.STARTING_CASH,
            source="opening", at=at, business_on=day,
        )
        for person in people
    ]  # fmt: skip
    apply(connection, top_ups)
    grant = Grant.objects.create(
        id=making.id(),
        organisation=organisation_id,
        name="示例午餐补贴",
        merchants=[str(store.merchant_id)],
        meal_periods=["lunch"],
        starts_at=data.OPENED_AT,
        expires_at=at + timedelta(days=365),
        created_at=at,
        created_by="sample",
    )
    students = [person.person_id for person in people if person.category == "student"]
    shares = grant_subsidy(grant, students, data.LUNCH_SUBSIDY, at=at, business_on=day)
    apply(connection, list(shares))


def _enrol(
    making: _Making, store: Store, who: SamplePerson, enrol_photos: int, embed: Embed | None
) -> SamplePerson:
    if not who.photos:
        return who
    form = ConsentForm(giver_name=who.name, text_version="sample-1", evidence="示例同意书")
    consent = give_consent(
        store.organisation_id, who.person_id, store.site_id, form,
        now=making.now, random=making.random,
    )  # fmt: skip
    chosen = who.photos[:enrol_photos]
    embed_photo, model = (embed, "given") if embed else _engine()
    enrol_template(
        consent, [embed_photo(photo) for photo in chosen], model,
        now=making.now, random=making.random, secrets=making.secrets, enrolled_by="sample",
    )  # fmt: skip
    return replace(who, enrolled=len(chosen))


def _engine() -> tuple[Embed, str]:
    """The real pipeline; imported when asked for, since it loads the models."""
    from server.biometrics.embed_photo import MODEL, embed_photo

    return embed_photo, MODEL


def _counters(making: _Making, store: Store, count: int) -> tuple[SampleCounter, ...]:
    made = []
    for place in range(count):
        name = f"{place + 1} 号窗口"
        terminal = register_terminal(store, name, "canteen", now=making.now, random=making.random)
        code = create_activation_code(
            terminal, now=making.now, random=making.random, secrets=making.secrets,
            created_by="sample", valid_for=CODE_VALID_FOR,
        )  # fmt: skip
        made.append(SampleCounter(terminal.id, name, code))
    return tuple(made)


def _operators(making: _Making, merchant: Merchant) -> tuple[SampleOperator, ...]:
    made = []
    for number, name, role, pin in data.OPERATORS:
        operator = create_operator(
            merchant, number, name, role, pin,
            now=making.now, random=making.random, must_change=False,
        )  # fmt: skip
        made.append(SampleOperator(operator.id, number, name, role, pin))
    return tuple(made)
