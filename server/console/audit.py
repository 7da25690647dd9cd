"""The log of who changed what: one entry per change, before and after, never a secret.

    with changing(request, "terminals.revoked", terminal, reason="stolen"):
        revoke_terminal(terminal, now=now())

A change and its entry are one transaction, which `changing` and every page's POST are; an entry
outside of one is a defect.

Values of binary fields and of fields whose name speaks of a secret, or of somebody's health, are
never copied: the log says only that they changed. Entries cannot be
changed or deleted, by triggers of the database.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import BinaryField, Model
from django.http import HttpRequest

from domain.errors import Defect
from server.console.models import AuditEntry
from server.console.roles import reach_of
from server.fresh import fresh_id
from server.organisations.pages import now, random

SECRET_WORDS = (
    "hash", "pin", "password", "secret", "key", "vector", "sealed", "ciphertext", "seed", "token",
    "template", "signature", "nonce", "digits",
)  # fmt: skip
PRIVATE_WORDS = ("allerg", "health", "diet")
"""What tells of somebody's health: kept where it is needed to keep them safe, and nowhere else."""
HIDDEN = "•••"
MAX_TEXT = 500
"""Longer values are cut: the log says what changed, it is no copy of the table."""
_DONE = "_console_audited"

Values = dict[str, Any]


def snapshot(row: Model) -> Values:
    """Return the row's values as the log may hold them."""
    return {
        field.name: _shown(field, getattr(row, field.attname))
        for field in row._meta.concrete_fields
    }


def changes(before: Values, after: Values) -> tuple[Values, Values]:
    """Return only what differs, before and after."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        {name: _written(before[name]) for name in names if name in before},
        {name: _written(after[name]) for name in names if name in after},
    )


def write_entry(
    request: HttpRequest,
    action: str,
    row: Model | None = None,
    *,
    before: Values | None = None,
    after: Values | None = None,
    reason: str = "",
    actor: str = "",
    data: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Append one entry about `row`; `data` is what is worth keeping besides before and after.

    Inside the transaction of what it speaks of: a change without its entry, or an entry without
    its change, must not be possible.
    """
    if not connection.in_atomic_block:
        raise Defect(f"{action}: a change and its entry commit together")
    changed_before, changed_after = changes(before or {}, after or {})
    at = now()
    setattr(request, _DONE, True)
    return AuditEntry.objects.create(
        id=fresh_id(at, random),
        organisation=_organisation_of(row),
        at=at,
        actor=(actor or request.user.get_username())[:150],
        roles=", ".join(sorted(reach_of(request.user).roles)) if not actor else "",
        address=address_of(request),
        action=action[:64],
        subject_kind=row._meta.label if row else "",
        subject_id=str(row.pk)[:64] if row else "",
        subject_name=str(row)[:200] if row else "",
        before=changed_before,
        after={**changed_after, **(data or {})},
        reason=reason[:300],
    )


@contextmanager
def changing(
    request: HttpRequest, action: str, row: Model, *, reason: str = "", **data: Any
) -> Iterator[None]:
    """Write an entry about what happens to `row` inside; nothing is written when it is refused."""
    before = snapshot(row)
    with transaction.atomic():
        yield
        held = type(row)._default_manager.filter(pk=row.pk).first()
        after = snapshot(held) if held else {}
        write_entry(request, action, row, before=before, after=after, reason=reason, data=data)


def was_audited(request: HttpRequest) -> bool:
    """Whether this request has written an entry."""
    return bool(getattr(request, _DONE, False))


def address_of(request: HttpRequest) -> str:
    """Return the address the request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))[:64]


def _shown(field: Any, value: Any) -> Any:
    is_secret = any(word in field.name for word in (*SECRET_WORDS, *PRIVATE_WORDS))
    if isinstance(field, BinaryField) or is_secret and not isinstance(value, bool):
        return _Hidden(value)
    return value


class _Hidden:
    """A value that can be compared and not read."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = bytes(value) if isinstance(value, memoryview) else value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hidden) and self._value == other._value

    def __hash__(self) -> int:
        return hash(HIDDEN)


def _written(value: Any) -> Any:
    if isinstance(value, _Hidden):
        return HIDDEN
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:MAX_TEXT]


def _organisation_of(row: Model | None) -> UUID | None:
    if row is None:
        return None
    if row._meta.label == "organisations.Organisation":
        return UUID(str(row.pk))
    found = getattr(row, "organisation_id", None) or getattr(row, "organisation", None)
    return UUID(str(found)) if found else None
