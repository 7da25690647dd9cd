"""P3, P6, P8, P9 and P10 for cards and codes: what was there before does not count."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devices import ports
from kiosk_profiles.schema import Face
from kiosk_profiles.schema import Presence as Numbers
from terminal_app.counter import events as on
from terminal_app.counter.presence import CardFresh, CodeFresh, Presence, Sign

ARMED_AT = 10.0


@pytest.fixture
def presence() -> Presence:
    made = Presence(Numbers(), Face())
    made.arm(ARMED_AT)
    return made


def card(
    at: float, uid: bytes = b"one", reader: str = "r", already_there: bool = False
) -> ports.CardPresented:
    return ports.CardPresented(uid, ports.Assurance.CARD_UID, at, reader, already_there)


def code(at: float, text: str = "1", source: str = "s") -> ports.CodeScanned:
    return ports.CodeScanned(text, ports.Symbology.QR, source, at)


def see(presence: Presence, event: ports.Event, *, is_taking: bool = True) -> list[object]:
    return list(presence.see(event, event.seen_at, is_taking=is_taking))


def test_a_card_laid_down_after_arming_is_fresh(presence: Presence) -> None:
    assert see(presence, card(10.5)) == [CardFresh(b"one", 1, "r", 10.5)]


@pytest.mark.parametrize("already_there", [False, True])
def test_a_card_that_was_there_before_counts_only_after_removal(
    presence: Presence, already_there: bool
) -> None:
    early = card(10.5 if already_there else 9.0, already_there=already_there)
    assert see(presence, early) == [on.NotTaken("counters.card_left")]
    see(presence, ports.CardRemoved("r", 11.0))
    assert isinstance(see(presence, card(11.5))[0], CardFresh)


def test_a_card_laid_down_while_nobody_is_served_stays_stale_when_armed_again(
    presence: Presence,
) -> None:
    assert see(presence, card(11.0), is_taking=False) == []
    presence.arm(12.0)
    assert see(presence, card(12.5)) == [on.NotTaken("counters.card_left")]


def test_two_cards_are_one_too_many(presence: Presence) -> None:
    assert see(presence, ports.TwoCards("r", 10.5)) == [on.NotTaken("cards.two_at_once")]
    see(presence, ports.CardRemoved("r", 11.0))
    see(presence, card(11.5, reader="left"))
    assert see(presence, card(11.6, b"two", "right")) == [on.NotTaken("cards.two_at_once")]


def test_a_spent_card_clears_one_second_after_it_has_gone(presence: Presence) -> None:
    see(presence, card(10.5))
    presence.spend(on.What.CARD, "r", None, "")
    assert presence.tick(13.0) == []
    see(presence, ports.CardRemoved("r", 13.0), is_taking=False)
    assert presence.tick(13.9) == []
    assert presence.tick(14.1) == [on.ZoneEmptied(on.What.CARD)]
    assert presence.tick(15.0) == []


def test_the_spent_card_tapped_again_at_once_is_not_a_new_one(presence: Presence) -> None:
    see(presence, card(10.5))
    presence.spend(on.What.CARD, "r", None, "")
    see(presence, ports.CardRemoved("r", 11.0))
    assert see(presence, card(11.3)) == [on.NotTaken("counters.card_left")]


def test_a_code_seen_before_arming_is_ignored(presence: Presence) -> None:
    assert see(presence, code(9.5)) == [on.NotTaken("counters.code_left")]


def test_a_code_is_fresh_on_an_empty_glass(presence: Presence) -> None:
    assert see(presence, code(10.5)) == [CodeFresh("1", "s", 10.5)]


def test_a_phone_left_lying_renews_its_code_and_is_still_the_same_phone(
    presence: Presence,
) -> None:
    see(presence, code(10.5, "1"))
    presence.spend(on.What.CODE, "s", None, "")
    for at in (40.0, 70.0, 100.0):
        presence.arm(at - 1)
        assert see(presence, code(at, str(at))) == [on.NotTaken("counters.code_left")]
    assert presence.tick(200.0) == []  # silence is not absence
    assert see(presence, ports.CodeGone("s", 202.0)) == [on.ZoneEmptied(on.What.CODE)]
    assert isinstance(see(presence, code(203.0))[0], CodeFresh)


def test_an_empty_glass_said_too_soon_is_waited_for(presence: Presence) -> None:
    see(presence, code(10.5))
    presence.spend(on.What.CODE, "s", None, "")
    assert see(presence, ports.CodeGone("s", 11.0)) == []
    assert presence.tick(12.6) == [on.ZoneEmptied(on.What.CODE)]


def test_a_glass_that_emptied_while_nobody_looked_takes_the_next_phone(
    presence: Presence,
) -> None:
    see(presence, code(10.5))
    presence.spend(on.What.CODE, "s", None, "")
    assert see(presence, ports.CodeGone("s", 11.0)) == []
    presence.arm(13.0)  # no tick came between: the counter was held up, or time was moved on
    assert see(presence, code(13.1, "next")) == [
        on.ZoneEmptied(on.What.CODE),
        CodeFresh("next", "s", 13.1),
    ]


def test_a_glass_is_empty_by_the_scanners_time_also_in_a_step_begun_before_it(
    presence: Presence,
) -> None:
    see(presence, code(10.5))
    list(presence.see(ports.CodeGone("s", 12.6), 12.4, is_taking=True))
    assert see(presence, code(12.7, "next")) == [CodeFresh("next", "s", 12.7)]


def test_a_reader_that_goes_away_takes_its_card_with_it(presence: Presence) -> None:
    see(presence, card(10.5))
    presence.lose_reader("r", 11.0)
    assert isinstance(see(presence, card(12.5))[0], CardFresh)


@pytest.mark.parametrize("lose", [Presence.lose_scanner, Presence.lose_camera])
def test_a_glass_nobody_sees_any_more_keeps_no_line_waiting_and_nobody_pays_twice(
    presence: Presence, lose: Callable[[Presence, str], list[Sign]]
) -> None:
    see(presence, code(10.5))
    presence.spend(on.What.CODE, "s", None, "p")
    emptied = on.ZoneEmptied(on.What.CODE)
    assert emptied not in lose(presence, "another")
    assert emptied in lose(presence, "s")
    assert emptied not in lose(presence, "s")
    presence.arm(12.0)
    assert see(presence, code(14.0, "renewed")) == [on.NotTaken("counters.code_left")]
    list(presence.see(ports.CodeGone("s", 17.0), 17.0, is_taking=True))
    assert see(presence, code(18.0, "next")) == [CodeFresh("next", "s", 18.0)]


def test_nothing_counts_when_nobody_is_served(presence: Presence) -> None:
    presence.disarm()
    assert see(presence, card(11.0)) == [on.NotTaken("counters.card_left")]
    assert see(presence, code(11.0)) == [on.NotTaken("counters.code_left")]
