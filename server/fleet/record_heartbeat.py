"""Keep what a terminal says of itself, and tell it where it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.fleet.activate_terminal import present_epoch
from server.fleet.data_keys import renew_lease
from server.fleet.models import Terminal, TerminalState
from server.http import TerminalIdentity
from sync.messages import Heartbeat, HeartbeatAnswer

MAX_DEVICES = 64
"""A counter has a handful of devices; more is a mistake and is cut, not stored."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last record in an unbroken row that the server has of a journal."""

    journal_id: UUID
    sequence: int
    hash: bytes


ReadHead = Callable[[UUID, UUID, UUID], Head | None]
"""(organisation, terminal, journal) → the server's head of it: the inbox answers."""


def record_heartbeat(
    identity: TerminalIdentity, beat: Heartbeat, *, now: datetime, read_head: ReadHead
) -> HeartbeatAnswer:
    """Store the report and answer with the terminal's state and the server's head.

    What a revoked terminal says is not stored: its last word before stays the line between what
    is booked and what is disputed (MONEY §2).
    """
    terminal = Terminal.objects.get(
        id=identity.terminal_id, organisation_id=identity.organisation_id
    )
    if terminal.state != TerminalState.ACTIVE:
        return HeartbeatAnswer(
            state=terminal.state, epoch=present_epoch(), server_at=now, code="terminals.revoked"
        )
    _store(terminal, beat, now)
    head = read_head(identity.organisation_id, identity.terminal_id, beat.journal_id)
    return HeartbeatAnswer(
        state=terminal.state,
        epoch=present_epoch(),
        server_at=now,
        head_journal_id=head.journal_id if head else None,
        head_sequence=head.sequence if head else 0,
        head_hash=head.hash if head else b"",
        lease_until=renew_lease(terminal, now=now),
        binding_version=terminal.binding_version,
    )


def _store(terminal: Terminal, beat: Heartbeat, now: datetime) -> None:
    if terminal.journal == beat.journal_id and beat.head_sequence < terminal.head_sequence:
        # A journal only grows: this is an older report, sent again or overtaken on the way
        Terminal.objects.filter(id=terminal.id, organisation_id=terminal.organisation_id).update(
            last_seen_at=now
        )
        return
    offset = (beat.stamp.corrected_at - now) // timedelta(milliseconds=1)
    devices = [msgspec.to_builtins(device) for device in beat.devices[:MAX_DEVICES]]
    # An update by state, so that a revocation meanwhile keeps the last word it was given
    Terminal.objects.filter(
        id=terminal.id, organisation_id=terminal.organisation_id, state=TerminalState.ACTIVE
    ).update(
        last_seen_at=now,
        journal=beat.journal_id,
        head_sequence=beat.head_sequence,
        head_hash=beat.head_hash[:64],
        acknowledged_sequence=beat.acknowledged_sequence,
        waiting_count=beat.waiting_count,
        waiting_amount=beat.waiting_amount,
        epoch=beat.epoch[:64],
        cursor=beat.cursor,
        shift=beat.shift_id,
        software=beat.software[:64],
        clock_offset_ms=offset,
        devices=devices,
    )
