"""A whole counter over a real store, with a server of a few lines and time moved by hand.

The server keeps what it was asked by id, honours `sync.messages`, and can be slow, silent or gone.
Questions run when the bench lets them, so that every order of arrival can be played.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from devices import ports
from kiosk_profiles.load import load
from kiosk_profiles.schema import Profile
from sync import messages
from sync.clocks import CorrectedClock
from sync.messages import (
    RecordKind,
)
from sync.outbox import Journal
from sync.replica import Replica
from sync.store import LocalStore
from terminal_app.counter import events as on
from terminal_app.counter import presses
from terminal_app.counter.build import build_counter
from terminal_app.counter.machine import Phase
from terminal_app.counter.run import Counter
from terminal_app.counter.view import CounterView
from tests.integration.counter.canteen import (
    CARD,
    CASHIER_PIN,
    GUEST_AMOUNT,
    LUNCH_AMOUNT,
    OTHER,
    OTHER_CARD,
    PERSON,
    PERSON_PIN,
    SECOND_AMOUNT,
    STRANGE_CARD,
    SUPERVISOR_PIN,
    WECHAT,
    feed_rows,
)
from tests.integration.counter.small_server import HandExecutor, SmallServer, answer, approved
from tests.unit.sync import makers

__all__ = [
    "CARD",
    "CASHIER_PIN",
    "GUEST_AMOUNT",
    "LUNCH_AMOUNT",
    "OTHER",
    "OTHER_CARD",
    "PERSON",
    "PERSON_PIN",
    "SECOND_AMOUNT",
    "STRANGE_CARD",
    "SUPERVISOR_PIN",
    "WECHAT",
    "Bench",
    "SmallServer",
    "answer",
    "approved",
    "face_seen",
    "profile",
]

TICK_S = 0.05


def profile(name: str = "canteen", **tables: dict[str, Any]) -> Profile:
    """A shipped profile with some fields of some tables changed."""
    made = load(name)
    for table, changes in tables.items():
        if table == "top":
            made = msgspec.structs.replace(made, **changes)
        else:
            part = msgspec.structs.replace(getattr(made, table), **changes)
            made = msgspec.structs.replace(made, **{table: part})
    return made


class Bench:
    """One counter on a bench."""

    def __init__(self, path: Path, used: Profile | None = None, **rows: Any) -> None:
        self.profile = used or profile()
        self.clock = makers.HandClock()
        self.server = SmallServer()
        self.executor = HandExecutor()
        self.random = makers.seeded()
        self.path = path / "counter.sqlite3"
        self.printed: list[ports.Receipt] = []
        self.standing = ""
        self.not_selling = ""
        self.shows_codes = True
        self.syncs = 0
        self.practise: Callable[[str | None], None] = lambda _pin: None
        self.data_key: bytes | None = b"d" * 32
        self.galleries: list[int] = []
        self.views: list[CounterView] = []
        self._open()
        self.feed(**rows)
        self.corrected.learn(self.clock.at, sent_s=self.clock.monotonic())
        self.build()

    def _open(self) -> None:
        self.store = LocalStore(self.path)
        self.corrected = CorrectedClock(self.clock, self.store)
        self.journal = Journal(
            self.store, makers.terminal_key(), makers.TERMINAL, self.corrected, self.random
        )
        self.replica = Replica(self.store, self.corrected)

    def build(self) -> None:
        self.counter: Counter = build_counter(
            profile=self.profile,
            binding=makers.activation_answer(),
            store=self.store,
            journal=self.journal,
            replica=self.replica,
            clock=self.corrected,
            server=self.server,
            executor=self.executor,
            random=self.random,
            printer=self,
            eyes=self,
            data_key=lambda: self.data_key,
            standing=lambda: self.standing,
            not_selling=lambda: self.not_selling,
            shows_codes=lambda: self.shows_codes,
            sync_now=self._sync_now,
            practise=lambda pin: self.practise(pin),
        )
        self.counter.listen(self.views.append)
        self.counter.start(self.now)

    def _sync_now(self) -> None:
        self.syncs += 1

    def restart(self) -> None:
        """Power back: the same disk, nothing else."""
        self.store.close()
        self.executor.jobs.clear()
        self._open()
        self.build()

    def close(self) -> None:
        self.store.close()

    # --- the printer's port ---------------------------------------------------------------

    name = "printer"

    def open(self, now: float) -> None:
        """Nothing to open."""

    def print_receipt(self, receipt: ports.Receipt) -> None:
        self.printed.append(receipt)

    def state(self) -> ports.PrinterState:
        return ports.PrinterState.READY

    # --- the eyes' port -------------------------------------------------------------------

    def arm(self, now: float) -> None:
        """Faces are posted by the test."""

    def disarm(self) -> None:
        """Faces are posted by the test."""

    def set_gallery(self, templates: Iterable[ports.FaceTemplate]) -> None:
        self.galleries.append(len(list(templates)))

    def update_gallery(
        self, *, added: Iterable[ports.FaceTemplate], removed: Iterable[str]
    ) -> None:
        """Not used by the counter."""

    # --- the replica ----------------------------------------------------------------------

    def feed(self, **changes: Any) -> None:
        """Everything a counter of one canteen knows; `person={…}` changes fields of PERSON."""
        rows = feed_rows(changes)
        numbered = [
            makers.feed_row(number, kind, entity, row)
            for number, (kind, entity, row) in enumerate(rows, 1)
        ]
        position = self.replica.position()
        self.replica.apply_page(makers.page(*numbered, epoch="E1"), position)

    # --- time and hands -------------------------------------------------------------------

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    @property
    def phase(self) -> Phase:
        return self.counter.machine.phase

    @property
    def view(self) -> CounterView:
        return self.counter.view()

    def step(self) -> None:
        self.counter.step(self.now)

    def post(self, *posted: Any) -> None:
        for one in posted:
            self.counter.post(one)
        self.step()

    def wait(self, seconds: float) -> None:
        for _ in range(max(1, round(seconds / TICK_S))):
            self.clock.advance(TICK_S)
            self.step()

    def open_shift(self, float_amount: int = 0) -> None:
        self.post(presses.PinEntered(CASHIER_PIN), presses.DayAccepted(float_amount))

    def serve(self) -> None:
        """Open the shift and begin to serve; the price was read."""
        self.open_shift()
        self.post(on.ServingStarted())
        self.wait(0.5)

    def key_amount(self, digits: str) -> None:
        for digit in digits:
            self.post(presses.DigitTyped(digit))
        self.post(on.Entered())

    # --- devices --------------------------------------------------------------------------

    def card(self, uid: bytes = CARD, **changes: Any) -> None:
        self.post(
            ports.CardPresented(
                uid=uid,
                assurance=ports.Assurance.CARD_UID,
                seen_at=self.now,
                reader="reader",
                **changes,
            )
        )

    def lift_card(self) -> None:
        self.post(ports.CardRemoved("reader", self.now))

    def code(self, text: str = WECHAT) -> None:
        self.post(ports.CodeScanned(text, ports.Symbology.QR, "scanner", self.now))

    def take_phone(self) -> None:
        self.wait(2.1)
        self.post(ports.CodeGone("scanner", self.now))

    def face(
        self, person: UUID | None = PERSON, track_id: int = 1, seconds: float = 1.0, **changes: Any
    ) -> None:
        """One face, standing still in the zone for so long, ten frames a second."""
        for _ in range(round(seconds / 0.1)):
            match = None if person is None else ports.FaceMatch(str(person), 0.33, 0.2)
            self.post(face_seen(track_id, self.now, match=changes.get("match", match)))
            self.wait(0.1)

    def leave(self, seconds: float = 1.2) -> None:
        for _ in range(round(seconds / 0.1)):
            self.post(ports.ZoneEmpty(self.now))
            self.wait(0.1)

    # --- what is on disk ------------------------------------------------------------------

    def records(self, kind: RecordKind) -> list[Any]:
        """Bodies of one kind in the journal, in order."""
        types: dict[RecordKind, type[Any]] = {
            RecordKind.ACCEPTANCE: messages.Acceptance,
            RecordKind.CANCELLATION: messages.Cancellation,
            RecordKind.REFUND: messages.RefundRequest,
            RecordKind.EVENT: messages.Event,
            RecordKind.SHIFT_OPENED: messages.ShiftOpened,
            RecordKind.SHIFT_CLOSED: messages.ShiftClosed,
        }
        rows = self.store.rows(
            "SELECT body FROM journal WHERE kind = ? ORDER BY place", (kind.value,)
        )
        return [messages.decode(types[kind], body) for (body,) in rows]

    @property
    def accepted(self) -> list[Any]:
        return self.records(RecordKind.ACCEPTANCE)

    def acknowledge_all(self) -> None:
        leased = self.journal.lease(500, self.clock.at)
        self.journal.acknowledge([makers.disposition(one) for one in leased], self.clock.at)


def face_seen(
    track_id: int, at: float, match: ports.FaceMatch | None = None, **changes: Any
) -> ports.FaceObserved:
    given: dict[str, Any] = {
        "box": ports.Box(200, 100, 240, 240),
        "size_ratio": 0.5,
        "centre_offset": 0.1,
        "yaw_deg": 0.0,
        "pitch_deg": 0.0,
        "faces_in_zone": 1,
        "second_ratio": 0.0,
        "frame_width": 640,
        "frame_height": 480,
    }
    given.update(changes)
    return ports.FaceObserved(track_id=track_id, match=match, captured_at=at, **given)
