"""Two writers on one PostgreSQL are handed the same messages at once: one effect per id, no
deadlock that is not got over, and books that pass the audit.
"""

from __future__ import annotations

import random
import threading
from concurrent.futures import Future
from typing import Any

from django.db import connections

from server.audit.run_audit import run_audit
from server.ledger.writer import Writer
from server.payments.book_offline_acceptance import plan_acceptances
from server.payments.cancel_payment import plan_cancellations
from server.payments.models import Payment, Refund
from server.payments.refund_payment import plan_refunds
from sync.messages import Outcome, Tender
from tests.factories.clocks import StandingClock
from tests.factories.payments import Till
from tests.factories.server_rows import NOW, SECRETS, Rows
from tests.integration.server.payments.conftest import JUDGES

SALES = 40
LIMIT_S = 60


def commands(till: Till) -> list[Any]:
    """For each sale a request, its acceptance, a refund and, of every third, a cancellation."""
    made: list[Any] = []
    for number in range(SALES):
        tender = Tender.CASH if number % 4 == 0 else Tender.WALLET
        sale = till.request(total=100 + number, tender=tender)
        made.append(till.online_command(sale))
        if number % 3:
            made += plan_acceptances([till.arrived(till.acceptance(sale))], SECRETS)
        else:
            made += plan_cancellations([till.arrived(till.cancellation(sale))])
        made += plan_refunds([till.arrived(till.refund_request(sale, 50))])
    return made


def test_two_servers_handed_the_same_messages_have_one_effect_per_id(
    postgresql_database: str,
) -> None:
    till = Till(Rows())
    writers = [Writer(StandingClock(till.now)) for _ in range(2)]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    futures: list[Future[Any]] = []
    made = commands(till)
    for seed, writer in enumerate(writers):
        mine = list(made)
        random.Random(seed).shuffle(mine)
        futures += [writer.submit(command) for command in mine]
    for thread in threads:
        thread.start()
    answers = [future.result(LIMIT_S) for future in futures]
    for writer, thread in zip(writers, threads, strict=True):
        writer.stop()
        thread.join(LIMIT_S)
    connections.close_all()

    assert len(answers) == 2 * len(made)
    assert Payment.objects.count() == SALES
    assert Refund.objects.count() == SALES
    states = set(Payment.objects.values_list("state", flat=True))
    assert states <= {"succeeded", "cancelled", "reversed"}
    said = {getattr(getattr(a, "answer", None), "outcome", None) for a in answers}
    assert Outcome.APPROVED in said
    report = run_audit(NOW)
    assert [found for found in report.findings if found.rule in JUDGES] == []
