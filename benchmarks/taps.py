"""From a card on a reader, and a code read, to APPROVED: through the devices' own stacks.

The card comes through a real PC/SC service with a virtual reader (pcscd, vpcd; the card lives in a
process of its own), the code through a pseudo-terminal that the serial scanner's driver has open.
Each driver has a thread, as in the terminal; store, client and server are `benchmarks.counter`'s.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.apart import apart
from benchmarks.counter import _moment, _ready, _wait_for_people, activated
from benchmarks.disk import sync_us
from benchmarks.figures import Figure, at_most, quantile
from devices.ports import DeviceEntry
from devices.registry import make_device
from devices.simulated.pcscd import READER, Pcscd, environment
from devices.simulated.serial_line import SerialLine
from devices.simulated.virtual_card import CardProcess
from terminal_app.counter import events as on
from terminal_app.counter.machine import Phase
from tests.crash.whole.children import SellingCounter

SALES = 60
STEP_S = 0.001
SALE_LIMIT_S = 20.0
SERVICE_LOOKS_S = 0.4
"""How often the service asks a reader that cannot interrupt, as the virtual one, for a card."""


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield p50 and p99 of both ways."""
    with tempfile.TemporaryDirectory(prefix="fanpiao-bench-") as folder:
        before_us = sync_us()
        cards, codes = apart(present, Path(folder), SALES // (4 if quick else 1))
        sync = statistics.median((before_us, sync_us()))
    both = "two durable writes here, the round trip and the server's"
    for name, latencies, limit in (
        (
            "card laid on a PC/SC reader → approved",
            cards,
            f"the service looks every {SERVICE_LOOKS_S * 1e3:.0f} ms; then {both}",
        ),
        ("code out of the scanner's line → approved", codes, both),
    ):
        for share in (0.5, 0.99):
            yield at_most(
                f"{name}, p{share * 100:.0f}", quantile(latencies, share), "ms", None,
                f"{limit} ({sync:.0f} µs a sync)",
            )  # fmt: skip


class Running:
    """A device in a thread of its own, its events posted to the counter."""

    def __init__(self, entry: DeviceEntry, selling: SellingCounter) -> None:
        self._device: Any = make_device(entry)
        self._selling = selling
        self._over = threading.Event()
        self._device.open(selling.clock.monotonic())
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        """Stop, and let go of the device."""
        self._over.set()
        self._thread.join(SALE_LIMIT_S)
        self._device.close()

    def _run(self) -> None:
        while not self._over.is_set():
            for event in self._device.step(self._selling.clock.monotonic()):
                self._selling.counter.post(event)


def present(folder: Path, sales: int) -> tuple[list[float], list[float]]:
    """Return ms per sale by card and by code. For `apart`."""
    from server.config.boot import boot, prepare_database

    os.environ.update(environment())
    database = str(folder / "server.sqlite3")
    boot(database)
    prepare_database()
    from tests.crash.whole.test_kill_nine import Canteen, free_ports, wait_until_up

    canteen = Canteen(folder, database, free_ports(1))
    try:
        [server] = canteen.servers
        server.start()
        wait_until_up(canteen.ports[0])
        selling = SellingCounter(activated(canteen), seed=1)
        selling.open()
        _wait_for_people(selling, canteen)
        people = canteen.sample.people
        return _by_card(selling, people, sales), _by_code(folder, selling, people, sales)
    finally:
        canteen.stop()


def _by_card(selling: SellingCounter, people: Any, sales: int) -> list[float]:
    with Pcscd() as service:
        card = CardProcess(service.ports[0])
        entry = DeviceEntry("reader", "card_reader", "pcsc_reader", {"reader": READER})
        reader = Running(entry, selling)
        took_ms = []
        try:
            for number in range(sales):
                uid = people[number % len(people)].card_uid
                took_ms.append(_sale(selling, partial(card.insert, uid), card.remove))
            return took_ms
        finally:
            reader.close()
            card.close()


def _by_code(folder: Path, selling: SellingCounter, people: Any, sales: int) -> list[float]:
    line = SerialLine(folder / "scanner")
    settings = {"port": str(line.path), "trigger": "hand"}
    scanner = Running(DeviceEntry("scanner", "scanner", "serial_scanner", settings), selling)
    took_ms = []
    try:
        for number in range(sales):
            person = people[number % len(people)]
            # Its phone makes the code at that moment: it is good for a minute
            took_ms.append(_sale(selling, partial(_present, line, selling, person), _gone))
        return took_ms
    finally:
        scanner.close()
        line.unplug()


def _code(selling: SellingCounter, person: Any) -> str:
    text: str = person.phone.code(selling.clock.now(), os.urandom(8))
    return text


def _present(line: SerialLine, selling: SellingCounter, person: Any) -> None:
    line.present(_code(selling, person))


def _gone() -> None:
    """A code that was read once does not lie there."""


def _sale(selling: SellingCounter, show: Callable[[], None], take: Callable[[], None]) -> float:
    """Key an amount, present, and return the ms until APPROVED."""
    _ready(selling)
    started = time.perf_counter()
    show()
    while selling.phase is not Phase.APPROVED:
        selling.counter.step(selling.clock.monotonic())
        assert selling.phase is not Phase.DECLINED, selling.counter.view().code
        if selling.phase is Phase.CONFIRM:  # a second meal: the cashier says yes at once
            selling.counter.post(on.Confirmed(on.Who.CASHIER))
        assert time.perf_counter() - started < SALE_LIMIT_S, f"stuck in {selling.phase}"
        _moment.wait(STEP_S)
    latency_ms = (time.perf_counter() - started) * 1e3
    take()
    _settle(selling)
    return latency_ms


def _settle(selling: SellingCounter) -> None:
    """Let the driver notice that nothing is there any more; real time, and the counter's."""
    until = time.perf_counter() + 2 * SERVICE_LOOKS_S + 0.2
    while time.perf_counter() < until:
        selling.counter.step(selling.clock.monotonic())
        _moment.wait(10 * STEP_S)
    for _ in range(30):
        selling.step()
