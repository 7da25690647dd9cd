"""The only code that writes an account (signature; body follows)."""

from collections.abc import Sequence
from typing import Any

from server.ledger.commands import Command


def apply(connection: Any, commands: Sequence[Command]) -> list[Any]:
    """Apply `commands` inside the open transaction of `connection`; return their answers."""
    raise NotImplementedError
