"""The sample canteen: complete, made by the real use-cases, and made once."""

from datetime import timedelta

import numpy
import pytest

from domain.errors import Refused
from domain.payment_codes import WALLET_CODE_PREFIX
from domain.wallet_code import verify as verify_code
from server.biometrics.models import Template
from server.catalogue.read_prices import read_prices
from server.config.sample import create_sample
from server.fleet.issuer_keys import read_issuer_keys
from server.merchants.read_stores import read_stores
from server.people.read_payers import read_payers
from sync import signing
from sync.pins import verify_pin
from tests.factories.server_rows import NOW, SECRETS, Randomness


def test_the_sample_holds_all_that_a_lunch_needs(database: str) -> None:
    sample = create_sample(now=NOW, random=Randomness(), secrets=SECRETS, people=12)
    organisation = sample.organisation_id
    store = read_stores(organisation, [sample.store_id])[sample.store_id]
    assert store.agreement_on(store.business_on(NOW)) is not None
    book = read_prices(organisation, [sample.store_id])[sample.store_id]
    for (category, period), (first, second) in sample.prices.items():
        posted = book.posted(category, period, NOW)
        assert posted is not None
        assert (posted.amount, posted.second_amount) == (first, second)
    key = SECRETS.card_key(organisation)
    references = [f"card:{signing.card_reference(key, who.card_uid)}" for who in sample.people]
    payers = read_payers(organisation, references)
    assert {payer.person_id for payer in payers.values()} == {p.person_id for p in sample.people}
    anybody = sample.people[0]
    assert verify_pin(anybody.pin, payers[references[0]].pin_hash)
    assert len(sample.counters) == 2
    with pytest.raises(Refused, match="samples.exists"):
        create_sample(now=NOW, random=Randomness(2), secrets=SECRETS)


def test_a_sample_phone_shows_codes_that_verify(sqlite_database: str) -> None:
    sample = create_sample(now=NOW, random=Randomness(), secrets=SECRETS, people=8)
    keys = read_issuer_keys(sample.organisation_id)
    for who in sample.people[:2]:
        text = who.phone.code(NOW, b"\x01" * 8)
        assert text.startswith(WALLET_CODE_PREFIX)
        at = NOW + timedelta(seconds=3)
        found = verify_code(text, issuer_key=keys.get, verify=signing.verify, now=at, tolerance_s=5)
        assert found.certificate.person_id == who.person_id


def test_people_with_photographs_are_enrolled_and_strangers_are_not(
    sqlite_database: str, tmp_path
) -> None:
    for name in ("样本甲", "样本乙", "样本丙"):
        (tmp_path / name).mkdir()
        for number in range(2):
            (tmp_path / name / f"{number}.jpg").write_bytes(name.encode())

    def embed(photo):
        seed = int.from_bytes(photo.read_bytes(), "big") % 2**32
        return numpy.random.default_rng(seed).normal(size=128).astype(numpy.float32)

    sample = create_sample(
        now=NOW, random=Randomness(), secrets=SECRETS, people=8,
        photos=tmp_path, strangers=["样本丙"], embed=embed,
    )  # fmt: skip
    assert [who.name for who in sample.with_faces()] == ["样本乙", "样本甲"]
    assert Template.objects.count() == 2
