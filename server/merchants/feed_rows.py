"""What the feed says of operators, to the counters of their merchant."""

from collections.abc import Sequence

from server.http import TerminalIdentity
from server.merchants.models import MerchantOperator
from sync.messages import OperatorRow, encode


def render_operators(terminal: TerminalIdentity, entities: Sequence[str]) -> dict[str, bytes]:
    """Return the merchant's operators; one who left stays, marked inactive."""
    rows = MerchantOperator.objects.filter(
        organisation_id=terminal.organisation_id,
        merchant_id=terminal.merchant_id,
        id__in=entities,
    )
    return {str(row.id): encode(_row(row)) for row in rows}


def _row(operator: MerchantOperator) -> OperatorRow:
    return OperatorRow(
        operator_id=operator.id,
        name=operator.name,
        role=operator.role,
        pin_hash=operator.pin_hash,
        must_change=operator.must_change,
        card_key=operator.card_key,
        active=operator.is_active,
    )
