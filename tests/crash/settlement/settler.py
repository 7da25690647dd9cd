"""A process that does one work of settlement and kills itself before its nth statement.

python -m tests.crash.settlement.settler DATABASE WORK ORGANISATION NOW N [FILE]

WORK is `settle`, `clear` (FILE: a clearing file), `decide` (approves what two people asked to
write off) or `pay` (FILE: the bank's address and keys as JSON).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from server.config.boot import boot


class Fuse:
    """Lets so many statements pass, then there is no more process."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Pass a statement on, or die before it."""
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def settle(organisation: UUID, now: datetime, _: str) -> None:
    """Close days and make batches."""
    from server.settlement.settle_due import settle_due

    settle_due(organisation, now, os.urandom)


def clear(organisation: UUID, now: datetime, file: str) -> None:
    """Take a clearing file."""
    from server.settlement.take_clearing import take_clearing
    from tests.factories.settled import CHANNEL

    body = Path(file).read_bytes()
    take_clearing(organisation, CHANNEL, "unionpay-delimited", body, now.date(), now)


def decide(organisation: UUID, now: datetime, _: str) -> None:
    """Approve whatever is open."""
    from server.cases.approvals.decide_approval import approve
    from server.cases.models import Approval
    from server.settlement.write_off import register_write_offs

    register_write_offs()
    waiting = Approval.objects.filter(organisation=organisation, state="waiting")
    for id in list(waiting.order_by("id").values_list("id", flat=True)):
        approve(organisation, id, by="boss", now=now)


def pay(organisation: UUID, now: datetime, file: str) -> None:
    """Hand payouts over and hear of them."""
    import httpx

    from server.settlement.pay_out import pay_out
    from server.settlement.payout_link.bank import LinkedBank, Parties

    told = json.loads(Path(file).read_text(encoding="utf-8"))
    parties = Parties.read(told["host"], told["settings"], told["secrets"])
    with httpx.Client(trust_env=False) as http:
        pay_out(organisation, LinkedBank(parties, http, os.urandom), now, os.urandom)


WORKS = {"settle": settle, "clear": clear, "decide": decide, "pay": pay}


def main(
    database: str, work: str, organisation: str, now: str, left: str, file: str = ""
) -> None:  # fmt: skip
    """Work until done or dead."""
    boot(database)
    from django.db import connection

    with connection.execute_wrapper(Fuse(int(left))):
        WORKS[work](UUID(organisation), datetime.fromisoformat(now), file)


if __name__ == "__main__":
    main(*sys.argv[1:])
