"""What each step of the first run makes, by the same use-cases as anywhere else.

Each runs in the transaction that holds the run's row, so that two tabs make one canteen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.meal_periods import business_on
from domain.money import parse_amount
from domain.offline_policy import Assurance, Caps, OfflinePolicy
from server.catalogue.set_period import open_price_list, set_period
from server.catalogue.set_price import set_price
from server.channels.add_account import SANDBOXED, add_account
from server.console.models import FirstRun
from server.console.roles import Granted, StaffRole
from server.console.staff import add_member, grant_role
from server.fleet.change_policy import change_policy
from server.fleet.issuer_keys import create_issuer_key
from server.fleet.register_terminal import register_terminal
from server.fresh import fresh_id
from server.ledger.apply import apply
from server.merchants.models import (
    USUAL_REFUND_LIMIT,
    Agreement,
    Merchant,
    MerchantOperator,
    Role,
    Store,
    check_zone,
)
from server.merchants.operators import create_operator
from server.organisations.models import Organisation, Site
from server.people.bulk_change import confirm_change, keep_trial, work_off
from server.people.change_person import set_person_pin
from server.people.import_people import Import, register_import, try_import
from server.people.models import Category, Person
from server.runtime import Secrets
from server.wallets.open_wallets import open_wallets
from server.wallets.top_up import top_up

BY = "first run"
CATEGORIES = (
    # code, Chinese, English, second factor, when short, debt limit (fen)
    ("student", "学生", "Student", "pin", "decline", 0),
    ("staff", "教职工", "Staff", "pin", "overdraw", 5000),
    ("guest", "访客", "Guest", "card", "decline", 0),
)
POLICY = OfflinePolicy(
    version=0,
    caps={
        Assurance.NUMBER: Caps(payment_amount=2000, person_amount=2000),
        Assurance.CARD_UID: Caps(payment_amount=3000, person_amount=6000),
        Assurance.SIGNED_CODE: Caps(payment_amount=5000, person_amount=10000),
        Assurance.FACE_LIVE: Caps(payment_amount=5000, person_amount=10000),
        Assurance.MUTUAL_CARD: Caps(payment_amount=10000, person_amount=20000),
    },
    terminal_count=400,
    terminal_amount=600000,
    max_age_s=72 * 3600,
    extension_count=100,
    extension_amount=150000,
)
"""What a counter may take alone until somebody decides otherwise: some 30 lunches' worth each."""
SAMPLES = 20
SAMPLE_CASH = 5000
"""¥50 for each sample person: a few lunches to try with."""
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"


@dataclass(frozen=True, slots=True)
class Making:
    """The edge of one step: its time, randomness and secrets."""

    now: datetime
    random: RandomBytes
    secrets: Secrets

    def id(self) -> UUID:
        """Return a fresh id."""
        return fresh_id(self.now, self.random)


@dataclass(frozen=True, slots=True)
class Meal:
    """One meal as typed: times "HH:MM", the price in yuan."""

    code: str
    name_zh: str
    name_en: str
    starts: str
    ends: str
    price: str


def set_up_site(run: FirstRun, typed: Mapping[str, str], making: Making) -> None:
    """Make the organisation with its site, merchant and store, its kinds of people and its caps."""
    name = _required(typed, "organisation", "first_run.name_missing")
    zone = typed.get("zone", "").strip() or "Asia/Shanghai"
    try:
        check_zone(zone)
    except ValidationError as error:
        raise Refused("first_run.bad_zone", zone=zone) from error
    now, random = making.now, making.random
    organisation = Organisation.objects.create(id=making.id(), name=name, zone=zone, created_at=now)
    for provider in SANDBOXED:
        add_account(organisation.id, making.id(), provider, now=now)
    site = Site.objects.create(
        id=making.id(), organisation=organisation, code="main",
        name=_required(typed, "site", "first_run.name_missing"),
    )  # fmt: skip
    merchant = Merchant.objects.create(
        id=making.id(), organisation=organisation, code="canteen",
        name=typed.get("merchant", "").strip()[:100] or name[:100],
    )  # fmt: skip
    today = now.astimezone(ZoneInfo(zone)).date()
    Agreement.objects.create(
        id=making.id(), organisation=organisation, merchant=merchant, starts_on=today,
        refund_limit_amount=USUAL_REFUND_LIMIT,
    )  # fmt: skip
    store = Store.objects.create(
        id=making.id(), organisation=organisation, merchant=merchant, site=site, code="hall-1",
        name=_required(typed, "store", "first_run.name_missing"), zone=zone,
    )  # fmt: skip
    for code, zh, en, factor, short, limit in CATEGORIES:
        Category.objects.create(
            id=making.id(), organisation=organisation, code=code, name_zh=zh, name_en=en,
            second_factor=factor, shortfall=short, debt_limit_amount=limit,
        )  # fmt: skip
    change_policy(organisation.id, POLICY, now=now, random=random, changed_by=BY)
    create_issuer_key(organisation.id, now=now, random=random, secrets=making.secrets)
    run.organisation, run.store = organisation, store.id


