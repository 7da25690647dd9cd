"""Two hands on one card or one owner: the later one sees what the earlier one did."""

from __future__ import annotations

import pytest

from domain.errors import Refused
from server.people.bind_card import bind_card, find_card, lose_card, return_card
from server.people.change_person import part_with_person
from server.people.models import Card, CardEvent, CardState
from tests.factories.races import meeting
from tests.factories.server_rows import NOW, Randomness, Rows

KEY = "ab" * 32


def test_a_card_reported_lost_while_its_owner_leaves_is_not_theirs_again(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    card = bind_card(person, KEY, now=NOW, random=Randomness(2))
    answer = meeting(
        lambda: part_with_person(person, now=NOW), lambda: lose_card(card, now=NOW)
    )  # fmt: skip
    assert answer == "cards.not_active"
    assert Card.objects.get(id=card.id).state == CardState.RETURNED


def test_a_card_is_bound_to_nobody_who_is_just_leaving(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    answer = meeting(
        lambda: part_with_person(person, now=NOW),
        lambda: bind_card(person, KEY, now=NOW, random=Randomness(2)),
    )
    assert (answer, Card.objects.count()) == ("people.left", 0)


def test_one_card_handed_in_twice_at_once_is_returned_once(database: str) -> None:
    rows = Rows()
    card = bind_card(rows.new_person(), KEY, now=NOW, random=Randomness(2))
    stale = Card.objects.get(id=card.id)
    meeting(lambda: return_card(card, now=NOW), lambda: return_card(stale, now=NOW))
    assert CardEvent.objects.filter(card=card, kind="returned").count() == 1


def test_a_page_that_is_out_of_date_takes_no_card_from_its_new_owner(database: str) -> None:
    rows = Rows()
    card = bind_card(rows.new_person(), KEY, now=NOW, random=Randomness(2))
    stale = Card.objects.get(id=card.id)
    return_card(card, now=NOW)
    bind_card(rows.new_person("S002"), KEY, now=NOW, random=Randomness(3))
    with pytest.raises(Refused) as refusal:
        lose_card(stale, now=NOW)
    assert refusal.value.code == "cards.taken"
    assert Card.objects.get(id=card.id).state == CardState.ACTIVE


def test_the_lost_card_of_a_leaver_is_free_when_it_is_found(database: str) -> None:
    rows = Rows()
    person = rows.new_person()
    card = bind_card(person, KEY, now=NOW, random=Randomness(2))
    lose_card(card, now=NOW)
    part_with_person(person, now=NOW)
    find_card(card, now=NOW)
    assert card.state == CardState.RETURNED
    other = bind_card(rows.new_person("S002"), KEY, now=NOW, random=Randomness(3))
    assert (other.id, other.state) == (card.id, CardState.ACTIVE)
