"""The pump between the counter's store and the server: one `step`, called by one thread.

Rules
- The first word after a start is a heartbeat: it tells whether this disk is an older image, and
  mends the clock, before any row is handed over.
- Pushes: the oldest rows, at most 500, and not before the server's `delay_ms` has passed.
- Pulls: page by page while there is more, one page a step.
- A failure delays only its own duty, ever longer up to a minute, jittered so that the counters of
  a canteen do not come back in one instant. Success starts over.
- While the counter is offline-first, probes run beside all this.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec

from domain.errors import Refused, Unavailable
from sync import custody, keystore
from sync.client import Client
from sync.hysteresis import PROBE_EVERY_S
from sync.keystore import KeyStore
from sync.messages import (
    DeviceReport,
    Disposition,
    Heartbeat,
    HeartbeatAnswer,
    Record,
    Status,
)
from sync.outbox import Journal
from sync.replica import Applied, Replica

PUSH_LIMIT = 500
HEARTBEAT_EVERY_S = 15.0
NOT_SELLING = "not_selling"
"""Where the store keeps why the server lets this counter sell nothing."""
PULL_EVERY_S = 3.0
"""How soon a price, a lost card or a top-up reaches an idle counter."""
FIRST_DELAY_S = 1.0
LONGEST_DELAY_S = 60.0
LONGEST_ASKED_DELAY_S = 600.0
"""A server may ask for at most this much patience."""
PRUNE_EVERY_S = 3600.0
IDLE_PUSH_S = 1.0
"""How soon to look again when all that waits was rejected and is not due yet."""
DEFECT_CODE = "errors.defect"
"""The server's word for its own mistake: one of the rows may be what it chokes on."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the counter says of itself in a heartbeat."""

    software: str = ""
    shift_id: UUID | None = None
    devices: tuple[DeviceReport, ...] = ()


@dataclass(frozen=True, slots=True)
class PumpState:
    """How the wire stands, for the screens. `code` is why the last attempt failed, "" if well.

    `standing` is the terminal's state as the server last said: active, retired, revoked.
    `shows_codes`: whether it last said that payers may scan a code shown here. `not_selling` is
    why it lets us sell nothing, "" when it does: what it last said counts until it says otherwise.
    """

    standing: str = ""
    code: str = ""
    last_contact_at: datetime | None = None
    is_complete: bool = False
    is_rebound: bool = False
    shows_codes: bool = False
    not_selling: str = ""


@dataclass(slots=True)
class Duty:
    """When a duty is due next, in monotonic seconds; how often it failed in a row, and why."""

    due_s: float = 0.0
    failures: int = 0
    code: str = ""

    def is_due(self, now_s: float) -> bool:
        """Whether it is time."""
        return now_s >= self.due_s

    def done(self, now_s: float, after_s: float) -> None:
        """It went well; due again after `after_s`."""
        self.failures, self.code = 0, ""
        self.due_s = now_s + after_s

    def failed(self, now_s: float, code: str, share: float, at_least_s: float = 0.0) -> None:
        """It failed; wait twice as long as the last time, half of it by `share` (0 to 1)."""
        self.code = code
        longest_s = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** min(self.failures, 16))
        self.failures += 1
        self.due_s = now_s + max(at_least_s, longest_s * (0.5 + share / 2))


