"""How pages write purses and what moved in them."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from domain.money import format_amount
from server.wallets.read_statement import Purse, StatementLine

register = template.Library()

PURSES = {"cash": _("cash"), "debt": _("debt"), "subsidy": _("subsidy"), "meal": _("meals")}
MOVEMENTS: dict[str, Any] = {
    "top_up": _("top-up"), "share": _("subsidy given"), "payment": _("payment"),
    "refund": _("refund"), "pay_out": _("paid out on leaving"), "expiry": _("subsidy expired"),
    "clear_out": _("cleared"),
}  # fmt: skip


@register.filter
def purse_text(purse: Purse) -> str:
    """Return what a purse is called: a subsidy by its name."""
    return purse.name or str(PURSES.get(purse.kind, purse.kind))


@register.filter
def purse_amount(purse: Purse, amount: int) -> str:
    """Return an amount of this purse: money, or a count of meals."""
    return format_amount(amount) if purse.unit != "MEAL" else str(amount)


@register.filter
def movement_text(line: StatementLine) -> str:
    """Return what moved."""
    return str(MOVEMENTS.get(line.cause_kind, line.cause_kind))
