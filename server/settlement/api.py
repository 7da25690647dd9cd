"""What the bank that pays out posts by itself: `POST /v1/payout-notices/<organisation>`.

- Only what the organisation's own bank signed is read; anything else is answered 401 and changes
  nothing.
- A notice is one more word of the bank: the same command commits it as commits a results file, so
  repeats and any order are harmless. One that says another amount than ours is not believed.
- The bank is told that it was taken only after the commit; until then it posts again.
"""

import logging
from collections.abc import Callable
from typing import Final
from uuid import UUID

from domain.errors import Refused
from server.http import Request, Response, Routes
from server.organisations.models import Organisation
from server.runtime import Runtime
from server.settlement.models import Payout
from server.settlement.payout_bank import PayoutBank
from server.settlement.settle_payout import SettlePayout, settling

PREFIX: Final = "/v1/payout-notices/"
OpenBank = Callable[[UUID], PayoutBank | None]

log = logging.getLogger(__name__)


def routes(runtime: Runtime, open_bank: OpenBank) -> Routes:
    """Return this app's route; the bank's signature is the door."""
    return {("POST", PREFIX + "*"): _Desk(runtime, open_bank).take}


class _Desk:
    def __init__(self, runtime: Runtime, open_bank: OpenBank) -> None:
        self._runtime = runtime
        self._open_bank = open_bank

    async def take(self, request: Request) -> Response:
        """Verify, commit, and only then say so."""
        command = await self._runtime.read(self._command, request)
        if command is not None:
            await self._runtime.writer.answer(command)
        return Response(204, b"")

    def _command(self, request: Request) -> SettlePayout | None:
        """What is to be committed, if anything; runs on a pool thread."""
        organisation_id = _organisation(request.path)
        bank = self._open_bank(organisation_id)
        if bank is None:
            raise Refused("envelopes.not_found", path=request.path[:80])
        now = self._runtime.clock.now()
        told = bank.read_notice(request.headers, request.body, now)
        if told is None:
            raise Refused("settlement.notice_not_authentic")
        payout = Payout.objects.filter(organisation=organisation_id, id=told.number).first()
        if payout is None or told.amount not in (None, payout.amount):
            log.warning("payout notice: %s is not ours, or of another amount", told.number)
            return None
        return settling(payout, told.word, now) if told.word is not None else None


def _organisation(path: str) -> UUID:
    """The organisation that a path names, if there is one; raises `Refused`."""
    try:
        id = UUID(path.removeprefix(PREFIX))
    except ValueError as malformed:
        raise Refused("envelopes.not_found", path=path[:80]) from malformed
    if not Organisation.objects.filter(id=id).exists():
        raise Refused("envelopes.not_found", path=path[:80])
    return id
