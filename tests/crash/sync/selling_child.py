"""A counter that sells until it is killed, and says after each durable step what it did."""

from multiprocessing.connection import Connection
from pathlib import Path
from uuid import UUID

from sync.messages import Acceptance, Mode, RecordKind
from tests.unit.sync.makers import CASH_ACCOUNT, Counter, cancellation, request, seeded


def sell_for_ever(store: Path, round_number: int, parent: Connection) -> None:
    """Sell until killed; open intents of an earlier life are cancelled first.

    Each message to the parent is ("frozen" | "accepted" | "cancelled", payment), sent after the
    call that promises it returned.
    """
    counter = Counter(store, random=seeded(round_number))
    for left in counter.journal.open_intents():
        counter.journal.append(RecordKind.CANCELLATION, cancellation(left.request))
        parent.send(("cancelled", left.request.intent.payment_id))
    number = 0
    while True:
        number += 1
        payment_id = UUID(int=round_number * 1_000_000 + number)
        asked = request(payment_id, amount=100, stamp=counter.corrected.stamp())
        counter.journal.freeze(asked)
        parent.send(("frozen", payment_id))
        acceptance = Acceptance(request=asked, mode=Mode.OFFLINE)
        counter.journal.append(RecordKind.ACCEPTANCE, acceptance, deltas={CASH_ACCOUNT: 100})
        parent.send(("accepted", payment_id))
