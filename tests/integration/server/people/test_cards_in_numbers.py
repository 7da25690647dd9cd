"""Cards by the class and by the list: given out, taken back, replaced, and all of it remembered."""

import io
from datetime import timedelta

import openpyxl
import pytest

from domain.errors import Refused
from server.feed.models import Marker
from server.people import bulk_change
from server.people.bind_card import find_card, lose_card, return_card
from server.people.change_person import part_with_person
from server.people.import_cards import (
    FormatQuestion,
    cards_template,
    register_import,
    try_import,
)
from server.people.issue_cards import (
    issue_card,
    issue_replacement,
    read_classes,
    read_history,
    read_work_list,
    undo_issue,
)
from server.people.models import BulkChange, Card, CardEvent, Person
from server.people.read_payers import read_payers
from sync.signing import card_reference
from tests.factories.server_rows import NOW, SECRETS, Rows
from tests.factories.spreadsheets import first_page

HEAD = ("学号", "卡号", "印刷号")


@pytest.fixture(autouse=True)
def _registered() -> None:
    register_import()


@pytest.fixture
def rows(database: str) -> Rows:
    made = Rows()
    for number, name in (("S1", "张一"), ("S2", "张二"), ("S3", "张三")):
        made.new_person(number, name)
    Person.objects.update(department="一班")
    return made


def key_of(rows: Rows) -> bytes:
    return SECRETS.card_key(rows.organisation.id)


def person(number: str) -> Person:
    return Person.objects.get(number=number)


def issue(rows: Rows, number: str, uid: str, **more) -> Card:
    return issue_card(
        person(number), bytes.fromhex(uid), card_key=key_of(rows), now=NOW, random=rows.random,
        by="clerk", **more,
    )  # fmt: skip


def refused(call) -> str:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.code


def xlsx(*lines: tuple) -> bytes:
    book = openpyxl.Workbook()
    for line in (HEAD, *lines):
        first_page(book).append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def tried(rows: Rows, *lines: tuple, **options):
    return try_import(
        rows.organisation.id, xlsx(*lines), "cards.xlsx", card_key=key_of(rows), now=NOW,
        random=rows.random, **options,
    )  # fmt: skip


def imported(rows: Rows, *lines: tuple, **options) -> BulkChange:
    trial = tried(rows, *lines, **options)
    organisation = rows.organisation.id
    change = bulk_change.keep_trial(organisation, trial, now=NOW, random=rows.random, by="a")
    bulk_change.confirm_change(change, now=NOW, random=rows.random, by="b")
    while not bulk_change.work_off(organisation, change.id, now=NOW, random=rows.random):
        pass
    change.refresh_from_db()
    return change


def wrong(trial) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.code) for error in trial.errors]


def history(number: str) -> list[str]:
    one = person(number)
    return [event.kind for event in read_history(one.organisation_id, one.id)]


def test_a_class_is_worked_off_card_by_card(rows: Rows) -> None:
    organisation = rows.organisation.id
    issue(rows, "S1", "04000001")
    assert [(line.number, line.has_card) for line in read_work_list(organisation, "一班")] == [
        ("S1", True), ("S2", False), ("S3", False),
    ]  # fmt: skip
    [progress] = read_classes(organisation)
    assert (progress.people_count, progress.with_card_count) == (3, 1)
    part_with_person(person("S3"), now=NOW)
    assert len(read_work_list(organisation, "一班")) == 2


def test_a_slip_is_taken_back_and_the_card_goes_to_the_right_one(rows: Rows) -> None:
    issue(rows, "S1", "04000001")
    undo_issue(person("S1"), now=NOW, by="clerk")
    assert refused(lambda: undo_issue(person("S1"), now=NOW, by="clerk")) == "cards.none_bound"
    card = issue(rows, "S2", "04000001")
    assert history("S1") == ["unbound", "bound"]
    assert history("S2") == ["bound"]
    reference = f"card:{card.card_key}"
    [payer] = read_payers(rows.organisation.id, [reference]).values()
    assert payer.number == "S2"
    assert CardEvent.objects.filter(by="clerk").count() == 3


def test_a_card_of_somebody_else_or_without_a_lasting_number_is_refused(rows: Rows) -> None:
    issue(rows, "S1", "04000001")
    assert refused(lambda: issue(rows, "S2", "04000001")) == "cards.taken"
    assert refused(lambda: issue(rows, "S2", "08A1B2C3")) == "cards.uid_random"
    part_with_person(person("S3"), now=NOW)
    assert refused(lambda: issue(rows, "S3", "04000003")) == "people.left"


