"""What a counter of one small canteen knows: people, cards, prices, operators, policy."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

import msgspec

from domain.offline_policy import Assurance, Caps, OfflinePolicy
from sync import messages
from sync.messages import (
    CardRow,
    FeedKind,
    ItemRow,
    MealPeriodRow,
    OperatorRow,
    PolicyRow,
    PriceRow,
)
from sync.pins import hash_pin
from sync.signing import card_reference
from tests.unit.sync import makers

CASHIER, SUPERVISOR = UUID(int=300), UUID(int=301)
CASHIER_PIN, SUPERVISOR_PIN, PERSON_PIN = "135790", "246801", "778899"
PERSON, OTHER = makers.PERSON, UUID(int=101)
OTHER_ACCOUNT = UUID(int=210)
CARD, OTHER_CARD, STRANGE_CARD = b"\x04card-1", b"\x04card-2", b"\x04card-9"
LUNCH_AMOUNT, SECOND_AMOUNT, GUEST_AMOUNT = 1200, 1800, 2000
WECHAT = "134567890123456789"


@cache
def hashed(pin: str) -> str:
    return hash_pin(pin, b"0123456789abcdef")


def feed_rows(changes: dict[str, Any]) -> list[tuple[FeedKind, str, messages.Message]]:
    person = {"pin_hash": hashed(PERSON_PIN), **changes.get("person", {})}
    first = makers.person_row(**person)
    other = makers.person_row(
        OTHER,
        masked_name="李*",
        funding=(messages.FundingRow(account_id=OTHER_ACCOUNT, kind="cash"),),
        debt_account_id=None,
    )
    key = makers.activation_answer().card_key
    cards = [(CARD, PERSON, changes.get("card_state", "active")), (OTHER_CARD, OTHER, "active")]
    rows: list[tuple[FeedKind, str, messages.Message]] = [
        (FeedKind.PERSON, str(PERSON), first),
        (FeedKind.PERSON, str(OTHER), other),
        (
            FeedKind.ACCOUNT,
            str(makers.CASH_ACCOUNT),
            makers.account_row(balance=changes.get("balance", 50_000)),
        ),
        (
            FeedKind.ACCOUNT,
            str(OTHER_ACCOUNT),
            makers.account_row(OTHER_ACCOUNT, balance=50_000, person_id=OTHER),
        ),
    ]
    for uid, owner, state in cards:
        card_key = card_reference(key, uid)
        rows.append(
            (FeedKind.CARD, card_key, CardRow(card_key=card_key, person_id=owner, state=state))
        )
    return [*rows, *_store_rows(changes)]


def _store_rows(changes: dict[str, Any]) -> list[tuple[FeedKind, str, messages.Message]]:
    lunch = MealPeriodRow(
        period="lunch",
        name_zh="午餐",
        name_en="Lunch",
        starts=changes.get("starts", "11:00"),
        ends=changes.get("ends", "13:30"),
        entitlement=changes.get("entitlement"),
    )
    supper = MealPeriodRow(
        period="supper", name_zh="晚餐", name_en="Supper", starts="17:00", ends="19:00"
    )
    student = PriceRow(
        price_id=UUID(int=400),
        category="student",
        period="lunch",
        amount=changes.get("price", LUNCH_AMOUNT),
        second_amount=SECOND_AMOUNT,
        effective_at=makers.NOON.replace(year=2025),
        version=3,
    )
    guest = msgspec.structs.replace(
        student, price_id=UUID(int=401), category="", amount=GUEST_AMOUNT, second_amount=None
    )
    policy = changes.get("policy") or OfflinePolicy(
        version=7,
        caps={one: Caps(5_000, 20_000) for one in Assurance},
        terminal_count=changes.get("terminal_count", 100),
        terminal_amount=1_000_000,
        max_age_s=3 * 86_400,
        extension_count=2,
        extension_amount=10_000,
    )
    cashier = OperatorRow(
        operator_id=CASHIER, name="陈师傅", role="cashier", pin_hash=hashed(CASHIER_PIN)
    )
    supervisor = OperatorRow(
        operator_id=SUPERVISOR, name="王主管", role="supervisor", pin_hash=hashed(SUPERVISOR_PIN)
    )
    noodles = ItemRow(item="10001", name_zh="牛肉面", name_en="Beef noodles", amount=1800)
    return [
        (FeedKind.MEAL_PERIOD, "lunch", lunch),
        (FeedKind.MEAL_PERIOD, "supper", supper),
        (FeedKind.PRICE, "p1", student),
        (FeedKind.PRICE, "p2", guest),
        (FeedKind.POLICY, "policy", PolicyRow(version=7, body=msgspec.json.encode(policy))),
        (FeedKind.OPERATOR, str(CASHIER), cashier),
        (FeedKind.OPERATOR, str(SUPERVISOR), supervisor),
        (FeedKind.ITEM, "10001", noodles),
    ]
