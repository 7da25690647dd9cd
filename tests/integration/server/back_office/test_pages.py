"""Every page of the back office opens in both languages, and its forms do what they say.

On SQLite alone: what the pages call is tested on both engines beside each app.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import translation

from server.biometrics.models import Consent, Template
from server.catalogue.models import Item, MealPeriod, Price, PriceList
from server.config import sample_data
from server.config.sample import Sample, create_sample
from server.fleet.models import ActivationCode, IssuerKey, PolicyVersion, Terminal
from server.merchants.models import Merchant, MerchantOperator, Store
from server.organisations.models import Organisation, Site
from server.people.models import Card, Category, Person
from tests.factories.server_rows import NOW, SECRETS, Randomness
from tests.factories.staff import sign_in

APPS = ("merchants", "fleet", "people", "catalogue", "biometrics", "organisations")


@pytest.fixture
def office(sqlite_database: str) -> Client:
    user = get_user_model().objects.create_superuser("office", password="a long enough one")
    return sign_in(Client(), user)


@pytest.fixture
def sample(office: Client) -> Sample:
    return create_sample(now=NOW, random=Randomness(), secrets=SECRETS, people=9)


def pages() -> list[Any]:
    return list(admin.site._registry)


def url(model: Any, page: str, *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def post(office: Client, model: Any, **fields: object) -> str:
    """Send an add form; returns the page that follows, with its messages."""
    response = office.post(url(model, "add"), fields, follow=True)
    assert response.status_code == 200
    assert "errorlist" not in response.content.decode(), response.content.decode()
    return response.content.decode()


def act(office: Client, row: Any, action: str) -> str:
    fields = {"action": action, "_selected_action": [str(row.pk)]}
    response = office.post(url(type(row), "changelist"), fields, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_every_page_opens_in_both_languages(office: Client, sample: Sample) -> None:
    assert {model._meta.app_label for model in pages()} >= set(APPS)
    for language in ("zh-hans", "en"):
        for model in pages():
            assert (
                office.get(url(model, "changelist"), HTTP_ACCEPT_LANGUAGE=language).status_code
                == 200
            )
            response = office.get(url(model, "add"), HTTP_ACCEPT_LANGUAGE=language)
            assert response.status_code in (200, 403)
            first = model.objects.first()
            if first is not None:
                shown = office.get(url(model, "change", first.pk), HTTP_ACCEPT_LANGUAGE=language)
                assert shown.status_code == 200


def test_the_office_greets_in_the_readers_language(office: Client) -> None:
    chinese = office.get(reverse("admin:index"), HTTP_ACCEPT_LANGUAGE="zh-hans").content.decode()
    english = office.get(reverse("admin:index"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "饭票" in chinese
    assert "终端" in chinese
    assert "Terminals" in english


def test_every_text_of_a_page_is_translated() -> None:
    texts = set()
    for label in APPS:
        for file in Path(apps.get_app_config(label).path).glob("*.py"):
            texts |= set(re.findall(r'\b_\(\s*"([^"]+)"', file.read_text()))
    assert len(texts) > 100
    with translation.override("zh-hans"):
        untranslated = sorted(text for text in texts if translation.gettext(text) == text)
    assert untranslated == []


SHOWN_ELSEWHERE = {
    "Membership",  # with its person
    "Attachment", "GuardianCode", "Holding", "Notice", "Refusal",  # with their consent
}  # fmt: skip


def test_every_app_has_its_page() -> None:
    for label in APPS:
        shown = {m for m in admin.site._registry if m._meta.app_label == label}
        hidden = {m.__name__ for m in apps.get_app_config(label).get_models()} - {
            m.__name__ for m in shown
        }
        assert hidden <= SHOWN_ELSEWHERE, label


def test_a_canteen_can_be_entered_by_hand(office: Client, sample: Sample) -> None:
    post(office, Site, name="东区", code="east")
    site = Site.objects.get(code="east")
    post(office, Merchant, code="tea", name="茶饮", state="active")
    merchant = Merchant.objects.get(code="tea")
    post(
        office, Store, merchant=merchant.id, site=site.id, code="t1", name="茶铺",
        zone="Asia/Shanghai", day_cut_off="04:00", currency="CNY",
    )  # fmt: skip
    store = Store.objects.get(code="t1")
    post(office, Terminal, name="A", store=store.id, profile="shop")
    terminal = Terminal.objects.get(name="A")
    assert (terminal.merchant_id, terminal.binding_version) == (merchant.id, 1)
    post(
        office, MerchantOperator, merchant=merchant.id, number="9", name="小周", role="cashier",
        pin="112233", is_active="on", must_change="on",
    )  # fmt: skip
    assert MerchantOperator.objects.get(number="9").pin_hash.startswith("scrypt$")
    post(office, Item, merchant=merchant.id, code="tea", name_zh="茶", name_en="Tea", amount=500)
    post(
        office, MealPeriod, store=store.id, code="day", name_zh="全天", name_en="Day",
        starts="08:00", ends="20:00",
    )  # fmt: skip
    post(office, PriceList, store=store.id)
    prices = PriceList.objects.get(store=store)
    post(office, Price, price_list=prices.id, category="", period="day", amount=900)
    price = Price.objects.get(price_list=prices)
    assert (price.version, price.created_by) == (1, "office")


def test_a_new_server_starts_with_an_organisation(office: Client) -> None:
    refused = office.post(
        url(Merchant, "add"), {"code": "a", "name": "a", "state": "active"}, follow=True
    )
    assert Merchant.objects.count() == 0
    assert "机构" in refused.content.decode()
    post(office, Organisation, name="示例", currency="CNY", zone="Asia/Shanghai")
    post(office, Merchant, code="a", name="a", state="active")
    assert Merchant.objects.get().organisation == Organisation.objects.get()


def test_people_and_cards_are_entered_frozen_and_lost(office: Client, sample: Sample) -> None:
    site, category = Site.objects.get(), Category.objects.get(code="staff")
    post(
        office, Person, number="E77", name="王五七", category=category.id, sites=[site.id],
        last_digits="4321",
    )  # fmt: skip
    person = Person.objects.get(number="E77")
    assert person.digits_hash
    post(office, Card, person=person.id, label="77", uid="04 A1 B2 C3 D4 E5 F6")
    card = Card.objects.get(person=person)
    act(office, person, "freeze")
    act(office, card, "lose")
    person.refresh_from_db()
    card.refresh_from_db()
    assert (person.state, card.state) == ("frozen", "lost")
    assert "PIN" in act(office, person, "give_new_pin")
    act(office, person, "free")
    act(office, person, "part")
    person.refresh_from_db()
    assert person.state == "left"


def test_terminals_get_codes_move_and_are_revoked(office: Client, sample: Sample) -> None:
    terminal = Terminal.objects.get(id=sample.counters[0].terminal_id)
    before = ActivationCode.objects.count()
    act(office, terminal, "make_code")
    act(office, terminal, "make_forced_code")
    assert ActivationCode.objects.count() == before + 2
    Terminal.objects.filter(id=terminal.id).update(waiting_count=2)
    fields = {"name": terminal.name, "store": terminal.store_id, "profile": "shop"}
    place = url(Terminal, "change", terminal.id)
    refused = office.post(place, fields, follow=True, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "2 records still wait" in refused
    office.post(place, {**fields, "is_forced": "on"}, follow=True)
    terminal.refresh_from_db()
    assert (terminal.profile, terminal.binding_version) == ("shop", 2)
    act(office, terminal, "revoke")
    terminal.refresh_from_db()
    assert terminal.state == "revoked"


def test_the_office_sees_what_a_policy_risks_and_how_many_faces_are_kept(
    office: Client, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    Terminal.objects.update(state="active")
    cap = max(caps.person_amount for caps in sample_data.POLICY.caps.values())
    shown = office.get(url(PolicyVersion, "changelist")).content.decode()
    assert f"¥{len(sample.counters) * cap / 100:.2f}" in shown
    faces = office.get(url(Template, "changelist"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Faces of 0 people are stored." in faces
    assert "must be filed" not in faces
    monkeypatch.setattr("server.biometrics.admin.FILING_WARNING", 0)
    faces = office.get(url(Template, "changelist"), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "must be filed" in faces


def test_refusals_are_told_in_words_and_save_nothing(office: Client, sample: Sample) -> None:
    prices = PriceList.objects.get()
    fields = {
        "price_list": prices.id, "category": "student", "period": "lunch", "amount": 1300,
        "effective_at_0": "2026-01-02", "effective_at_1": "00:00:00",
    }  # fmt: skip
    before = Price.objects.count()
    said = office.post(url(Price, "add"), fields, follow=True, HTTP_ACCEPT_LANGUAGE="en")
    assert "needs a reason" in said.content.decode()
    assert Price.objects.count() == before
    body = {"body": '{"caps": "none"}'}
    assert "errorlist" in office.post(url(PolicyVersion, "add"), body).content.decode()
    assert PolicyVersion.objects.count() == 1


def test_consents_policies_and_issuer_keys(office: Client, sample: Sample) -> None:
    person = sample.people[0]
    post(
        office, Consent, person=person.person_id, site=sample.site_id, given_by="guardian",
        giver_name="张母", relation="母亲", is_under_14="on", text_version="1", evidence="柜 1",
    )  # fmt: skip
    consent = Consent.objects.get()
    act(office, consent, "withdraw")
    consent.refresh_from_db()
    assert consent.withdrawn_at is not None
    post(office, PolicyVersion, body=PolicyVersion.objects.get().body and
         '{"version":0,"caps":{"2":{"payment_amount":1,"person_amount":2}},"terminal_count":1,'
         '"terminal_amount":1,"max_age_s":1}')  # fmt: skip
    assert PolicyVersion.objects.count() == 2
    post(office, IssuerKey)
    assert IssuerKey.objects.count() == 2
    act(office, IssuerKey.objects.order_by("created_at").first(), "retire")
    assert IssuerKey.objects.filter(retired_at__isnull=True).count() == 1
