"""Who does each kind of due work: see `server.config.wiring`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Claimed:
    """A due row as a handler sees it; `attempts` counts this one, `held_until` is its lease."""

    id: UUID
    organisation_id: UUID
    kind: str
    subject_id: UUID
    due_at: datetime
    data: Mapping[str, Any]
    attempts: int
    gate: str = ""
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Whoever is behind the gate said nothing: the gate's other rows need not ask just now."""

    again_at: datetime | None


Handler = Callable[[Claimed, datetime], datetime | None | Unanswered]
"""`handler(due, now)` → when to come again, or None when it is done.

It runs with no transaction open (it may call a network) and may run twice for one row. An
exception counts as an attempt and comes back later."""

_handlers: dict[str, Handler] = {}


def register(kind: str, handler: Handler) -> None:
    """Let `handler` do `kind`; registering again replaces it (a restarted server's wiring)."""
    _handlers[kind] = handler


def handler_of(kind: str) -> Handler:
    """Return the handler of `kind`; raises KeyError when no app does it."""
    return _handlers[kind]


def registered_kinds() -> tuple[str, ...]:
    """The kinds of work that this process can do."""
    return tuple(sorted(_handlers))
