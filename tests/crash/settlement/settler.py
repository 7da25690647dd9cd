"""A process that settles what is due and kills itself before its nth statement.

python -m tests.crash.settlement.settler DATABASE ORGANISATION NOW N
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

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


def main(database: str, organisation: str, now: str, left: str) -> None:
    """Settle until done or dead."""
    boot(database)
    from datetime import datetime
    from uuid import UUID

    from django.db import connection

    from server.settlement.settle_due import settle_due

    with connection.execute_wrapper(Fuse(int(left))):
        settle_due(UUID(organisation), datetime.fromisoformat(now), os.urandom)


if __name__ == "__main__":
    main(*sys.argv[1:])
