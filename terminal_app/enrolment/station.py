"""The enrolment desk at work: owns the machine, asks the server beside it, drives the camera.

`post` takes events from any thread; `step(now)` does all the rest and is called by one. The server
is asked on the executor, one question at a time; an answer about somebody who has left the desk
meanwhile is dropped.
"""

import hashlib
import queue
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from uuid import UUID

from devices.vision.faces.model import MODEL_VERSION
from domain.consent_texts import consent_text
from domain.errors import Refused, Unavailable
from domain.ids import RandomBytes, new_id
from domain.messages import Language
from sync import pins
from sync.clocks import CorrectedClock
from sync.messages import (
    ActivationAnswer,
    CardProven,
    ConsentGiven,
    ConsentRefused,
    FaceEnrolled,
    Sealed,
    Withdrawn,
)
from sync.sealing import NONCE_LENGTH, desk_bound, seal_bytes
from terminal_app.counter.operators import Known, Operators
from terminal_app.enrolment import machine as m
from terminal_app.enrolment.capture import TRIES_MAX, Look, Taken
from terminal_app.enrolment.link import Link
from terminal_app.enrolment.looking import Watcher
from terminal_app.enrolment.machine import Effect, Event, Machine, Problem
from terminal_app.enrolment.states import advance, begun
from terminal_app.enrolment.view import EnrolmentView, view_of

PIN_MIN, PIN_MAX = 6, 12
Ask = Callable[[], Event]


