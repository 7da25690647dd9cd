"""Words of settlement: states of batches and payouts, kinds of items, what to do about each."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()
BATCHES: dict[str, Any] = {
    "carried": _("carried forward"), "paying": _("on its way"), "paid": _("paid out"),
    "returned": _("came back"),
}  # fmt: skip
PAYOUTS: dict[str, Any] = {
    "created": _("not sent yet"), "submitted": _("sent to the bank"),
    "unknown": _("bank's answer unclear"), "succeeded": _("paid out"), "failed": _("failed"),
    "returned": _("came back"),
}  # fmt: skip
MARKS = {
    "paid": "good", "succeeded": "good", "failed": "bad", "returned": "bad", "unknown": "warn",
    "paying": "warn", "submitted": "warn",
}  # fmt: skip
PAYEES: dict[str, Any] = {
    "merchant": _("merchant"), "agent": _("agent"), "receiver": _("receiver of a split"),
}  # fmt: skip
BANK_CODES: dict[str, Any] = {
    "account_closed": _("the account is closed"), "account_unknown": _("no such account"),
    "name_differs": _("the holder has another name"),
    "account_blocked": _("the account is blocked"), "over_limit": _("over the bank's limit"),
    "bad_file": _("the bank cannot read the file"), "payout_taken": _("paid once already"),
    "not_allowed": _("the bank does not allow it"),
}  # fmt: skip
ITEMS: dict[str, Any] = {
    "payment": _("sale"), "refund": _("refund"), "adjustment": _("adjustment"),
    "approval": _("write-off"), "clearing_line": _("clearing line"), "payout": _("payout"),
}  # fmt: skip
LYING: dict[str, Any] = {
    "debt": _("debt of people"), "disputed": _("disputed sales"), "suspense": _("suspense"),
}  # fmt: skip
TODO: dict[str, Any] = {
    "created": _("It goes to the bank with the next run."),
    "submitted": _("Wait: the bank says what became of it."),
    "unknown": _("Wait: the bank is asked again; nothing is paid twice."),
    "failed": _("Correct the bank account under Payouts; the next settlement pays it."),
    "returned": _("Ask the payee for the right account; it is paid with the next settlement."),
}  # fmt: skip


@register.filter
def batch_text(state: str) -> Any:
    """Return the word for a batch's state."""
    return BATCHES.get(state, state)


@register.filter
def payout_text(state: str) -> Any:
    """Return the word for a payout's state."""
    return PAYOUTS.get(state, state)


@register.filter
def settled_mark(state: str) -> str:
    """Return the class of the badge of a batch or payout."""
    return MARKS.get(state, "")


@register.filter
def payee_text(kind: str) -> Any:
    """Return the word for a kind of payee."""
    return PAYEES.get(kind, kind)


@register.filter
def bank_code_text(code: str) -> Any:
    """Return what a bank's code means."""
    return BANK_CODES.get(code, code)


@register.filter
def item_text(kind: str) -> Any:
    """Return the word for what moved a payable."""
    return ITEMS.get(kind, kind)


@register.filter
def lying_text(kind: str) -> Any:
    """Return the word for what lies there."""
    return LYING.get(kind, kind)


@register.filter
def payout_todo(state: str) -> Any:
    """Return the one thing to do about a payout."""
    return TODO.get(state, "")