class Pump:
    """Hands over what waits, fetches what changed, and says how we are.

    `random` returns a share from 0 to 1, for the jitter. `report` is asked at each heartbeat.
    """

    def __init__(
        self,
        journal: Journal,
        replica: Replica,
        client: Client,
        key_store: KeyStore,
        random: Callable[[], float],
        report: Callable[[], Report] = Report,
    ) -> None:
        self._journal = journal
        self._replica = replica
        self._client = client
        self._key_store = key_store
        self._random = random
        self._report = report
        self._state = PumpState(not_selling=str(journal.store.meta(NOT_SELLING) or ""))
        self._heartbeat, self._push, self._pull = Duty(), Duty(), Duty()
        self._probe, self._broom = Duty(), Duty()
        self._batch = PUSH_LIMIT
        self._is_asked = False

    @property
    def state(self) -> PumpState:
        """How the wire stands now."""
        return self._state

    def step(self, now_s: float) -> float:
        """Do what is due at `now_s` (monotonic seconds); return the seconds until the next duty.

        A caller that sleeps so long should wake earlier when a row was appended.
        """
        if self._is_asked:
            self._is_asked = False
            for duty in (self._heartbeat, self._push, self._pull, self._probe):
                duty.due_s = now_s
        if not self._client.is_online_first and self._probe.is_due(now_s):
            self._client.probe()
            self._probe.done(now_s, PROBE_EVERY_S)
        if self._heartbeat.is_due(now_s):
            self._attempt(self._heartbeat, self._beat, now_s)
        if self._may_push() and self._push.is_due(now_s):
            self._attempt(self._push, self._push_once, now_s)
        if self._may_pull() and self._pull.is_due(now_s):
            self._attempt(self._pull, self._pull_once, now_s)
        if self._broom.is_due(now_s):
            self._attempt(self._broom, self._tidy, now_s)
        return max(0.0, min(duty.due_s for duty in self._duties()) - now_s)

    def hurry(self) -> None:
        """Somebody asked: every duty is due at the next step, however often it failed."""
        self._is_asked = True

    # --- The duties: each returns the seconds until it is due again -----------------------

    def _beat(self) -> float:
        answer = self._client.heartbeat(self._heartbeat_message())
        if answer.state == "revoked":
            self._revoked()
        else:
            self._follow(answer)
        not_selling = answer.code if answer.state == "active" else ""
        if not_selling != self._state.not_selling:
            # Kept on disk: a counter that comes up without a network knows it still
            self._journal.store.put_meta(NOT_SELLING, not_selling)
        is_moved = answer.binding_version not in (0, self._binding_version())
        self._state = replace(
            self._state,
            standing=answer.state,
            shows_codes=answer.shows_codes,
            not_selling=not_selling,
            is_rebound=self._state.is_rebound or (is_moved and self._rebind()),
        )
        return HEARTBEAT_EVERY_S * self._jitter()

    def _push_once(self) -> float:
        now = self._journal.clock.now()
        records = self._journal.lease(self._batch, now)
        if not records:
            return IDLE_PUSH_S
        try:
            answer = self._client.push(records)
        except Refused as refused:
            self._isolate(records, refused.code)
            raise
        except Unavailable as unavailable:
            if unavailable.code == DEFECT_CODE:
                self._isolate(records, unavailable.code)
            raise
        pushed = {(record.journal_id, record.sequence) for record in records}
        words = [word for word in answer.dispositions if (word.journal_id, word.sequence) in pushed]
        if not words:
            raise Unavailable("server.malformed")
        self._journal.acknowledge(words, now)
        self._batch = min(PUSH_LIMIT, self._batch * 2)
        return min(answer.delay_ms / 1000, LONGEST_ASKED_DELAY_S)

    def _pull_once(self) -> float:
        position = self._replica.position()
        applied = self._replica.apply_page(self._client.pull(position), position)
        is_complete = applied is Applied.COMPLETE
        if is_complete and not self._state.is_complete:
            self._broom.due_s = 0.0  # an old generation may just have been left behind
        self._state = replace(self._state, is_complete=self._state.is_complete or is_complete)
        return PULL_EVERY_S * self._jitter() if is_complete else 0.0

    def _tidy(self) -> float:
        custody.prune(self._journal.store, self._journal.clock.now())
        return 0.0 if self._replica.tidy() else PRUNE_EVERY_S

    # --- Inside ---------------------------------------------------------------------------

    def _attempt(self, duty: Duty, action: Callable[[], float], now_s: float) -> None:
        try:
            after_s = action()
        except Unavailable as unavailable:
            asked_s = min((unavailable.retry_after_ms or 0) / 1000, LONGEST_ASKED_DELAY_S)
            duty.failed(now_s, unavailable.code, self._random(), asked_s)
        except Refused as refused:
            self._take_refusal(refused.code)
            duty.failed(now_s, refused.code, self._random())
        except msgspec.MsgspecError:
            duty.failed(now_s, "server.malformed", self._random())
        else:
            duty.done(now_s, after_s)
            if duty is not self._broom:
                self._state = replace(self._state, last_contact_at=self._journal.clock.now())
        code = next((each.code for each in self._duties() if each.code), "")
        self._state = replace(self._state, code=code)

    def _take_refusal(self, code: str) -> None:
        if code == "terminals.revoked":
            self._revoked()
            self._state = replace(self._state, standing="revoked")
        elif code == "terminals.retired":
            self._state = replace(self._state, standing="retired")
        elif code == "feeds.bad_cursor":
            self._replica.rebuild()

    def _revoked(self) -> None:
        """Forget faces, people and money; what was sold is handed over, then forgotten too."""
        keystore.wipe_data_key(self._key_store)
        if self._state.standing != "revoked":
            self._replica.wipe()
        custody.forget_handed_over(self._journal.store)

    def _follow(self, answer: HeartbeatAnswer) -> None:
        journal, is_first = self._journal, self._state.standing == ""
        if custody.is_restored_image(
            journal.store, journal.head(), answer, is_first_contact=is_first
        ):
            journal.open_journal()
        custody.follow_epoch(journal.store, answer)
        if answer.lease_until is not None:
            keystore.renew_lease(self._key_store, answer.lease_until, answer.server_at)

    def _rebind(self) -> bool:
        """Keep the new binding and pull for the new store; the counter takes it over."""
        binding = self._client.binding()
        if self._key_store.change(lambda secrets: replace(secrets, binding=binding)) is None:
            return False
        self._replica.rebuild()
        return True

    def _isolate(self, records: Sequence[Record], code: str) -> None:
        """Find the one row the server chokes on by halves, and set it aside so that none waits.

        It stays in our custody and is offered again later, like a rejected one.
        """
        if len(records) > 1:
            self._batch = max(1, len(records) // 2)
            return
        word = Disposition(
            journal_id=records[0].journal_id,
            sequence=records[0].sequence,
            status=Status.REJECTED,
            code=code,
        )
        self._journal.acknowledge([word], self._journal.clock.now())

    def _heartbeat_message(self) -> Heartbeat:
        journal, report = self._journal, self._report()
        head, waiting, position = journal.head(), journal.waiting(), self._replica.position()
        return Heartbeat(
            journal_id=head.journal_id,
            head_sequence=head.sequence,
            head_hash=head.hash,
            acknowledged_sequence=journal.acknowledged_sequence(),
            waiting_count=waiting.count,
            waiting_amount=waiting.amount,
            epoch=position.epoch,
            cursor=position.cursor,
            stamp=journal.clock.stamp(),
            software=report.software,
            shift_id=report.shift_id,
            devices=report.devices,
        )

    def _binding_version(self) -> int:
        secrets = self._key_store.load()
        return secrets.binding.binding_version if secrets and secrets.binding else 0

    def _may_push(self) -> bool:
        # A replaced or revoked device still hands over what it sold
        is_known = self._state.standing in ("active", "retired", "revoked")
        return is_known and self._journal.waiting().count > 0

    def _may_pull(self) -> bool:
        return self._state.standing == "active"

    def _duties(self) -> tuple[Duty, ...]:
        duties = [self._heartbeat, self._broom]
        if self._may_push():
            duties.append(self._push)
        if self._may_pull():
            duties.append(self._pull)
        if not self._client.is_online_first:
            duties.append(self._probe)
        return tuple(duties)

    def _jitter(self) -> float:
        return 0.8 + 0.4 * self._random()