class Station:
    """One enrolment desk. `data_key` returns (key id, key) while the lease lasts."""

    def __init__(
        self,
        *,
        binding: ActivationAnswer,
        link: Link,
        operators: Operators,
        clock: CorrectedClock,
        executor: Executor,
        random: RandomBytes,
        data_key: Callable[[], bytes | None],
        language: Language = "zh",
    ) -> None:
        self._binding, self._link, self._operators = binding, link, operators
        self._clock, self._executor, self._random = clock, executor, random
        self._data_key = data_key
        self._events: queue.SimpleQueue[tuple[int | None, Event]] = queue.SimpleQueue()
        self._visit = 0
        self._consent_id = self._enrolment_id = self._id()
        self.watcher: Watcher | None = None
        self.why_unwatched = "cameras.none"
        """What to show while there is no watcher."""
        self.machine = Machine(language=language)

    def post(self, event: Event) -> None:
        """Hand an event over; any thread."""
        self._events.put((None, event))

    def see(self, look: Look | None) -> None:
        """Hand over what the camera saw; any thread."""
        self.post(m.Looked(look))

    def step(self, now: float) -> bool:
        """Take every event that waits, then let time pass; return whether anything changed."""
        before = self.machine
        while True:
            try:
                visit, event = self._events.get_nowait()
            except queue.Empty:
                break
            if visit is None or visit == self._visit:
                self._advance(event, now)
        self._advance(m.Ticked(), now)
        return self.machine != before

    def view(self, now: float) -> EnrolmentView:
        """Return what the desk shows."""
        return view_of(
            self.machine,
            store_name=self._binding.store_name,
            terminal_name=self._binding.terminal_name,
            pin_locked_s=self._operators.locked_for_s(now),
            device=self.watcher.lost if self.watcher is not None else self.why_unwatched,
            now=now,
        )

    def _advance(self, event: Event, now: float) -> None:
        former = self.machine.person
        self.machine, effects = advance(self.machine, event, now)
        if self.machine.person is not former:
            self._visit += 1
            self._consent_id = self._id()
        for effect in effects:
            self._do(effect, now)

    def _do(self, effect: Effect, now: float) -> None:
        match effect:
            case m.CheckPin(pin):
                self._check_pin(pin, now)
            case m.ChangePin(pin):
                self._change_pin(pin, now)
            case m.StartLooking(keeps_photo):
                self._start_looking(now, keeps_photo=keeps_photo)
            case m.StopLooking():
                if self.watcher is not None:
                    self.watcher.stop()
            case _:
                self._ask(partial(self._asked, effect))

    # --- here ---------------------------------------------------------------------------

    def _check_pin(self, pin: str, now: float) -> None:
        found = self._operators.clerk(pin, now)
        if isinstance(found, Known):
            row = found.operator
            event: Event = m.SignedIn(row.operator_id, row.name, must_change=row.must_change)
        else:
            seconds = -int(-self._operators.locked_for_s(now) // 1)
            event = m.Failed(Problem(found.code, {"seconds": seconds}))
        self._advance(event, now)

    def _change_pin(self, pin: str, now: float) -> None:
        is_pin = pin.isascii() and pin.isdigit() and PIN_MIN <= len(pin) <= PIN_MAX
        operator_id = self.machine.operator_id
        if not is_pin or operator_id is None:
            self._advance(m.Failed(Problem("pins.too_short", {"digits": PIN_MIN})), now)
            return
        salt = self._random(pins.SALT_LENGTH)
        self._operators.change_pin(operator_id, pins.hash_pin(pin, salt))
        self._advance(m.SignedIn(operator_id, self.machine.operator_name), now)

    def _start_looking(self, now: float, *, keeps_photo: bool) -> None:
        if self.watcher is None:
            self._advance(m.Failed(Problem("cameras.none")), now)
            return
        orders = tuple(bool(byte & 1) for byte in self._random(TRIES_MAX))
        self._enrolment_id = self._id()
        self.machine = begun(self.machine, orders, now)
        self.watcher.start(keeps_photo=keeps_photo)

    # --- the server ---------------------------------------------------------------------

    def _ask(self, ask: Ask) -> None:
        visit = self._visit

        def answered(future: Future[Event]) -> None:
            if not future.cancelled():
                self._events.put((visit, _answer(future)))

        self._executor.submit(ask).add_done_callback(answered)

    def _asked(self, effect: Effect) -> Event:
        """Ask the server; runs on the executor."""
        match effect:
            case m.Find():
                return self._find(effect)
            case m.FetchText(language):
                blanks = self._link.text()
                return m.TextCame(consent_text(language, blanks.blanks, blanks.version))
            case m.SendConsent():
                return m.ConsentKept(self._link.consent(self._given(effect)).consent_id)
            case m.SendFace(consent_id, taken):
                return m.FaceKept(self._link.face(self._enrolled(consent_id, taken)).alike)
            case m.SendRefusal(person_id):
                refused = ConsentRefused(
                    refusal_id=self._id(), person_id=person_id, operator_id=self._operator_id()
                )
                self._link.refuse(refused)
                return m.RefusalKept()
            case m.SendWithdrawal(person_id):
                asked = Withdrawn(person_id=person_id, operator_id=self._operator_id())
                return m.WithdrawalCame(self._link.withdraw(asked))
            case m.AskWithdrawal(person_id):
                return m.WithdrawalCame(self._link.withdrawal(person_id))
        raise AssertionError(f"nobody does {type(effect).__name__}")

    def _find(self, find: m.Find) -> Event:
        if find.is_proven:
            proven = CardProven(card_key=find.card_key, operator_id=self._operator_id())
            self._link.prove_card(proven)
        named = {"number": find.number, "card": find.card_key}
        query = {name: value for name, value in named.items() if value}
        is_one = bool(query)
        if find.group is not None:
            query["group"] = find.group
        page = self._link.people(query)
        return m.PeopleCame(page.people, is_one=is_one) if query else m.GroupsCame(page.groups)

    def _given(self, sent: m.SendConsent) -> ConsentGiven:
        machine = sent.machine
        person, text, giver = machine.person, machine.text, machine.giver
        assert person is not None, "a consent is somebody's"
        assert text is not None, "a consent is to some words"
        signature = None
        if sent.png:
            signature = self._sealed("signature", self._consent_id, 0, sent.png)
        return ConsentGiven(
            consent_id=self._consent_id,
            person_id=person.person_id,
            operator_id=self._operator_id(),
            language=text.language,
            text_version=text.version,
            text_digest=hashlib.sha256(text.text.encode()).hexdigest(),
            giver_name=giver.name,
            given_by=giver.given_by,
            relation=giver.relation,
            is_under_14=giver.is_under_14,
            keeps_photo=giver.keeps_photo,
            signature=signature,
            guardian_code=sent.code,
            twin=machine.twin,
            twin_number=machine.twin_number,
        )

    def _enrolled(self, consent_id: UUID, taken: tuple[Taken, ...]) -> FaceEnrolled:
        id = self._enrolment_id
        photographs = [one.photograph for one in taken if one.photograph]
        return FaceEnrolled(
            enrolment_id=id,
            consent_id=consent_id,
            operator_id=self._operator_id(),
            model=MODEL_VERSION,
            was_turned=True,
            vectors=tuple(
                self._sealed("vector", id, place, one.vector) for place, one in enumerate(taken)
            ),
            photographs=tuple(
                self._sealed("photograph", id, place, data)
                for place, data in enumerate(photographs)
            ),
        )

    def _sealed(self, kind: str, id: UUID, place: int, data: bytes) -> Sealed:
        key = self._data_key()
        if key is None:
            raise Refused("terminals.lease_ended")
        nonce = self._random(NONCE_LENGTH)
        return seal_bytes(key, self._binding.data_key_id, data, desk_bound(kind, id, place), nonce)

    def _operator_id(self) -> UUID:
        operator_id = self.machine.operator_id
        if operator_id is None:
            raise Refused("operators.unknown")
        return operator_id

    def _id(self) -> UUID:
        return new_id(int(self._clock.now().timestamp() * 1000), self._random)


def _answer(future: "Future[Event]") -> Event:
    """The answer, or why there is none; a defect of ours is shown and not swallowed."""
    try:
        return future.result()
    except Refused as refused:
        return m.Failed(Problem(refused.code, dict(refused.data)))
    except Unavailable as unavailable:
        return m.Failed(Problem(unavailable.code, dict(unavailable.data)))
