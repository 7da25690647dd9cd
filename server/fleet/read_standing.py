"""What the inbox must know of a terminal to judge its records: keys, bindings, last word.

Three queries for any number of terminals. Old records verify for ever: every key is here, whatever
became of it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from server.fleet.models import Binding, Terminal, TerminalKey


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """A key of a terminal. `state` is active, retired or revoked."""

    key_id: str
    public_key: bytes
    state: str
    active_from: datetime
    retired_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class BindingStanding:
    """A binding this terminal holds or held; `to_at` None: it holds it now."""

    version: int
    merchant_id: UUID
    store_id: UUID
    site_id: UUID
    from_at: datetime
    to_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A terminal with its whole past. The head is what its last heartbeat reported."""

    terminal_id: UUID
    state: str
    revoked_at: datetime | None
    reported_journal_id: UUID | None
    reported_sequence: int
    last_seen_at: datetime | None
    keys: dict[str, KeyStanding] = field(default_factory=dict)
    bindings: dict[int, BindingStanding] = field(default_factory=dict)


def read_standing(organisation_id: UUID, terminal_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """Return the standing of each of `terminal_ids` that is this organisation's."""
    terminals = Terminal.objects.filter(organisation_id=organisation_id, id__in=terminal_ids)
    found = {terminal.id: _standing(terminal) for terminal in terminals}
    keys = TerminalKey.objects.filter(organisation_id=organisation_id, terminal_id__in=found)
    for key in keys:
        found[key.terminal_id].keys[key.key_id] = _key(key)
    bindings = Binding.objects.filter(
        organisation_id=organisation_id, terminal_id__in=found
    ).select_related("store")
    for binding in bindings:
        found[binding.terminal_id].bindings[binding.version] = _binding(binding)
    return found


def _standing(terminal: Terminal) -> Standing:
    return Standing(
        terminal_id=terminal.id,
        state=terminal.state,
        revoked_at=terminal.revoked_at,
        reported_journal_id=terminal.journal,
        reported_sequence=terminal.head_sequence,
        last_seen_at=terminal.last_seen_at,
    )


def _key(key: TerminalKey) -> KeyStanding:
    return KeyStanding(
        key_id=key.key_id,
        public_key=bytes(key.public_key),
        state=key.state,
        active_from=key.active_from,
        retired_at=key.retired_at,
        revoked_at=key.revoked_at,
    )


def _binding(binding: Binding) -> BindingStanding:
    return BindingStanding(
        version=binding.version,
        merchant_id=binding.merchant_id,
        store_id=binding.store_id,
        site_id=binding.store.site_id,
        from_at=binding.from_at,
        to_at=binding.to_at,
    )
