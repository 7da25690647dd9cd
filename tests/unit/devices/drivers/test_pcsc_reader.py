"""Readers that come and go while the service runs, which no virtual reader can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from devices.drivers.pcsc_reader.driver import LOOK_S, PcscReader
from devices.ports import CardPresented, CardRemoved, DeviceLost, TwoCards
from devices.transport.pcsc import CardTorn, PcscContext, SlotState


class Service(PcscContext):
    """A service whose readers and cards the test puts there: reader → UID, b"" for none."""

    def __init__(self, **readers: bytes) -> None:
        super().__init__()
        self.lying = dict(readers)
        self.is_busy = False

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def readers(self) -> tuple[str, ...]:
        return tuple(sorted(self.lying))

    def states(self, readers: Iterable[str]) -> tuple[SlotState, ...]:
        asked = tuple(readers)
        if set(asked) - set(self.lying):
            raise DeviceLost("devices.lost")
        return tuple(
            SlotState(name, bool(self.lying[name]), change_count=0, word=0) for name in asked
        )

    def wait(self, known: Iterable[SlotState]) -> None:
        pass

    @contextmanager
    def held(self, reader: str) -> Iterator[Callable[[bytes], tuple[bytes, int]]]:
        if self.is_busy:
            raise CardTorn
        yield lambda _command: (self.lying[reader], 0x9000)


def opened(service: Service) -> Any:
    reader = PcscReader("reader", {}, service)
    reader.open(0.0)
    return reader


CARD, OTHER = b"\x04\xa1\xb2\xc3", b"\x04\xa1\xb2\xd4"


def test_a_reader_plugged_in_later_reads_cards_too():
    service = Service(a=b"")
    reader = opened(service)
    assert reader.step(0.1) == []
    service.lying["b"] = b""
    assert reader.step(LOOK_S + 0.1) == []
    service.lying["b"] = CARD
    (event,) = reader.step(LOOK_S + 0.2)
    assert isinstance(event, CardPresented)
    assert (event.uid, event.already_there) == (CARD, False)


def test_what_lies_on_a_reader_plugged_in_later_was_already_there():
    service = Service(a=b"")
    reader = opened(service)
    assert reader.step(0.1) == []
    service.lying["b"] = CARD
    (event,) = reader.step(LOOK_S + 0.1)
    assert event.already_there


def test_a_presented_card_is_told_gone_before_a_new_reader_starts_over():
    service = Service(a=CARD)
    reader = opened(service)
    reader.step(0.1)
    service.lying["b"] = OTHER
    events = reader.step(LOOK_S + 0.1)
    assert [type(event) for event in events] == [CardRemoved, TwoCards]


def test_one_of_two_readers_pulled_out_is_a_loss_and_the_other_opens_again():
    service = Service(a=b"", b=b"")
    reader = opened(service)
    del service.lying["b"]
    with pytest.raises(DeviceLost):
        reader.step(0.1)
    reader.close()
    reader.open(0.5)
    assert reader.step(0.6) == []


def test_without_any_reader_it_is_absent():
    with pytest.raises(DeviceLost, match="devices.absent"):
        opened(Service())


def test_a_card_that_another_program_holds_is_read_when_it_lets_go():
    service = Service(a=b"")
    reader = opened(service)
    reader.step(0.1)
    service.lying["a"], service.is_busy = CARD, True
    assert reader.step(0.2) == []
    service.is_busy = False
    (event,) = reader.step(0.3)
    assert (event.uid, event.seen_at) == (CARD, 0.3)