def set_up_operator(run: FirstRun, typed: Mapping[str, str], making: Making) -> MerchantOperator:
    """Make the first operator, who may do everything at a counter."""
    merchant = _store(run).merchant
    return create_operator(
        merchant, "1", _required(typed, "name", "first_run.name_missing"), Role.SUPERVISOR,
        typed.get("pin", "").strip(), now=making.now, random=making.random, must_change=False,
    )  # fmt: skip


def set_up_administrator(run: FirstRun, typed: Mapping[str, str], making: Making) -> User:
    """Make the account that administers the organisation; the second factor follows."""
    assert run.organisation_id is not None
    user = add_member(typed.get("username", ""), typed.get("password", ""))
    wanted = Granted(StaffRole.ADMINISTRATOR, run.organisation_id)
    grant_role(user, wanted, now=making.now, random=making.random, by=BY)
    return user


def set_up_meals(run: FirstRun, meals: Sequence[Meal], making: Making) -> int:
    """Enter every meal that has a price; prices hold at once, for everybody."""
    store = _store(run)
    prices = open_price_list(store, now=making.now, random=making.random)
    served = [meal for meal in meals if meal.price.strip()]
    if not served:
        raise Refused("first_run.no_price")
    for meal in served:
        amount = parse_amount(meal.price)
        set_period(
            store, meal.code, meal.starts, meal.ends, now=making.now, random=making.random,
            name_zh=meal.name_zh, name_en=meal.name_en,
        )  # fmt: skip
        set_price(
            prices, "", meal.code, amount, now=making.now, random=making.random,
            effective_at=making.now, reason=BY, set_by=BY,
        )  # fmt: skip
    return len(served)


def import_list(run: FirstRun, data: bytes, title: str, making: Making) -> dict[str, int]:
    """Import a spreadsheet of people; raises `Refused` naming the first cell that is wrong."""
    assert run.organisation_id is not None
    register_import()
    into = Import(
        run.organisation_id, (_store(run).site_id,), "student",
        making.secrets.card_key(run.organisation_id),
    )  # fmt: skip
    trial = try_import(data, title, into, now=making.now, random=making.random)
    if trial.errors:
        wrong = trial.errors[0]
        raise Refused(
            "first_run.list_wrong", row=wrong.row, column=wrong.column, value=wrong.value,
            count=len(trial.errors),
        )  # fmt: skip
    change = keep_trial(run.organisation_id, trial, now=making.now, random=making.random, by=BY)
    confirm_change(change, now=making.now, random=making.random, by=BY)
    work_off(run.organisation_id, change.id, now=making.now, random=making.random)
    people = Person.objects.filter(organisation_id=run.organisation_id).values_list("id", flat=True)
    open_wallets(run.organisation_id, people, at=making.now)
    return dict(trial.tally)


def add_samples(run: FirstRun, making: Making) -> None:
    """Enter 20 made-up people with a PIN and ¥50 each, through the same import as a real list."""
    rows = "\n".join(f"{number},{name},student,示例班" for number, name, _ in samples())
    import_list(run, f"编号,姓名,类别,班级\n{rows}\n".encode(), "samples.csv", making)
    assert run.organisation_id is not None
    people = Person.objects.filter(organisation_id=run.organisation_id)
    by_number = {person.number: person for person in people}
    for number, _, pin in samples():
        set_person_pin(by_number[number], pin, random=making.random)
    store = _store(run)
    day = business_on(making.now, ZoneInfo(store.zone), time.fromisoformat(store.day_cut_off))
    gifts = [
        top_up(
            making.id(), run.organisation_id, person.id, SAMPLE_CASH,
            source="opening", at=making.now, business_on=day,
        )
        for person in by_number.values()
    ]  # fmt: skip
    apply(connection, gifts)


def samples() -> list[tuple[str, str, str]]:
    """Return (number, name, PIN) of the sample people: the same every time."""
    return [(f"{9001 + place}", f"{SURNAMES[place]}样本", f"{9001 + place}00")
            for place in range(SAMPLES)]  # fmt: skip


def register_counter(run: FirstRun, name: str, profile: str, making: Making) -> None:
    """Register the first counter, unless it is there already."""
    if run.terminal is None:
        made = register_terminal(_store(run), name, profile, now=making.now, random=making.random)
        run.terminal = made.id


def _required(typed: Mapping[str, str], field: str, code: str) -> str:
    text = typed.get(field, "").strip()[:100]
    if not text:
        raise Refused(code)
    return text


def _store(run: FirstRun) -> Store:
    assert run.store is not None, "the site is the first step"
    assert run.organisation_id is not None, "as is the organisation"
    return Store.objects.select_related("merchant").get(
        id=run.store, organisation_id=run.organisation_id
    )
