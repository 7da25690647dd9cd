"""How pages write money, durations, actions and differences."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain.messages import is_known, text
from domain.money import format_amount
from server.console.actions import ACTIONS
from server.console.models import AuditEntry
from server.console.words import (
    BILL_STATES,
    CREDENTIALS,
    DEVICES,
    DIFFERENCE_KINDS,
    DIFFERENCE_STATES,
    EVENT_MARKS,
    EVENTS,
    FACTS,
    OPERATIONS,
    RECORDS,
    STATES,
    SUBJECTS,
    VERDICT_MARKS,
    why_text,
)
from server.organisations.pages import language, now

register = template.Library()
register.filter(why_text)


@register.filter
def yuan(amount: int | None) -> str:
    """Return an amount in fen as "¥12.00"; a dash for none."""
    return "–" if amount is None else format_amount(amount)


@register.filter
def ago(at: datetime | None) -> str:
    """Return how long ago `at` was, in the largest fitting unit."""
    if at is None:
        return str(_("never"))
    seconds = max(0, int((now() - at).total_seconds()))
    if seconds < 90:
        return ngettext("%(n)d second ago", "%(n)d seconds ago", seconds) % {"n": seconds}
    minutes = seconds // 60
    if minutes < 90:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}
    return ngettext("%(n)d day ago", "%(n)d days ago", hours // 24) % {"n": hours // 24}


@register.filter
def action_text(action: str) -> str:
    """Return what an action of the log means."""
    known = ACTIONS.get(action)
    return str(known) if known else action


@register.filter
def difference(entry: AuditEntry) -> list[tuple[str, Any, Any]]:
    """Return (name, before, after) of what an entry says changed."""
    names = sorted({**entry.before, **entry.after})
    return [(name, entry.before.get(name), entry.after.get(name, "–")) for name in names]


@register.filter
def said_as(code: str, name: str = "") -> str:
    """Return the sentence of a dotted code about `name`; the code itself when it has none."""
    return text(code, {"name": name} if name else {}, language()) if is_known(code) else code


@register.filter
def case_text(kind: str) -> str:
    """Return what a kind of case means."""
    return said_as(f"cases.{kind}")


@register.filter
def state_text(state: str) -> Any:
    """Return the word for a state."""
    return STATES.get(state, state)


@register.filter
def record_text(kind: str) -> Any:
    """Return the word for a kind of record."""
    return RECORDS.get(kind, kind)


@register.filter
def device_text(word: str) -> Any:
    """Return the word for a kind or state of a device."""
    return DEVICES.get(word, word)


@register.filter
def local_name(row: Any) -> str:
    """Return what a row with names in two languages is called in the reader's."""
    return str(row.name_zh if language() == "zh" else row.name_en) or str(row)


@register.filter
def fact_text(name: str) -> Any:
    """Return the word for something that a case remembers."""
    return FACTS.get(name, name)


@register.filter
def fact_value(value: Any, name: str) -> str:
    """Return what a case remembers: sums as money, codes as sentences."""
    if isinstance(value, int) and (name == "cap" or name.endswith("amount")):
        return format_amount(value)
    return said_as(str(value)) if name == "code" else str(value)


@register.filter
def subject_text(kind: str) -> Any:
    """Return the word for what a case is about."""
    return SUBJECTS.get(kind, kind)


@register.filter
def credential_text(credential: str, tender: str = "") -> Any:
    """Return the word for what was shown; cash is its own."""
    return CREDENTIALS["cash"] if tender == "cash" else CREDENTIALS.get(credential, credential)


@register.filter
def named(id: Any, names: Any) -> str:
    """Return the name of an id, or its first digits."""
    return str(names.get(id) or str(id)[:8])


@register.filter
def operation_text(operation: str) -> Any:
    """Return the word for what a channel was asked."""
    return OPERATIONS.get(operation, operation)


@register.filter
def verdict_mark(verdict: str) -> str:
    """Return the class of a notice's badge."""
    return VERDICT_MARKS.get(verdict, "bad")


@register.filter
def event_text(kind: str) -> Any:
    """Return the word for an event that a merchant is told."""
    return EVENTS.get(kind, kind)


@register.filter
def event_mark(state: str) -> str:
    """Return the class of an event's badge."""
    return EVENT_MARKS.get(state, "")


@register.filter
def bill_state_text(state: str) -> Any:
    """Return the word for how a channel's day stands."""
    return BILL_STATES.get(state, state)


@register.filter
def difference_text(kind: str) -> Any:
    """Return the word for a kind of difference."""
    return DIFFERENCE_KINDS.get(kind, kind)


@register.filter
def difference_state_text(state: str) -> Any:
    """Return the word for the state of a difference, or for how it was resolved."""
    return DIFFERENCE_STATES.get(state, state)
