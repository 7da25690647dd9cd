"""Cards from a vendor's list: person and UID, in whichever way the vendor writes numbers.

The way is found out when only one makes sense, when a card of the list was tapped, or when cards
of the list are known already; else it is asked for. No UID is stored, not even in a trial run.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.card_numbers import (
    FORMATS,
    is_format,
    is_random,
    matching_formats,
    possible_formats,
    read_number,
)
from domain.errors import Refused
from domain.ids import RandomBytes
from domain.offline_policy import Assurance
from server.fresh import fresh_id
from server.people.bind_card import write_events
from server.people.bulk_change import Chunk, Item, Trial, register_change
from server.people.feed_marks import mark_cards_gone, sites_of, touch_people
from server.people.import_people import read_people
from server.people.models import Card, CardEventKind, CardState, Person, PersonState
from server.spreadsheets import CellError, Column, Line, Sheet, read_sheet, write_template
from sync.signing import card_reference

KIND = "cards"
COLUMNS = (
    Column(
        "number", "编号", "Number", ("学号", "工号", "学籍号", "人员编号", "student number", "id"),
        is_required=True,
    ),
    Column(
        "uid", "卡号", "Card number",
        ("uid", "物理卡号", "芯片号", "序列号", "ic卡号", "id卡号", "卡序列号", "card uid",
         "card no", "chip number"), is_required=True,
    ),
    Column("label", "卡面号", "Printed number", ("印刷号", "卡面编号", "printed no", "label")),
)  # fmt: skip
EXAMPLES = (("20260101", "04A1B2C3", "000001"), ("20260102", "04A1B2C4", "000002"))
MAX_LABEL = 32
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class FormatQuestion:
    """The list can be read in several ways: which one is it? `example` is its first number."""

    formats: tuple[str, ...]
    example: str


def cards_template() -> bytes:
    """Return the spreadsheet to fill in."""
    return write_template(COLUMNS, EXAMPLES)


def try_import(
    organisation_id: UUID,
    data: bytes,
    title: str,
    *,
    card_key: bytes,
    now: datetime,
    random: RandomBytes,
    format_code: str = "",
    tapped: tuple[str, bytes] | None = None,
) -> Trial | FormatQuestion:
    """Read the list and say what would happen, or ask in which way its numbers are written.

    `tapped` is a number of the list and the UID that its card gave a reader.
    """
    sheet = read_sheet(data, COLUMNS)
    if format_code and not is_format(format_code):
        raise Refused("cards.uid_malformed", formats=_examples())
    texts = [line["uid"] for line in sheet.lines if line["uid"]]
    codes = (format_code,) if format_code else _ways(organisation_id, texts, card_key, tapped)
    if len(codes) > 1:
        return FormatQuestion(codes, texts[0])
    if not codes:
        raise Refused("cards.uid_malformed", formats=_examples())
    trial = _Trial(organisation_id, sheet, codes[0], card_key, now, random)
    trial.run()
    return Trial(
        KIND, title, trial.items, trial.tally, trial.errors,
        {"format": codes[0], "ignored": list(sheet.ignored)},
    )  # fmt: skip


def _ways(
    organisation_id: UUID, texts: Sequence[str], card_key: bytes, tapped: tuple[str, bytes] | None
) -> tuple[str, ...]:
    """The ways in which the list may be meant."""
    if tapped is not None:
        return matching_formats(*tapped)[:1]
    codes = possible_formats(texts)
    if len(codes) < 2:
        return codes
    known = [code for code in codes if _knows_one(organisation_id, texts[:_BATCH], code, card_key)]
    return tuple(known) if len(known) == 1 else codes


def _knows_one(organisation_id: UUID, texts: Sequence[str], code: str, card_key: bytes) -> bool:
    uids = [uid for text in texts if (uid := read_number(text, code)) is not None]
    keys = [card_reference(card_key, uid) for uid in uids]
    return Card.objects.filter(organisation_id=organisation_id, card_key__in=keys).exists()


def _examples() -> str:
    return "、".join(f"{one.title_zh} {one.example}" for one in FORMATS)


class _Trial:
    """One trial run."""

    def __init__(
        self,
        organisation_id: UUID,
        sheet: Sheet,
        code: str,
        card_key: bytes,
        now: datetime,
        random: RandomBytes,
    ) -> None:
        self._sheet, self._code, self._card_key = sheet, code, card_key
        self._now, self._random = now, random
        self.items: list[Item] = []
        self.errors: list[CellError] = list(sheet.errors)
        self.tally: Counter[str] = Counter()
        self._people = read_people(organisation_id, [line["number"] for line in sheet.lines])
        self._keys = {line.row: self._reference(line["uid"]) for line in sheet.lines}
        self._cards = _read_cards(organisation_id, [key for key in self._keys.values() if key])
        self._seen: dict[str, int] = {}
        self._unread = {error.row for error in sheet.errors}

    def run(self) -> None:
        """Look at every row."""
        for line in self._sheet.lines:
            if line.row in self._unread:
                continue
            person, key = self._people.get(line["number"]), self._keys[line.row]
            code, column = self._wrong(line, person, key)
            if code:
                data = {"row": self._seen[key]} if code == "lists.twice" else {}
                shown = line[column] if column == "number" else ""
                self.errors.append(CellError(line.row, column, shown, code, data))
            elif person is not None:
                self._seen[key] = line.row
                self._plan(line, person, key)
        self.errors.sort(key=lambda error: error.row)
        self.tally["errors"] = len(self.errors)

    def _reference(self, text: str) -> str:
        uid = read_number(text, self._code)
        return "" if uid is None or is_random(uid) else card_reference(self._card_key, uid)

    def _wrong(self, line: Line, person: Person | None, key: str) -> tuple[str, str]:
        if person is None:
            return ("people.number_unknown" if line["number"] else "lists.missing"), "number"
        if person.state == PersonState.LEFT:
            return "people.left_already", "number"
        if not key:
            uid = read_number(line["uid"], self._code)
            is_phone = uid is not None and is_random(uid)
            return ("cards.uid_random" if is_phone else "cards.uid_malformed"), "uid"
        if key in self._seen:
            return "lists.twice", "uid"
        card = self._cards.get(key)
        if card is not None and card.state == CardState.LOST:
            return "cards.lost", "uid"
        if card is not None and card.state == CardState.ACTIVE and card.person_id != person.id:
            return "cards.taken", "uid"
        return "", ""

    def _plan(self, line: Line, person: Person, key: str) -> None:
        card = self._cards.get(key)
        label = line["label"][:MAX_LABEL]
        if card is not None and card.state == CardState.ACTIVE and card.label in (label, ""):
            self.tally["unchanged"] += 1
            return
        self.tally["bound"] += 1
        id = str(card.id if card else fresh_id(self._now, self._random))
        self.items.append({
            "row": line.row, "id": id, "person": str(person.id), "number": person.number,
            "name": person.name, "card_key": key, "label": label,
        })  # fmt: skip


def _read_cards(organisation_id: UUID, keys: Sequence[str]) -> dict[str, Card]:
    found: dict[str, Card] = {}
    for start in range(0, len(keys), _BATCH):
        rows = Card.objects.filter(
            organisation_id=organisation_id, card_key__in=keys[start : start + _BATCH]
        )
        found.update({card.card_key: card for card in rows})
    return found


def register_import() -> None:
    """Let confirmed lists of cards be worked off."""
    register_change(KIND, _apply)


def _apply(chunk: Chunk) -> Mapping[str, int]:
    """Bind the cards of a chunk; what became another's or lost meanwhile is skipped."""
    organisation_id = chunk.organisation_id
    # Owners first, then cards: the order in which somebody leaves
    owners = Person.objects.select_for_update().filter(
        organisation_id=organisation_id, id__in=[item["person"] for item in chunk.items]
    ).exclude(state=PersonState.LEFT).order_by("id")  # fmt: skip
    people = {str(person.id): person for person in owners}
    keys = [item["card_key"] for item in chunk.items]
    rows = Card.objects.select_for_update(of=("self",)).select_related("person")
    known = {
        card.card_key: card
        for card in rows.filter(organisation_id=organisation_id, card_key__in=keys)
    }
    cards = [
        _bound(known.get(item["card_key"]), item, people[item["person"]], chunk)
        for item in chunk.items
        if item["person"] in people and _is_free(known.get(item["card_key"]), item["person"])
    ]
    new = [card for card in cards if card.card_key not in known]
    Card.objects.bulk_create(new)
    fields = ["person", "state", "label", "assurance", "bound_at", "lost_at", "returned_at"]
    Card.objects.bulk_update([card for card in cards if card.card_key in known], fields)
    write_events(cards, CardEventKind.BOUND, now=chunk.now, by=chunk.by)
    touch_people([people[str(card.person_id)] for card in cards], cards)
    return {"bound": len(cards), "skipped": len(chunk.items) - len(cards)}


def _is_free(card: Card | None, person_id: str) -> bool:
    if card is None or card.state == CardState.RETURNED:
        return True
    return card.state == CardState.ACTIVE and str(card.person_id) == person_id


def _bound(card: Card | None, item: Item, person: Person, chunk: Chunk) -> Card:
    if card is None:
        card = Card(
            id=UUID(item["id"]),
            organisation_id=chunk.organisation_id,
            card_key=item["card_key"],
        )
    elif card.person_id != person.id:
        # Sites that only knew the former owner must forget the card
        mark_cards_gone(card, set(sites_of(card.person)) - set(sites_of(person)))
    card.person = person
    card.state, card.label, card.assurance = CardState.ACTIVE, item["label"], Assurance.CARD_UID
    card.bound_at, card.lost_at, card.returned_at = chunk.now, None, None
    return card
