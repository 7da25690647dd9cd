"""From a card on the reader to APPROVED at a counter: its real store, client and server.

The counter is the crash tests' own: headless, its devices played by this script. While a sale is
measured the clock only ticks; between sales it is skipped, so that nobody waits for a receipt.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.apart import apart
from benchmarks.disk import sync_us
from benchmarks.figures import Figure, at_most, quantile
from devices import ports
from sync.activation import activate_terminal
from sync.keystore import FileKeyStore
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.machine import Phase
from tests.crash.whole.children import CounterPlace, SellingCounter

SALES = 60
STEP_S = 0.001
"""How often the counter steps while it is measured."""
SALE_LIMIT_S = 10.0
FEED_LIMIT_S = 30.0
_moment = threading.Event()
"""Never set: what the loop waits on between two steps."""
AMOUNT = "600"


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield p50 and p99 with the server there, then with it gone."""
    with tempfile.TemporaryDirectory(prefix="fanpiao-bench-") as folder:
        before_us = sync_us()
        online, offline = apart(sell, Path(folder), SALES // (4 if quick else 1))
        sync = statistics.median((before_us, sync_us()))
    for mode, latencies, limit in (
        ("online", online, "the counter's two durable writes, the round trip and the server's"),
        ("offline", offline, "the counter's two durable writes"),
    ):
        for share in (0.5, 0.99):
            yield at_most(
                f"present → approved by card, {mode}, p{share * 100:.0f}",
                quantile(latencies, share), "ms", None, f"{limit} ({sync:.0f} µs a sync)",
            )  # fmt: skip


def activated(canteen: Any) -> CounterPlace:
    """Activate the first counter of a canteen whose server is up."""
    place: CounterPlace = canteen._place(0)
    place.folder.mkdir()
    code = canteen.sample.counters[0].activation_code
    keys = FileKeyStore(place.folder / "keys.json")
    activate_terminal(keys, place.url, code, serial="B0", software="bench", random=os.urandom)
    return place


def sell(folder: Path, sales: int) -> tuple[list[float], list[float]]:
    """Return ms per sale, online and then with the server killed. For `apart`."""
    from server.config.boot import boot, prepare_database

    database = str(folder / "server.sqlite3")
    boot(database)
    prepare_database()
    from tests.crash.whole.test_kill_nine import Canteen, free_ports, wait_until_up

    canteen = Canteen(folder, database, free_ports(1))
    try:
        [server] = canteen.servers
        server.start()
        wait_until_up(canteen.ports[0])
        place = activated(canteen)
        selling = SellingCounter(place, seed=1)
        selling.open()
        cards = [person.card_uid for person in canteen.sample.people]
        _wait_for_people(selling, canteen)
        online = [_sale(selling, cards[n % len(cards)]) for n in range(sales)]
        server.kill()
        offline = [_sale(selling, cards[n % len(cards)]) for n in range(sales)]
        return online, offline
    finally:
        canteen.stop()


def _wait_for_people(selling: SellingCounter, canteen: Any) -> None:
    """Wait until the feed has brought everybody's card."""
    until = time.perf_counter() + FEED_LIMIT_S
    last = canteen.sample.people[-1].person_id
    while selling.replica.person(last) is None:
        assert time.perf_counter() < until, "the feed brought nobody"
        _moment.wait(STEP_S)


def _sale(selling: SellingCounter, uid: bytes) -> float:
    """Key an amount, present a card, and return the ms until APPROVED."""
    _ready(selling)
    started = time.perf_counter()
    now = selling.clock.monotonic()
    selling.counter.post(ports.CardPresented(uid, ports.Assurance.CARD_UID, now, "reader"))
    while selling.phase is not Phase.APPROVED:
        selling.counter.step(selling.clock.monotonic())
        assert selling.phase is not Phase.DECLINED, selling.counter.view().code
        if selling.phase is Phase.CONFIRM:  # a second meal: the cashier says yes at once
            selling.counter.post(on.Confirmed(on.Who.CASHIER))
        assert time.perf_counter() - started < SALE_LIMIT_S, f"stuck in {selling.phase}"
        _moment.wait(STEP_S)
    latency_ms = (time.perf_counter() - started) * 1e3
    selling.post(ports.CardRemoved("reader", selling.clock.monotonic()))
    return latency_ms


def _ready(selling: SellingCounter) -> None:
    """Arm the counter with an amount; time is skipped here, and only here."""
    selling._until_armed()
    for digit in AMOUNT:
        selling.post(presses.DigitTyped(digit))
    selling.post(on.Entered())
    for _ in range(5):
        selling.step()
