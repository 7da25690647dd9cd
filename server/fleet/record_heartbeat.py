"""Keep what a terminal says of itself, and tell it where it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server.fleet.activate_terminal import present_epoch
from server.fleet.data_keys import renew_lease
from server.fleet.models import KeyState, Terminal, TerminalState
from server.http import TerminalIdentity
from server.merchants.models import NOT_SELLING
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
    identity: TerminalIdentity,
    beat: Heartbeat,
    *,
    now: datetime,
    read_head: ReadHead,
    shows_codes: bool = False,
) -> HeartbeatAnswer:
    """Store the report and answer with the terminal's state and the server's head.

    What a revoked terminal or a replaced device says is not stored: the last word before stays
    the line between what is booked and what is disputed (MONEY §2).
    """
    terminal = Terminal.objects.select_related("merchant").get(
        id=identity.terminal_id, organisation_id=identity.organisation_id
    )
    is_active = terminal.state == TerminalState.ACTIVE and identity.state == KeyState.ACTIVE
    if is_active:
        _store(terminal, beat, now)
    head = read_head(identity.organisation_id, identity.terminal_id, beat.journal_id)
    state = _standing(terminal, identity)
    return HeartbeatAnswer(
        state=state,
        epoch=present_epoch(),
        server_at=now,
        head_journal_id=head.journal_id if head else None,
        head_sequence=head.sequence if head else 0,
        head_hash=head.hash if head else b"",
        lease_until=renew_lease(terminal, now=now) if is_active else None,
        code=NOT_SELLING.get(terminal.merchant.state, "") if is_active else f"terminals.{state}",
        binding_version=terminal.binding_version if is_active else 0,
        shows_codes=is_active and shows_codes,
    )


def _standing(terminal: Terminal, identity: TerminalIdentity) -> str:
    """Return what the device is: revoked by terminal or key, retired by either, else active."""
    states = (terminal.state, identity.state)
    worst = (TerminalState.REVOKED.value, TerminalState.RETIRED.value)
    return next((state for state in worst if state in states), TerminalState.ACTIVE.value)


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
