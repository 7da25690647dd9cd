"""Codes are told from typing by rhythm: a person's keys come back, all of them, in their order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from devices.transport.burst import GAP_S, LENGTH_MIN, SUFFIX_S, Burst, Code, Replay

CODE = "621234567890123456"


class Typing:
    """A keyboard: `type` at a rhythm, `rest` to let what is held be decided."""

    def __init__(self) -> None:
        self.burst: Burst[str] = Burst()
        self.now = 10.0
        self.decided: list[Any] = []

    def type(self, text: str, gap_s: float, *, is_repeat: bool = False) -> None:
        for letter in text:
            self.now += gap_s
            self.decided += self.burst.feed(self.now, letter, letter, is_repeat=is_repeat)

    def rest(self, rest_s: float = 1.0) -> None:
        self.now += rest_s
        self.decided += self.burst.settle()

    @property
    def codes(self) -> list[str]:
        return [one.text for one in self.decided if isinstance(one, Code)]

    @property
    def given_back(self) -> str:
        return "".join(key for one in self.decided if isinstance(one, Replay) for key in one.keys)


def test_a_scan_is_one_code_and_its_enter_reaches_nobody() -> None:
    typing = Typing()
    typing.type(f"{CODE}\r", 0.01)
    typing.rest()
    assert (typing.codes, typing.given_back) == ([CODE], "")
    assert CODE not in repr(typing.decided)


def test_a_person_gets_every_key_back_in_order() -> None:
    typing = Typing()
    typing.type("12.50\r", 0.12)
    typing.rest()
    assert (typing.codes, typing.given_back) == ([], "12.50\r")


def test_two_keys_of_a_person_at_once_are_no_code() -> None:
    typing = Typing()
    typing.type("12", 0.01)
    typing.type("50", 0.2)
    typing.type("\r", 0.01)
    typing.rest()
    assert (typing.codes, typing.given_back) == ([], "1250\r")


def test_a_code_without_an_end_is_one_after_the_pause() -> None:
    typing = Typing()
    typing.type(CODE, 0.02)
    assert typing.burst.is_holding
    typing.rest(GAP_S)
    assert typing.codes == [CODE]
    assert not typing.burst.is_holding


def test_an_enter_that_comes_late_confirms_nothing_and_the_next_one_does() -> None:
    typing = Typing()
    typing.type(CODE, 0.02)
    typing.type("\r", SUFFIX_S / 2)
    typing.type("\r", 0.2)
    typing.rest()
    assert (typing.codes, typing.given_back) == ([CODE], "\r")


def test_an_enter_long_after_a_code_is_a_persons() -> None:
    typing = Typing()
    typing.type(CODE, 0.02)
    typing.type("\r", SUFFIX_S + 0.1)
    assert (typing.codes, typing.given_back) == ([CODE], "\r")


def test_what_a_person_had_typed_before_a_scan_stays_theirs() -> None:
    typing = Typing()
    typing.type("12", 0.15)
    typing.type(CODE[:1], 0.15)
    typing.type(f"{CODE[1:]}\r", 0.01)
    assert (typing.codes, typing.given_back) == ([CODE], "12")


def test_a_held_key_is_never_a_code() -> None:
    typing = Typing()
    typing.type("1", 0.5)
    typing.type("1" * 40, 0.03, is_repeat=True)
    typing.rest()
    assert (typing.codes, typing.given_back) == ([], "1" * 41)


@given(
    st.lists(st.tuples(st.sampled_from("0123456789ab]\r\t"), st.floats(0.001, 0.2)), max_size=50)
)
def test_nothing_is_lost_and_nothing_is_both_a_code_and_a_key(strokes) -> None:
    typing = Typing()
    for letter, gap_s in strokes:
        typing.type(letter, gap_s)
    typing.rest()
    told = "".join(
        one.text if isinstance(one, Code) else "".join(one.keys) for one in typing.decided
    )
    typed = "".join(letter for letter, _ in strokes)
    ends = "\r\t\n"
    assert [x for x in told if x not in ends] == [x for x in typed if x not in ends]
    assert len(typed) - len(told) <= len(typing.codes), "one end at most goes with each code"
    assert all(len(code) >= LENGTH_MIN for code in typing.codes)
