"""Every implementation of `CardReader`, with the hand that holds cards over it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from devices.ports import DeviceEntry
from devices.registry import make_device
from devices.simulated.pcscd import READER, Pcscd
from devices.simulated.pn532_chip import Pn532Chip
from devices.simulated.virtual_card import CardProcess, VirtualCard
from devices.transport.pcsc import PcscContext

PATIENCE_S = 10.0
QUIET_S = 1.0
"""The service looks for cards every .4 s: after two looks nothing more will come."""


class PcscBench:
    """The real driver on a real service; one card in another process, a second in this one."""

    quiet_s = QUIET_S

    def __init__(self, service: Pcscd) -> None:
        self._service = service
        self._cards: list[Any] = [CardProcess(service.ports[0]), VirtualCard(service.ports[1])]
        entry = DeviceEntry("reader", "card_reader", "pcsc_reader", {"reader": READER})
        self.reader: Any = make_device(entry)

    def put(self, uid: bytes, place: int = 0) -> None:
        self._cards[place].insert(uid)

    def put_and_tear(self, uid: bytes) -> None:
        self._cards[0].insert(uid, tears=True)

    def take(self, place: int = 0) -> None:
        self._cards[place].remove()

    def exchange(self, uid: bytes) -> None:
        """Put another card in the place of the first, while the driver looks elsewhere."""
        watching = PcscContext()
        watching.open()
        before = self._changes(watching)
        self.take()
        _until(lambda: self._changes(watching) > before)
        self.put(uid)
        _until(lambda: self._changes(watching) > before + 1)
        watching.close()

    def _changes(self, watching: PcscContext) -> int:
        return watching.states([f"{READER} 00 00"])[0].change_count

    def unplug(self) -> None:
        self._service.stop()

    def plug_in(self) -> None:
        self._service.start()

    def close(self) -> None:
        for card in self._cards:
            card.remove()
        self._cards[0].close()
        self._settle()
        self.reader.close()

    def _settle(self) -> None:
        """Leave an empty reader to the next test."""
        if not self._service.is_running:
            self._service.start()
        self.reader.close()
        self.reader.open(time.monotonic())
        states, readers = self.reader._context.states, self.reader._readers
        _until(lambda: not any(slot.has_card for slot in states(readers)))


class Pn532Bench:
    """The driver for a PN532 on a pseudo-terminal, and a chip that speaks byte by byte."""

    quiet_s = 0.3

    def __init__(self, _service: object) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fanpiao-pn532-")
        self.chip = Pn532Chip(Path(self._folder.name) / "reader")
        settings = {"port": str(self.chip.path)}
        self.reader: Any = make_device(
            DeviceEntry("reader", "card_reader", "pn532_reader", settings)
        )

    def put(self, uid: bytes, place: int = 0) -> None:
        self.chip.put(uid, place)

    def put_and_tear(self, uid: bytes) -> None:
        """Too short for any look: such a card was never in the field."""
        self.chip.put(uid)
        self.chip.take()

    def take(self, place: int = 0) -> None:
        self.chip.take(place)

    def exchange(self, uid: bytes) -> None:
        self.chip.put(uid)

    def unplug(self) -> None:
        self.chip.unplug()

    def plug_in(self) -> None:
        self.chip.plug_in()

    def close(self) -> None:
        self.reader.close()
        self.chip.unplug()
        self._folder.cleanup()


class TwinBench:
    """The twin."""

    quiet_s = 0.0

    def __init__(self, _service: object) -> None:
        self.reader: Any = make_device(DeviceEntry("reader", "card_reader", "simulated"))
        self._lying: dict[int, bytes] = {}

    def put(self, uid: bytes, place: int = 0) -> None:
        self._lying[place] = uid
        self.reader.present(uid)

    def put_and_tear(self, uid: bytes) -> None:
        self.reader.present(uid)
        self.reader.remove(uid)

    def take(self, place: int = 0) -> None:
        self.reader.remove(self._lying.pop(place))

    def exchange(self, uid: bytes) -> None:
        self.take()
        self.put(uid)

    def unplug(self) -> None:
        self.reader.unplug()

    def plug_in(self) -> None:
        self.reader.plug_in()

    def close(self) -> None:
        self.reader.close()


AnyBench = PcscBench | Pn532Bench | TwinBench


def _until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, "the service did not notice"


def next_events(bench: AnyBench, wanted: int = 1) -> list[Any]:
    """Step until `wanted` events have come; fewer when nothing comes any more."""
    found: list[Any] = []
    end = time.monotonic() + PATIENCE_S
    while len(found) < wanted and time.monotonic() < end:
        found += bench.reader.step(time.monotonic())
    return found


def quiet_events(bench: AnyBench) -> list[Any]:
    """Step for as long as something could still come; return what came."""
    found: list[Any] = list(bench.reader.step(time.monotonic()))
    end = time.monotonic() + bench.quiet_s
    while time.monotonic() < end:
        found += bench.reader.step(time.monotonic())
    return found


def until_raised(bench: AnyBench, raised: type[Exception]) -> None:
    """Step until the reader raises."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            bench.reader.step(time.monotonic())
        except raised:
            return
    raise AssertionError(f"no {raised.__name__}")
