"""How pages write money, durations, actions and differences."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from domain.money import format_amount
from server.console.actions import ACTIONS
from server.console.models import AuditEntry
from server.organisations.pages import now

register = template.Library()


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
