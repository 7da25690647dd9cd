"""The due work of this app, and what it carries out once approved; registered by the wiring."""

from typing import Final

from server.channels.open_channels import Channels
from server.reconciliation.adjust import register_adjustments
from server.reconciliation.day_work import register_days
from server.reconciliation.fetch_bill import Fetcher, register_fetching
from server.runtime import Runtime

COMMIT_LIMIT_S: Final = 30.0
"""A command that is not answered by then counts as a failed attempt of the due row."""


def register_work(runtime: Runtime, channels: Channels) -> None:
    """Let this process fetch bills and carry out adjustments."""

    def submit(command: object) -> object:
        return runtime.writer.submit(command, push=True).result(COMMIT_LIMIT_S)

    register_fetching(channels, submit, runtime.secrets)
    register_days(Fetcher(channels, submit, runtime.secrets))
    register_adjustments()
