"""The script of a rush, drawn from a seed, and the judgement of what was charged. Pure.

The script is the truth: who comes to which counter with what, what they owe, and who is in front
of a counter without owing anything. `judge` holds against it what the counters showed and what
the books say; every sentence it returns is a wrong charge.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from uuid import UUID

from fanpiao.demo.books import Booked

PER_MINUTE = 40
COUNTERS = 3
"""At four seconds a diner three counters carry forty a minute with an eighth to spare."""
FACE_SHARE, CARD_SHARE = 0.4, 0.5
"""Of those at the counter with the camera who pay by face; of all others who pay by card."""
DECIDES_S = (0.4, 0.9)
"""From the counter being free to something being shown."""
HOLDS_S = (0.2, 0.8)
"""From the tick to taking it away."""
JITTER_S = 0.75
ODD_SHARE = 0.2
"""Of the diners with something odd around them; twice that at the camera."""


class Manner(StrEnum):
    """What else happens around one diner, for which nobody owes anything."""

    PLAIN = "plain"
    WALKER = "walker"  # an enrolled person crosses the picture first
    STRANGER = "stranger"  # somebody unknown stands there first, and leaves
    SECOND = "second"  # an enrolled face beside the diner's
    LEFT = "left"  # the phone renews its code, or the card lies on, after it paid


@dataclass(frozen=True, slots=True)
class Diner:
    """One diner of the script; `person` is a place in the list of those who pay so."""

    number: int
    counter: int
    comes_at_s: float
    tender: str
    person: int
    manner: Manner
    decides_s: float
    holds_s: float


@dataclass(frozen=True, slots=True)
class Due:
    """What one diner owes: who, how much, and by one of the ways that they showed."""

    person_id: UUID
    tenders: tuple[str, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An approval that a counter showed while this diner stood there."""

    diner: int
    payment_id: str
    amount: int


def draw(seed: int, minutes: int, faces: int) -> tuple[Diner, ...]:
    """Draw the diners of so many minutes, evenly over the counters; the first has the camera.

    Who pays by card or code comes once; the `faces` take turns.
    """
    random = Random(seed)
    plain, seen, diners = 0, 0, []
    for number in range(PER_MINUTE * minutes):
        counter = number % COUNTERS
        by_face = counter == 0 and random.random() < FACE_SHARE
        tender = "face" if by_face else ("card" if random.random() < CARD_SHARE else "code")
        person = seen % faces if by_face else plain
        seen, plain = (seen + 1, plain) if by_face else (seen, plain + 1)
        comes_at_s = number * 60 / PER_MINUTE + random.uniform(0, JITTER_S)
        diners.append(
            Diner(
                number, counter, comes_at_s, tender, person, _manner(random, counter, tender),
                random.uniform(*DECIDES_S), random.uniform(*HOLDS_S),
            )
        )  # fmt: skip
    return tuple(diners)


def _manner(random: Random, counter: int, tender: str) -> Manner:
    if random.random() >= (2 * ODD_SHARE if counter == 0 else ODD_SHARE):
        return Manner.PLAIN
    if tender == "face":
        return random.choice((Manner.SECOND, Manner.STRANGER))
    return random.choice((Manner.WALKER, Manner.LEFT)) if counter == 0 else Manner.LEFT


def judge(
    dues: Mapping[int, Due], shown: Sequence[Shown], booked: Mapping[str, Booked]
) -> list[str]:
    """Return one sentence for every charge that is not exactly what the script says.

    `dues` by diner; `booked` by payment id, everything that the books hold. Amounts in fen.
    """
    return [*_shown_wrong(dues, shown, booked), *_booked_wrong(dues, shown, booked)]


def _shown_wrong(
    dues: Mapping[int, Due], shown: Sequence[Shown], booked: Mapping[str, Booked]
) -> Iterator[str]:
    times = Counter(one.diner for one in shown)
    for diner, due in dues.items():
        if times[diner] != 1:
            yield f"diner {diner} was approved {times[diner]} times, owing {due.amount} once"
    for one in shown:
        expected, payment = dues.get(one.diner), booked.get(one.payment_id)
        if expected is None:
            yield f"{one.payment_id}: {one.amount} shown for nobody who owes anything"
        elif payment is None:
            yield f"{one.payment_id}: shown, and not in the books"
        elif one.amount != expected.amount:
            yield f"{one.payment_id}: {one.amount} shown, {expected.amount} owed"
        else:
            yield from _differs(one.payment_id, payment, expected)


def _differs(payment_id: str, payment: Booked, due: Due) -> Iterator[str]:
    found, owed = (payment.person_id, payment.charged_amount), (str(due.person_id), due.amount)
    if found != owed or payment.tender not in due.tenders:
        yield f"{payment_id}: booked {found} by {payment.tender}, owed {owed} by {due.tenders}"


def _booked_wrong(
    dues: Mapping[int, Due], shown: Sequence[Shown], booked: Mapping[str, Booked]
) -> Iterator[str]:
    known = {one.payment_id for one in shown}
    for payment_id, payment in booked.items():
        if payment.charged_amount and payment_id not in known:
            yield f"{payment_id}: {payment.charged_amount} booked that no counter showed"
    owed = Counter(str(due.person_id) for due in dues.values())
    taken = Counter(one.person_id for one in booked.values() if one.charged_amount)
    for person, count in taken.items():
        if count > owed[person]:
            yield f"{person} was charged {count} times, owing {owed[person]} times"
