"""`POST /v1/records`: the drain. Each record is answered by itself; none blocks the next."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from domain.errors import Unavailable
from server.fleet.read_standing import Standing, read_standing
from server.http import Request, Response, Routes, TerminalIdentity, failure, json_response
from server.inbox.book_records import plan_records, read_context
from server.inbox.follow_journal import FollowJournal
from server.inbox.keep_quarantine import keep_quarantine
from server.inbox.open_records import Opened, Rejected, open_records, split_push
from server.inbox.recorded import Recorded
from server.payments.arrivals import Booked
from server.runtime import Runtime
from sync.messages import Disposition, PushAnswer, Status

log = logging.getLogger(__name__)

PUSH_RECORDS_MAX = 500
NOT_BOOKABLE = "records.not_bookable"
BUSY_DELAY_MS = 1_000
"""What a push is told to wait when nothing of it could be taken."""


def routes(runtime: Runtime) -> Routes:
    """Return the inbox's routes."""
    inbox = _Inbox(runtime)
    return {("POST", "/v1/records"): inbox.push}


class _Inbox:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def push(self, request: Request) -> Response:
        """Answer a push with one disposition per record, in the order sent."""
        try:
            raws = split_push(request.body)
        except msgspec.MsgspecError:
            return failure("envelopes.malformed", 400)
        if len(raws) > PUSH_RECORDS_MAX:
            return failure("records.too_many", 413, limit=PUSH_RECORDS_MAX)
        now = self._runtime.clock.now()
        terminal = request.signer
        try:
            dispositions = await self._book(terminal, raws, now)
        except Unavailable as busy:
            return failure(busy.code, 503, busy.retry_after_ms or BUSY_DELAY_MS)
        return json_response(
            PushAnswer(dispositions=dispositions, delay_ms=self._runtime.writer.push_delay_ms)
        )

    async def _book(
        self, terminal: TerminalIdentity, raws: Sequence[bytes], now: datetime
    ) -> tuple[Disposition, ...]:
        read = self._runtime.read
        opened, commands = await read(_prepare, terminal, raws, now)
        answers = await asyncio.gather(*map(self._answer, commands))
        await self._follow(terminal, commands, now)
        rejected = [item for item in opened if isinstance(item, Rejected)]
        if rejected:
            await read(keep_quarantine, terminal, rejected, now, self._runtime.random)
        by_command = iter(answers)
        found = [
            _rejected(item) if isinstance(item, Rejected) else _answered(item, next(by_command))
            for item in opened
        ]
        taken = tuple(item for item in found if item is not None)
        if found and not taken:
            raise Unavailable("server.overloaded", retry_after_ms=BUSY_DELAY_MS)
        return taken

    async def _answer(self, command: Recorded) -> Booked | None:
        """Book one record; None when the server cannot take it now.

        A record on which a command fails is a defect of ours. The server takes custody of it all
        the same, parked until we are mended, so that the counter's queue goes on.
        """
        try:
            return await self._write(command)
        except Unavailable:
            return None
        except Exception:
            log.exception("record %s could not be booked", command.id)
        try:
            return await self._write(command.parked(NOT_BOOKABLE))
        except Unavailable:
            return None

    async def _write(self, command: Recorded) -> Booked:
        answer: Booked = await self._runtime.writer.answer(command, push=True)
        return answer

    async def _follow(
        self, terminal: TerminalIdentity, commands: Sequence[Recorded], now: datetime
    ) -> None:
        journals: set[UUID] = {command.opened.record.journal_id for command in commands}
        for journal_id in sorted(journals):
            follow = FollowJournal(terminal.organisation_id, terminal.terminal_id, journal_id, now)
            await self._runtime.writer.answer(follow, push=True)


def _prepare(
    terminal: TerminalIdentity, raws: Sequence[bytes], now: datetime
) -> tuple[list[Opened | Rejected], list[Recorded]]:
    standing: Standing = read_standing(terminal.organisation_id, [terminal.terminal_id])[
        terminal.terminal_id
    ]
    opened = open_records(terminal, standing.keys, raws)
    context = read_context(terminal, standing, now)
    return opened, plan_records(context, [o for o in opened if isinstance(o, Opened)])


def _rejected(item: Rejected) -> Disposition:
    return Disposition(
        journal_id=item.journal_id,
        sequence=item.sequence,
        status=Status.REJECTED,
        code=item.code,
    )


def _answered(item: Opened, answer: Booked | None) -> Disposition | None:
    """The word on one record; None when the server could not take it now (it comes again)."""
    if answer is None:
        return None
    return Disposition(
        journal_id=item.record.journal_id,
        sequence=item.record.sequence,
        status=answer.status,
        code=answer.code,
        balances=answer.balances,
    )
