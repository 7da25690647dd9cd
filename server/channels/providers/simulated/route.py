"""Which payer's codes the simulated provider takes: all that a payment code can be."""

from domain.payment_codes import cleaned


def route_all(auth_code: str) -> str | None:
    """Return this provider's name for any code of digits; None for anything else."""
    text = cleaned(auth_code)
    return "simulated" if text.isdigit() and 10 <= len(text) <= 32 else None