def test_a_lost_card_is_blocked_from_the_instant_it_was_lost(rows: Rows) -> None:
    card = issue(rows, "S1", "04000001")
    late = NOW + timedelta(hours=1)
    assert refused(lambda: lose_card(card, now=NOW, lost_at=late)) == "cards.lost_in_future"
    lose_card(card, now=late, lost_at=NOW, by="desk")
    assert Card.objects.get(id=card.id).lost_at == NOW
    new = issue_replacement(
        card, b"\x04\x00\x00\x09", card_key=key_of(rows), now=late, random=rows.random, by="desk"
    )
    assert (new.person_id, new.state) == (card.person_id, "active")
    assert refused(lambda: issue(rows, "S2", "04000001")) == "cards.lost"
    assert (sorted(history("S1")[:2]), history("S1")[2]) == (["bound", "lost"], "bound")
    find_card(Card.objects.get(id=card.id), now=late)
    return_card(Card.objects.get(id=card.id), now=late)
    assert len(history("S1")) == 5
    assert refused(lambda: lose_card(Card.objects.get(id=card.id), now=late)) == "cards.not_active"


def test_a_replacement_is_not_the_lost_card_itself(rows: Rows) -> None:
    card = issue(rows, "S1", "04000001")
    same = bytes.fromhex("04000001")
    code = refused(
        lambda: issue_replacement(
            card, same, card_key=key_of(rows), now=NOW, random=rows.random, by=""
        )
    )
    assert (code, Card.objects.get(id=card.id).state) == ("cards.lost", "active")


def test_who_leaves_gives_their_cards_back_but_a_lost_one_stays_lost(rows: Rows) -> None:
    issue(rows, "S1", "04000001")
    lost = issue(rows, "S1", "04000002")
    lose_card(lost, now=NOW)
    part_with_person(person("S1"), now=NOW)
    states = dict(Card.objects.values_list("card_key", "state"))
    assert sorted(states.values()) == ["lost", "returned"]
    assert issue(rows, "S2", "04000001").person.number == "S2"
    assert refused(lambda: issue(rows, "S2", "04000002")) == "cards.lost"


def test_a_vendors_list_binds_its_cards_and_again_changes_nothing(rows: Rows) -> None:
    lines = [("S1", "04000001", "001"), ("S2", "04000002", "002")]
    change = imported(rows, *lines, format_code="hex")
    assert change.outcome == {"bound": 2}
    card = Card.objects.get(label="001")
    assert card.card_key == card_reference(key_of(rows), bytes.fromhex("04000001"))
    assert Marker.objects.filter(kind="card", entity=card.card_key).exists()
    assert "04000001" not in str(BulkChange.objects.values())
    again = tried(rows, *lines, format_code="hex")
    assert (dict(again.tally), list(again.items)) == ({"unchanged": 2, "errors": 0}, [])


def test_each_mistake_of_a_list_is_named(rows: Rows) -> None:
    issue(rows, "S1", "04000001")
    trial = tried(
        rows, ("S9", "04000009", ""), ("", "04000009", ""), ("S2", "04000001", ""),
        ("S2", "08000001", ""), ("S2", "xyz", ""), ("S2", "04000002", ""),
        ("S3", "04000002", ""), format_code="hex",
    )  # fmt: skip
    assert wrong(trial) == [
        (2, "number", "people.number_unknown"), (3, "number", "lists.missing"),
        (4, "uid", "cards.taken"), (5, "uid", "cards.uid_random"),
        (6, "uid", "cards.uid_malformed"), (8, "uid", "lists.twice"),
    ]  # fmt: skip
    assert all("04" not in error.value for error in trial.errors if error.column == "uid")


def test_a_list_that_can_be_read_in_two_ways_is_a_question(rows: Rows) -> None:
    lines = [("S1", "C3B2A104", ""), ("S2", "C4B2A104", "")]
    assert tried(rows, *lines) == FormatQuestion(("hex", "hex_reversed"), "C3B2A104")
    tapped = ("C3B2A104", bytes.fromhex("04A1B2C3"))
    answered = tried(rows, *lines, tapped=tapped)
    assert answered.settings["format"] == "hex_reversed"
    issue(rows, "S1", "04A1B2C3")
    known = tried(rows, *lines)
    assert known.settings["format"] == "hex_reversed"
    assert known.tally["unchanged"] == 1


def test_a_number_in_no_known_way_is_told_with_the_ways_there_are(rows: Rows) -> None:
    assert refused(lambda: tried(rows, ("S1", "hello", ""))) == "cards.uid_malformed"


def test_the_template_reads_back(rows: Rows) -> None:
    found = try_import(
        rows.organisation.id, cards_template(), "t", card_key=key_of(rows), now=NOW,
        random=rows.random, format_code="hex",
    )  # fmt: skip
    assert wrong(found)[0][2] == "people.number_unknown"


def test_what_became_anothers_meanwhile_is_skipped(rows: Rows) -> None:
    trial = tried(rows, ("S1", "04000001", ""), ("S2", "04000002", ""), format_code="hex")
    organisation = rows.organisation.id
    change = bulk_change.keep_trial(organisation, trial, now=NOW, random=rows.random, by="a")
    issue(rows, "S3", "04000001")
    bulk_change.confirm_change(change, now=NOW, random=rows.random, by="b")
    bulk_change.work_off(organisation, change.id, now=NOW, random=rows.random)
    change.refresh_from_db()
    assert change.outcome == {"bound": 1, "skipped": 1}
    assert Card.objects.get(person=person("S3")).state == "active"
