"""Rows of a small sample organisation, with valid defaults: name only what the test is about.

Time and randomness are given: `NOW` is a Monday at noon in Shanghai, `Randomness` a seeded source.
"""

from __future__ import annotations

import random as standard_random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.ids import new_id
from server.biometrics.give_consent import ConsentForm, give_consent
from server.biometrics.models import Consent
from server.catalogue.models import PriceList
from server.catalogue.set_period import open_price_list
from server.channels.add_account import SIMULATED, add_account
from server.fleet.activate_terminal import activate_terminal
from server.fleet.create_activation_code import create_activation_code
from server.fleet.models import Terminal
from server.fleet.register_terminal import register_terminal
from server.merchants.models import Agreement, Merchant, MerchantOperator, Role, Store
from server.merchants.operators import create_operator
from server.organisations.models import Organisation, Site
from server.people.bind_card import bind_card
from server.people.enter_person import enter_person
from server.people.models import Card, Category, Person
from server.runtime import Secrets
from sync import signing
from sync.messages import ActivationAnswer, ActivationRequest

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SECRETS = Secrets(b"\x07" * 32)


class Randomness:
    """A seeded source of bytes: the same test draws the same ids every time."""

    def __init__(self, seed: int = 1) -> None:
        self._source = standard_random.Random(seed)

    def __call__(self, count: int) -> bytes:
        """Return `count` bytes."""
        return self._source.randbytes(count)


@dataclass(frozen=True, slots=True)
class Device:
    """An activated terminal with the private key that its device holds."""

    terminal: Terminal
    key: signing.TerminalKey
    answer: ActivationAnswer


class Rows:
    """Makes rows of one organisation; every method has defaults that fit together."""

    def __init__(self, seed: int = 1, now: datetime = NOW) -> None:
        self.random = Randomness(seed)
        self.now = now
        self.secrets = SECRETS
        self.organisation = Organisation.objects.create(
            id=self.id(), name="示例大学", created_at=now
        )
        add_account(self.organisation.id, self.id(), SIMULATED, now=now)
        self.site = self.new_site("main")
        self.merchant = self.new_merchant("canteen")
        self.store = self.new_store()

    def id(self) -> UUID:
        """Return a fresh id."""
        return new_id(int(self.now.timestamp() * 1000), self.random)

    def new_site(self, code: str) -> Site:
        """Make a site."""
        return Site.objects.create(
            id=self.id(), organisation=self.organisation, name=f"校区 {code}", code=code
        )

    def new_merchant(self, code: str = "other") -> Merchant:
        """Make a merchant with an agreement."""
        merchant = Merchant.objects.create(
            id=self.id(), organisation=self.organisation, code=code, name=f"商户 {code}"
        )
        Agreement.objects.create(
            id=self.id(),
            organisation=self.organisation,
            merchant=merchant,
            starts_on=date(2026, 1, 1),
        )
        return merchant

    def new_store(
        self, code: str = "hall", merchant: Merchant | None = None, site: Site | None = None
    ) -> Store:
        """Make a store."""
        return Store.objects.create(
            id=self.id(),
            organisation=self.organisation,
            merchant=merchant or self.merchant,
            site=site or self.site,
            code=code,
            name=f"食堂 {code}",
        )

    def new_category(self, code: str = "student", **changes: object) -> Category:
        """Make a category, or return the one of this code."""
        made, _ = Category.objects.get_or_create(
            organisation=self.organisation,
            code=code,
            defaults={"id": self.id(), "name_zh": "学生", "name_en": "Student", **changes},
        )
        return made

    def new_person(
        self, number: str = "S001", name: str = "张小明", category: str = "student"
    ) -> Person:
        """Make a person who eats at the main site."""
        return enter_person(
            self.new_category(category), number, name, [self.site.id],
            now=self.now, random=self.random,
        )  # fmt: skip

    def new_card(self, person: Person, uid: bytes = b"\x04\x01\x02\x03") -> Card:
        """Bind a card to a person."""
        key = signing.card_reference(SECRETS.card_key(self.organisation.id), uid)
        return bind_card(person, key, now=self.now, random=self.random)

    def new_operator(
        self, number: str = "01", role: Role = Role.CASHIER, pin: str = "246810"
    ) -> MerchantOperator:
        """Make an operator of the main merchant."""
        return create_operator(
            self.merchant, number, "李收银", role, pin, now=self.now, random=self.random
        )

    def new_price_list(self, store: Store | None = None) -> PriceList:
        """Make the price list of a store."""
        return open_price_list(store or self.store, now=self.now, random=self.random)

    def new_consent(self, person: Person, **form: Any) -> Consent:
        """Put the consent of a person for the main site on file."""
        said = {"giver_name": person.name, "text_version": "2026-1", "evidence": "柜 3", **form}
        return give_consent(
            self.organisation.id,
            person.id,
            self.site.id,
            ConsentForm(**said),
            now=self.now,
            random=self.random,
        )

    def new_terminal(self, name: str = "1 号窗口", store: Store | None = None) -> Terminal:
        """Register a terminal that no device is bound to yet."""
        return register_terminal(
            store or self.store, name, "canteen", now=self.now, random=self.random
        )

    def code_for(self, terminal: Terminal, **options: Any) -> str:
        """Make an activation code."""
        return create_activation_code(
            terminal, now=self.now, random=self.random, secrets=SECRETS, **options
        )

    def activated(self, terminal: Terminal | None = None) -> Device:
        """Activate a device for a terminal."""
        chosen = terminal or self.new_terminal()
        key = signing.TerminalKey.generate(self.random)
        request = request_for(self.code_for(chosen), key)
        answer = activate_terminal(request, now=self.now, random=self.random, secrets=SECRETS)
        chosen.refresh_from_db()
        return Device(chosen, signing.TerminalKey(key.seed, answer.key_id), answer)


def request_for(code: str, key: signing.TerminalKey) -> ActivationRequest:
    """Return what a device with `key` sends to be activated."""
    proof = key.sign(signing.activation_bytes(code, key.public_key))
    return ActivationRequest(
        code=code, public_key=key.public_key, proof=proof, serial="SN-1", software="test"
    )
