"""What pages say of the registration of counters with the acquirer."""

from server.fleet.models import Registration, Terminal
from server.settlement.models import PayoutAccount


def present_registration(terminal: Terminal) -> Registration | None:
    """Return what a counter is registered as now."""
    return Registration.objects.filter(
        organisation_id=terminal.organisation_id, terminal=terminal, ended_at__isnull=True
    ).first()


def settlement_account(terminal: Terminal) -> str:
    """Return the account that the counter's merchant is paid to; empty when none is entered."""
    account = PayoutAccount.objects.filter(
        organisation=terminal.organisation_id, payee_kind="merchant", payee=terminal.merchant_id
    ).first()
    return "" if account is None else account.number


def elements_of(registration: Registration | None) -> dict[str, str]:
    """Return the elements as the log of changes keeps them: of an account its end alone."""
    if registration is None:
        return {}
    return {
        "serial": registration.serial, "acquirer": registration.acquirer,
        "merchant": str(registration.merchant_id), "account": f"…{registration.account[-4:]}",
        "location": registration.location,
    }  # fmt: skip
