"""Calls merchants as the provider does: at once, again on its schedule, and wrongly on request."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import httpx

from server.sandbox.entries import Event
from server.sandbox.faults import Fault, Faults, Operation
from server.sandbox.frame import Peer, Posting, Tampering

LATE_S: Final = 300.0
"""How late `Fault.NOTICE_LATE` is."""
_WAIT_S: Final = 5.0
"""A merchant that has not answered by then is called again later."""

Send = Callable[[str, Posting], tuple[int, bytes] | None]
"""Posts to an address; None when nobody answered."""


@dataclass(slots=True)
class Postman:
    """Carries one peer's notices. `step` is called by a thread, or by a test."""

    peer: Peer
    faults: Faults
    send: Send
    _late: set[int] = field(default_factory=set)

    def step(self, now: datetime) -> int:
        """Deliver what is due; returns how many postings were made."""
        self.peer.settle()
        return sum(self._deliver(event, now) for event in self.peer.books.events.due(now))

    def post(self, event: Event, tampering: Tampering, url: str = "") -> int | None:
        """Post one notice now, whatever was sent before; returns the status answered, if any."""
        answer = self.send(url or event.url, self.peer.compose(event, tampering))
        self.peer.books.events.told(event, event.due_at)
        return None if answer is None else answer[0]

    def _deliver(self, event: Event, now: datetime) -> int:
        fault = None if event.id in self._late else self.faults.take(Operation.NOTICE)
        if fault is Fault.NOTICE_LATE:
            self._late.add(event.id)
            later = now + timedelta(seconds=LATE_S)
            self.peer.books.events.told(event, later, is_sent=False)
            return 0
        if fault is Fault.NOTICE_LOST:
            self.peer.books.events.told(event, self._again_at(event, now))
            return 0
        return self._post_all(event, now, fault)

    def _post_all(self, event: Event, now: datetime, fault: Fault | None) -> int:
        wrong = {
            Fault.NOTICE_FORGED: Tampering.FORGED,
            Fault.NOTICE_WRONG_AMOUNT: Tampering.WRONG_AMOUNT,
        }
        what = Tampering.NONE if fault is None else wrong.get(fault, Tampering.NONE)
        posting = self.peer.compose(event, what)
        times = 2 if fault is Fault.NOTICE_TWICE else 1
        answers = [self.send(event.url, posting) for _ in range(times)]
        taken = [answer for answer in answers if answer and self.peer.is_taken(*answer)]
        is_told = bool(taken) and what is Tampering.NONE
        self.peer.books.events.told(event, None if is_told else self._again_at(event, now))
        return times

    def _again_at(self, event: Event, now: datetime) -> datetime | None:
        delays = self.peer.notice_delays_s
        if event.sent >= len(delays):
            return None
        return now + timedelta(seconds=delays[event.sent])


def sender(client: httpx.Client) -> Send:
    """Post through `client`; whatever goes wrong on the way is no answer."""

    def send(url: str, posting: Posting) -> tuple[int, bytes] | None:
        try:
            answer = client.post(
                url, content=posting.body, headers=dict(posting.headers), timeout=_WAIT_S
            )
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        return answer.status_code, answer.content

    return send
