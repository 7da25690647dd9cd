"""Hand payouts to the bank and hear what became of them.

The file and its number are committed before the first byte is sent, so that after a crash the same
file is sent again and the bank knows it by its number. No transaction is open while the bank is
asked. A file that the bank definitely refused, and only that, fails its payouts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from domain.ids import RandomBytes
from domain.settlement_states import PayoutEvent, PayoutState
from server.cases.effects import CaseOpened
from server.fresh import fresh_id
from server.settlement.models import Payout, PayoutFile
from server.settlement.payout_bank import (
    Accepted,
    FileAnswer,
    FileRefused,
    NeverCame,
    PayoutBank,
    PayoutOrder,
    Told,
    Unclear,
)
from server.settlement.settle_payout import ENDS, Word, settle_payout
from server.writes import write_now

MAX_ROWS: Final = 5_000
"""Payouts of one file."""
RETURN_WINDOW: Final = timedelta(days=30)
"""So long after it was made a file is asked for money that came back."""
OVERDUE: Final = timedelta(days=2)
"""A payout that nobody knows of for so long is somebody's case."""
ALERT: Final = "payout_file_unclear"
UNHEARD: Final = "payout_unheard"
_UNSENT: Final = ("made", "unknown")
_ON_THE_WAY: Final = (PayoutState.SUBMITTED.value, PayoutState.UNKNOWN.value)


@dataclass(slots=True)
class Progress:
    """What one round did."""

    files: int = 0
    succeeded: int = 0
    failed: int = 0
    returned: int = 0
    unclear: int = 0


def pay_out(
    organisation_id: UUID, bank: PayoutBank, now: datetime, random: RandomBytes
) -> Progress:
    """Send what waits, ask what became of the rest. May run at any time and any number of times."""
    done = Progress()
    while make_file(organisation_id, now, random) is not None:
        done.files += 1
    mine = PayoutFile.objects.filter(organisation=organisation_id)
    for file in mine.filter(state__in=_UNSENT).order_by("number"):
        submit_file(file, bank, now)
    for file in mine.filter(state="refused", payouts__state__in=_ON_THE_WAY).distinct():
        fail_refused(file, now)
    since = now - RETURN_WINDOW
    for file in mine.filter(state="accepted", made_at__gt=since).order_by("number"):
        hear_results(file, bank, now, done)
    return done


def make_file(organisation_id: UUID, now: datetime, random: RandomBytes) -> PayoutFile | None:
    """Put payouts that no file has into one; None when there are none."""
    with transaction.atomic():
        waiting = Payout.objects.select_for_update().filter(
            organisation=organisation_id, state=PayoutState.CREATED.value, file__isnull=True
        )
        rows = list(waiting.order_by("id")[:MAX_ROWS])
        if not rows:
            return None
        id = fresh_id(now, random)
        file = PayoutFile.objects.create(
            id=id, organisation=organisation_id, number=f"{now:%Y%m%d}-{id.hex[-16:].upper()}",
            state="made", row_count=len(rows), amount=sum(row.amount for row in rows),
            made_at=now, changed_at=now,
        )  # fmt: skip
        Payout.objects.filter(id__in=[row.id for row in rows]).update(
            file=file, state=PayoutState.SUBMITTED.value, changed_at=now
        )
    return file


def submit_file(file: PayoutFile, bank: PayoutBank, now: datetime) -> FileAnswer:
    """Send a file, or ask first when it may have been sent before; commit what the bank said."""
    said: FileAnswer = NeverCame()
    if file.state == "unknown":
        said = bank.look(file.number, now)
    if isinstance(said, NeverCame):
        said = bank.submit(file.number, orders_of(file), now)
    if isinstance(said, Accepted):
        _is_now(file, "accepted", "", now)
    elif isinstance(said, FileRefused):
        # First: a file that is refused is never sent again, and so may nothing of it be paid
        _is_now(file, "refused", said.code, now)
        fail_refused(file, now)
    elif isinstance(said, Unclear):
        for payout in file.payouts.filter(state=PayoutState.SUBMITTED.value).order_by("id"):
            settle_payout(payout, Word(PayoutEvent.LOSE_SIGHT), now)
        _is_now(file, "unknown", said.why[:48], now)
        if said.is_alert:
            _open_case(ALERT, "payout_file", file.organisation, file.id, file.amount, now, said.why)
    return said


def fail_refused(file: PayoutFile, now: datetime) -> None:
    """Give the money of a refused file back to its payees."""
    for payout in file.payouts.filter(state__in=_ON_THE_WAY).order_by("id"):
        settle_payout(payout, Word(PayoutEvent.FAIL, file.code), now)


def hear_results(file: PayoutFile, bank: PayoutBank, now: datetime, done: Progress) -> None:
    """Ask how the payouts of a file stand and commit each word."""
    said = bank.results(file.number, now)
    if isinstance(said, Unclear):
        done.unclear += 1
        return
    payouts = {payout.id: payout for payout in file.payouts.all()}
    for told in said:
        payout = payouts.get(told.number)
        if payout is not None and told.amount in (None, payout.amount):
            _hear(payout, told, now, done)


def orders_of(file: PayoutFile) -> list[PayoutOrder]:
    """Return what a file orders: the same whenever it is asked, from what was stored with it."""
    day = f"{file.made_at:%Y%m%d}"
    return [
        PayoutOrder(p.id.hex, p.amount, p.holder, p.number, p.bank, day)
        for p in file.payouts.order_by("id")
    ]


def _hear(payout: Payout, told: Told, now: datetime, done: Progress) -> None:
    if told.word is None:
        if now - payout.made_at > OVERDUE:
            _open_case(
                UNHEARD, "payout", payout.organisation, payout.id, payout.amount, now, "processing"
            )
        return
    before = PayoutState(payout.state)
    if ENDS.get(told.word.event) is before:
        # A results file repeats what it said for as long as it is asked: nothing to lock for
        return
    after = settle_payout(payout, told.word, now)
    if after is not before:
        setattr(done, after.value, getattr(done, after.value) + 1)


def _is_now(file: PayoutFile, state: str, code: str, now: datetime) -> None:
    file.state, file.code, file.changed_at = state, code, now
    file.save(update_fields=["state", "code", "changed_at"])


def _open_case(
    kind: str, subject: str, organisation: UUID, id: UUID, amount: int, now: datetime, why: str
) -> None:
    opened = CaseOpened(organisation, kind, subject, id, amount, now, {"why": why})
    with transaction.atomic(), connection.cursor() as cursor:
        write_now(cursor, [opened])
