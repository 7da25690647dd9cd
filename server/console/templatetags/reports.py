"""How cells of a report are written."""

from django import template

from domain.money import plain_amount

register = template.Library()


@register.filter
def plain_yuan(amount: int) -> str:
    """Return an amount in fen as yuan with two decimals; the column says it is money."""
    whole, point, rest = plain_amount(amount).partition(".")
    return f"{int(whole):,}{point}{rest}" if abs(amount) >= 100 else f"{whole}{point}{rest}"


@register.filter
def percent(rate: float) -> str:
    """Return a share of one as "99.5%"."""
    return f"{rate:.1%}"
