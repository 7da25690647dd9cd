"""Who a reference names, what may change about people and cards, and what counters hear of it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.authorization import PersonState, Shortfall
from domain.errors import Refused
from server.feed.models import Marker
from server.people.bind_card import bind_card, find_card, lose_card, replace_card, return_card
from server.people.change_person import (
    free_person,
    freeze_person,
    part_with_person,
    set_last_digits,
    set_person_pin,
)
from server.people.enter_person import enter_person, join_site, leave_site
from server.people.feed_rows import person_renderer, render_cards
from server.people.models import Card, Person
from server.people.read_payers import read_payers, read_versions
from server.people.touch_category import touch_category
from sync.messages import CardRow, PersonRow, decode
from sync.pins import verify_pin
from sync.signing import digits_reference
from tests.factories.server_rows import NOW, SECRETS, Rows
from tests.factories.terminals import identity_of


def refused(call) -> str:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.code


def marked(kind: str, *, gone: bool = False) -> set[str]:
    return set(Marker.objects.filter(kind=kind, tombstone=gone).values_list("entity", flat=True))


def version_of(person: Person) -> int:
    return Person.objects.get(id=person.id).version


def test_a_person_is_found_by_id_number_and_card(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    card = rows.new_card(person)
    references = [f"person:{person.id}", "number:S001", f"card:{card.card_key}"]
    found = read_payers(rows.organisation.id, references)
    assert {payer.person_id for payer in found.values()} == {person.id}
    by_card = found[references[2]]
    assert (by_card.masked_name, by_card.category) == ("张*明", "student")
    assert (by_card.state, by_card.shortfall) == (PersonState.ACTIVE, Shortfall.DECLINE)
    assert by_card.site_ids == {rows.site.id}
    assert by_card.card is not None
    assert found[references[0]].card is None


def test_any_number_of_references_takes_a_query_per_kind(database: str) -> None:
    rows = Rows()
    people = [rows.new_person(f"S{n:03d}") for n in range(8)]
    cards = [rows.new_card(person, bytes([4, n, 0, 0])) for n, person in enumerate(people)]
    references = [f"card:{card.card_key}" for card in cards]
    references += [f"person:{person.id}" for person in people]
    with CaptureQueriesContext(connection) as queries:
        assert len(read_payers(rows.organisation.id, references)) == 16
    assert len(queries) == 2


def test_references_that_name_nobody_are_missing(database: str) -> None:
    organisation = Rows().organisation.id
    reference = st.text(max_size=40) | st.sampled_from(
        ["cash", "code:ab", "person:", "card:\x00", "number:a\x00"]
    )

    @settings(max_examples=40)
    @given(references=st.lists(reference, max_size=5))
    def search(references: list[str]) -> None:
        assert read_payers(organisation, references) == {}

    search()


def test_people_of_another_organisation_are_nobody(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    assert read_payers(Rows(seed=2).organisation.id, [f"person:{person.id}", "number:S001"]) == {}


def test_each_change_that_matters_raises_the_version_and_tells_the_site(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    changes = [
        lambda: freeze_person(person, now=NOW),
        lambda: free_person(person),
        lambda: set_person_pin(person, "2468", random=rows.random),
        lambda: set_last_digits(person, "1234", card_key=b"k" * 32),
        lambda: rows.new_card(person),
        lambda: lose_card(Card.objects.get(person=person), now=NOW),
        lambda: touch_category(person.category),
        lambda: part_with_person(person, now=NOW),
    ]
    for change in changes:
        Marker.objects.all().delete()
        before = version_of(person)
        change()
        assert version_of(person) == before + 1
        assert marked("person") == {str(person.id)}


def test_freezing_leaving_and_their_ways_back(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    freeze_person(person, now=NOW)
    freeze_person(person, now=NOW + timedelta(days=1))
    found = read_versions(rows.organisation.id, [person.id])[person.id]
    assert (found.state, found.frozen_at) == (PersonState.FROZEN, NOW)
    part_with_person(person, now=NOW)
    assert refused(lambda: free_person(person)) == "people.left"
    assert refused(lambda: freeze_person(person, now=NOW)) == "people.left"


def test_pins_and_digits_are_kept_as_hashes_only(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    set_person_pin(person, "135791", random=rows.random)
    set_last_digits(person, "4321", card_key=b"k" * 32)
    stored = Person.objects.get(id=person.id)
    assert verify_pin("135791", stored.pin_hash)
    assert not verify_pin("135792", stored.pin_hash)
    assert stored.digits_hash == digits_reference(b"k" * 32, person.id, "4321")
    for pin, code in (
        ("12", "pins.too_short"),
        ("12a456", "pins.malformed"),
        ("٣" * 6, "pins.malformed"),
    ):
        assert refused(lambda pin=pin: set_person_pin(person, pin, random=rows.random)) == code


def test_a_card_has_one_owner_until_it_is_returned(database: str) -> None:
    rows = Rows()
    first, second = rows.new_person(), rows.new_person("S002", "李四")
    card = rows.new_card(first)
    take = lambda: bind_card(second, card.card_key, now=NOW, random=rows.random)  # noqa: E731
    assert refused(take) == "cards.taken"
    lose_card(card, now=NOW)
    assert refused(take) == "cards.lost"
    find_card(card, now=NOW)
    return_card(card, now=NOW)
    assert take().person_id == second.id
    assert Card.objects.count() == 1


def test_a_lost_card_still_says_whose_it_was_and_when(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    card = rows.new_card(person)
    new = replace_card(card, "other-key", now=NOW, random=rows.random)
    found = read_payers(rows.organisation.id, [f"card:{card.card_key}", f"card:{new.card_key}"])
    shown = [found[f"card:{key}"].card for key in (card.card_key, new.card_key)]
    assert [(c.state, c.lost_at) for c in shown if c] == [("lost", NOW), ("active", None)]


def test_the_database_itself_refuses_a_lost_card_without_an_instant(database: str) -> None:
    rows = Rows()
    rows.new_card(rows.new_person())
    with pytest.raises(IntegrityError), transaction.atomic():
        Card.objects.update(state="lost")


def test_numbers_are_given_once(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    again = lambda: enter_person(  # noqa: E731
        person.category, "S001", "x", [], now=NOW, random=rows.random
    )
    assert refused(again) == "people.number_taken"


def test_a_site_hears_of_who_joins_and_who_leaves(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    card = rows.new_card(person)
    other = rows.new_site("other")
    device = rows.activated(rows.new_terminal("远", rows.new_store("far", site=other)))
    at_other = identity_of(device)
    render = person_renderer()
    assert render(at_other, [str(person.id)]) == {}
    assert render_cards(at_other, [card.card_key]) == {}
    join_site(person, other.id, now=NOW, random=rows.random)
    row = decode(PersonRow, render(at_other, [str(person.id)])[str(person.id)])
    assert (row.masked_name, row.number, row.shortfall) == ("张*明", "S001", "decline")
    assert decode(CardRow, render_cards(at_other, [card.card_key])[card.card_key]).state == "active"
    leave_site(person, other.id)
    assert render(at_other, [str(person.id)]) == {}
    gone = Marker.objects.filter(scope=f"site:{other.id}", tombstone=True)
    assert {marker.kind for marker in gone} == {"person", "card"}


def test_what_a_counter_learns_of_a_person_holds_no_full_name(database: str) -> None:
    rows = Rows()
    person = rows.new_person(name="司马示例")
    device = rows.activated()
    body = person_renderer()(identity_of(device), [str(person.id)])[str(person.id)].decode()
    assert "司马示例" not in body
    assert "司*例" in body
    assert SECRETS.root.hex() not in body
