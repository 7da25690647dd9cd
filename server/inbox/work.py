"""The inbox's due work: waiting records, lasting gaps, and what people decided in the console."""

from datetime import datetime

from domain.errors import Refused
from server.inbox.decide_parked import post_as_new, retry_parked, write_off
from server.inbox.follow_journal import GAP
from server.inbox.recorded import DECIDE, RETRY
from server.inbox.retry_waiting import look_at_gap, retry_waiting
from server.inbox.settle_records import open_record_of
from server.runtime import Runtime
from server.work import handlers
from server.work.handlers import Claimed, Handler


def register_work(runtime: Runtime) -> None:
    """Let the worker do the inbox's work."""
    handlers.register(RETRY, retry_waiting(runtime))
    handlers.register(GAP, look_at_gap(runtime))
    handlers.register(DECIDE, _decide(runtime))


def _decide(runtime: Runtime) -> Handler:
    def handle(due: Claimed, now: datetime) -> datetime | None:
        record = open_record_of(due.organisation_id, due.subject_id)
        if record is None:
            return None
        decision, by = str(due.data["decision"]), str(due.data["by"])
        try:
            if decision == "retry":
                retry_parked(runtime, record, by, now)
            elif decision == "post_as_new":
                post_as_new(runtime, record, by, now)
            else:
                write_off(record, by, now)
        except Refused:
            # Somebody else decided meanwhile: their decision stands
            return None
        return None

    return handle
