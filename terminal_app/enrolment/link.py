"""The desk's end of the wire: one signed question at a time, and an answer or a reason."""

import ssl
from functools import partial
from typing import Protocol
from uuid import UUID

import msgspec

from domain.errors import Refused, Unavailable
from sync.client import drain_connection, send_drain
from sync.clocks import CorrectedClock
from sync.messages import (
    CardProven,
    ConsentBlanks,
    ConsentGiven,
    ConsentKept,
    ConsentRefused,
    EnrolmentDone,
    FaceEnrolled,
    FaceKept,
    Failure,
    MessageT,
    PeoplePage,
    WithdrawalStanding,
    Withdrawn,
    decode,
    encode,
)
from sync.signing import TerminalKey
from sync.wire import Call, ClockSkewed, Reply, Signer, read_reply

ROOT = "/v1/enrolments"
ANSWER_MAX_S = 20.0
"""Somebody waits in front of the desk: an answer that drips longer is none."""


class Link(Protocol):
    """What the desk asks of the server; raises `Refused` or `Unavailable`."""

    def people(self, query: dict[str, str]) -> PeoplePage:
        """Return the classes, or the people asked for."""
        ...

    def prove_card(self, proven: CardProven) -> EnrolmentDone:
        """Tell that a card proved itself here; again is once."""
        ...

    def text(self) -> ConsentBlanks:
        """Return which text to show and what stands in its blanks."""
        ...

    def consent(self, given: ConsentGiven) -> ConsentKept:
        """Put a consent on file; again is once."""
        ...

    def face(self, taken: FaceEnrolled) -> FaceKept:
        """Enrol a face; again is once."""
        ...

    def refuse(self, refused: ConsentRefused) -> EnrolmentDone:
        """Put a no on file."""
        ...

    def withdraw(self, withdrawn: Withdrawn) -> WithdrawalStanding:
        """End a consent."""
        ...

    def withdrawal(self, person_id: UUID) -> WithdrawalStanding:
        """Ask how far a withdrawal got."""
        ...


class ServerLink:
    """`Link` over HTTP, for one activated desk. Used by one thread at a time."""

    def __init__(
        self,
        server_url: str,
        key: TerminalKey,
        terminal_id: UUID,
        clock: CorrectedClock,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._signer = Signer(terminal_id, key, clock)
        self._connection = drain_connection(server_url, tls)

    def people(self, query: dict[str, str]) -> PeoplePage:
        """Ask for classes or people."""
        return self._asked(PeoplePage, Call("GET", f"{ROOT}/people", query=query))

    def prove_card(self, proven: CardProven) -> EnrolmentDone:
        """Tell of a card that proved itself."""
        return self._posted(EnrolmentDone, "/cards", proven)

    def text(self) -> ConsentBlanks:
        """Ask for the text."""
        return self._asked(ConsentBlanks, Call("GET", f"{ROOT}/text"))

    def consent(self, given: ConsentGiven) -> ConsentKept:
        """Send a consent."""
        return self._posted(ConsentKept, "/consents", given)

    def face(self, taken: FaceEnrolled) -> FaceKept:
        """Send a face."""
        return self._posted(FaceKept, "", taken)

    def refuse(self, refused: ConsentRefused) -> EnrolmentDone:
        """Send a no."""
        return self._posted(EnrolmentDone, "/refusals", refused)

    def withdraw(self, withdrawn: Withdrawn) -> WithdrawalStanding:
        """Send a withdrawal."""
        return self._posted(WithdrawalStanding, "/withdrawals", withdrawn)

    def withdrawal(self, person_id: UUID) -> WithdrawalStanding:
        """Ask for a withdrawal."""
        query = {"person": str(person_id)}
        return self._asked(WithdrawalStanding, Call("GET", f"{ROOT}/withdrawals", query=query))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _posted(self, kind: type[MessageT], what: str, body: msgspec.Struct) -> MessageT:
        return self._asked(kind, Call("POST", ROOT + what, encode(body)))

    def _asked(self, kind: type[MessageT], call: Call) -> MessageT:
        for _ in range(2):
            sent_s = self._clock.monotonic()
            reply = self._sent(call)
            try:
                return read_reply(kind, reply)
            except ClockSkewed as skewed:
                if skewed.server_at is not None:
                    self._clock.learn(skewed.server_at, sent_s=sent_s)
            except Refused as refused:
                raise Refused(refused.code, **_data(reply)) from refused
        raise Unavailable("envelopes.clock_skew")

    def _sent(self, call: Call) -> Reply:
        is_late = partial(self._is_after, self._clock.monotonic() + ANSWER_MAX_S)
        return send_drain(self._connection, call, self._signer.headers(call), is_late)

    def _is_after(self, moment_s: float) -> bool:
        return self._clock.monotonic() > moment_s


def _data(reply: Reply) -> dict[str, str | int | bool | None]:
    """What fills the blanks of a refusal's sentence: how many tries are left, which field."""
    data = decode(Failure, reply.body).data
    return {
        name: value for name, value in data.items()
        if name != "code" and isinstance(value, str | int | bool | None)
    }  # fmt: skip
