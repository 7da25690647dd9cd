"""A counter activated at the sample canteen learns, by the feed alone, all it needs to sell."""

from pathlib import Path
from uuid import UUID

import numpy
import pytest

from domain.authorization import PersonState, SourceKind
from domain.clock import Clock
from server.biometrics.models import Consent
from server.biometrics.withdraw_consent import withdraw_consent
from server.config import sample_data
from server.config.feed_wiring import register_renderers
from server.config.sample import Sample, create_sample
from server.feed import api as feed_api
from server.feed.epoch import ensure_epoch
from server.feed.sequencer import Sequencer
from server.fleet.activate_terminal import activate_terminal
from server.fleet.models import Terminal
from server.payments.follow_mandate import cancel_mandate
from server.people.change_person import freeze_person
from server.people.models import Person
from server.wallets.models import Mandate
from sync import signing
from sync.clocks import CorrectedClock
from sync.messages import FeedPage, decode
from sync.pins import verify_pin
from sync.replica import Applied, Replica
from sync.store import LocalStore
from tests.factories.server_rows import NOW, SECRETS, Device, Randomness, request_for
from tests.factories.terminals_api import TerminalsApi, terminals_api


class Counter:
    """A device of the sample with its replica; pulls until the feed has no more."""

    def __init__(self, api: TerminalsApi, sample: Sample, path: Path, clock: Clock) -> None:
        random = Randomness(5)
        key = signing.TerminalKey.generate(random)
        code = sample.counters[0].activation_code
        request = request_for(code, key)
        self.answer = activate_terminal(request, now=NOW, random=random, secrets=SECRETS)
        terminal = Terminal.objects.get(id=self.answer.terminal_id)
        held = signing.TerminalKey(key.seed, self.answer.key_id)
        self.device = Device(terminal, held, self.answer)
        self.api = api
        self.store = LocalStore(path)
        self.replica = Replica(self.store, CorrectedClock(clock, self.store))
        self.sequencer = Sequencer(random)

    def pull(self) -> None:
        """Number what was committed and pull it, ten rows a page."""
        self.sequencer.step(NOW)
        for _ in range(200):
            asked = self.replica.position()
            query = {"epoch": asked.epoch, "after": str(asked.cursor), "limit": "10"}
            response = self.api.call("GET", "/v1/feed", b"", self.device, query=query)
            page = decode(FeedPage, response.content)
            applied = self.replica.apply_page(page, asked)
            if applied is not Applied.RESTARTED and not page.has_more:
                return
        raise AssertionError("the feed never ends")

    def mandate_of(self, person_id: UUID) -> tuple[int, int] | None:
        """What this counter may claim of a person's bank: a payment, and in all."""
        snapshot = self.replica.snapshot(person_id)
        assert snapshot is not None
        last = snapshot.sources[-1]
        is_bank = last.kind is SourceKind.MANDATE
        return (last.available_amount, last.claim_cap_amount) if is_bank else None


@pytest.fixture
def sample(database: str, tmp_path: Path) -> Sample:
    (tmp_path / "样本甲").mkdir()
    (tmp_path / "样本甲" / "1.jpg").write_bytes(b"1")
    ensure_epoch(Randomness(3))
    return create_sample(
        now=NOW, random=Randomness(), secrets=SECRETS, people=12,
        photos=tmp_path, embed=lambda _: numpy.ones(128, numpy.float32),
    )  # fmt: skip


def test_a_counter_learns_the_sample(sample: Sample, tmp_path: Path) -> None:
    with terminals_api(NOW) as api:
        api.serve(feed_api.routes(api.runtime))
        register_renderers(api.runtime)
        counter = Counter(api, sample, tmp_path / "counter.sqlite3", api.clock)
        counter.pull()
        replica = counter.replica

        for who in sample.people:
            card = replica.card(signing.card_reference(counter.answer.card_key, who.card_uid))
            assert card is not None
            assert card.person_id == who.person_id
        student = sample.of_category("student")[0]
        known = replica.person_by_number(student.number)
        assert known is not None
        assert verify_pin(student.pin, known.pin_hash)
        snapshot = replica.snapshot(student.person_id, meal_period="lunch")
        assert snapshot is not None
        purses = [(source.kind.value, source.available_amount) for source in snapshot.sources]
        assert purses == [
            ("subsidy", sample_data.LUNCH_SUBSIDY), ("cash", sample_data.STARTING_CASH),
        ]  # fmt: skip
        price = replica.price("student", "lunch", NOW)
        assert price is not None
        assert (price.amount, price.second_amount) == sample.prices["student", "lunch"]
        assert [period.period for period in replica.periods()] == ["breakfast", "lunch", "dinner"]
        assert {one.name for one in replica.operators()} == {one.name for one in sample.operators}
        assert len(replica.items()) == len(sample_data.ITEMS)
        policy = replica.policy()
        assert policy is not None
        assert policy.caps == sample_data.POLICY.caps
        certificate = student.phone.certificate
        key_id = certificate[74:82].hex()
        assert replica.issuer_key(key_id) is not None
        faces = replica.templates(counter.answer.data_key, sample.organisation_id)
        assert [face.person_id for face in faces.opened] == [sample.with_faces()[0].person_id]
        assert faces.failed == ()
        counter.store.close()


def test_a_counter_hears_of_a_freeze_and_of_a_withdrawn_consent(
    sample: Sample, tmp_path: Path
) -> None:
    with terminals_api(NOW) as api:
        api.serve(feed_api.routes(api.runtime))
        register_renderers(api.runtime)
        counter = Counter(api, sample, tmp_path / "counter.sqlite3", api.clock)
        counter.pull()
        who = sample.people[0]
        freeze_person(Person.objects.get(id=who.person_id), now=NOW)
        withdraw_consent(Consent.objects.get(), now=NOW)
        counter.pull()
        frozen = counter.replica.person(who.person_id)
        assert frozen is not None
        assert frozen.state == PersonState.FROZEN
        faces = counter.replica.templates(counter.answer.data_key, sample.organisation_id)
        assert faces.opened == ()
        counter.store.close()


def test_a_counter_learns_of_a_mandate_and_of_its_end(sample: Sample, tmp_path: Path) -> None:
    with terminals_api(NOW) as api:
        api.serve(feed_api.routes(api.runtime))
        register_renderers(api.runtime)
        counter = Counter(api, sample, tmp_path / "counter.sqlite3", api.clock)
        student = sample.of_category("student")[0]
        row = Mandate.objects.create(
            id=UUID(int=77), organisation=sample.organisation_id, person=student.person_id,
            channel="bank", number="m", account_tail="0001", state="active", signed_at=NOW,
            payment_cap_amount=3_000, day_cap_amount=9_000, claim_cap_amount=5_000,
            evidence="7", asked_at=NOW, asked_by="desk",
        )  # fmt: skip
        counter.pull()
        assert counter.mandate_of(student.person_id) == (3_000, 5_000)
        cancel_mandate(row, now=NOW, by="desk")
        counter.pull()
        assert counter.mandate_of(student.person_id) is None
