"""The due work of this app, registered by the wiring."""

from datetime import datetime
from typing import Final

from server.channels.open_channels import Channels
from server.payments.complete_order import complete_order
from server.payments.expire_order import expire_order
from server.payments.follow_mandate import follow
from server.payments.refund_moves import CHANNEL_KIND, WAIT_KIND
from server.payments.resolve_payment import Resolver, Submit
from server.payments.sale import COMPLETE_KIND
from server.payments.schedule import EXPIRE_KIND, MANDATE_KIND, RESOLVE_KIND
from server.runtime import Runtime
from server.work.handlers import Claimed, register

COMMIT_LIMIT_S: Final = 30.0
"""A command that is not answered by then counts as a failed attempt of the due row."""


def register_work(runtime: Runtime, channels: Channels) -> None:
    """Let this process do the due work of payments."""

    def submit(command: object) -> object:
        return runtime.writer.submit(command, push=True).result(COMMIT_LIMIT_S)

    register_handlers(Resolver(channels, submit, runtime.secrets), submit)


def register_handlers(resolver: Resolver, submit: Submit) -> None:
    """Register the handlers over any way of submitting commands."""

    def complete(due: Claimed, now: datetime) -> datetime | None:
        return complete_order(submit, due, now)

    def expire(due: Claimed, now: datetime) -> datetime | None:
        return expire_order(submit, due, now)

    def mandate(due: Claimed, now: datetime) -> datetime | None:
        return follow(resolver.channels, due, now)

    register(EXPIRE_KIND, expire)
    register(MANDATE_KIND, mandate)
    register(RESOLVE_KIND, resolver.resolve)
    register(CHANNEL_KIND, resolver.refund)
    register(WAIT_KIND, resolver.refund_wait)
    register(COMPLETE_KIND, complete)
