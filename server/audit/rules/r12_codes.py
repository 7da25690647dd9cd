"""Rule 12: a wallet code backs at most one payment that debited its payer, and every payment is
booked to a binding that its terminal held.
"""

from collections.abc import Iterator
from typing import Any

from domain.errors import Refused
from domain.wallet_code import parse_code
from server import sql
from server.audit.findings import Finding
from server.audit.query import findings, rows

RULE = "r12_codes"

DEBITED = """
SELECT id, organisation, evidence FROM payments_payment
WHERE credential = 'wallet_code' AND merchant_side = 'payable'
  AND state IN ('submitted', 'succeeded', 'reversed')
"""
USES = "SELECT organisation, certificate, nonce, payment FROM payments_codeuse"
STRANGE_BINDING = """
SELECT p.id, p.binding_version, p.terminal FROM payments_payment p
WHERE p.state <> 'parked' AND NOT EXISTS (
    SELECT 1 FROM fleet_binding b WHERE b.organisation_id = p.organisation
      AND b.terminal_id = p.terminal AND b.version = p.binding_version
      AND b.merchant_id = p.merchant AND b.store_id = p.store)
"""


def check(connection: Any) -> Iterator[Finding]:
    """Check codes against their uses, and payments against the fleet's past."""
    uses = {
        (sql.to_uuid(organisation), certificate, nonce): sql.to_uuid(payment)
        for organisation, certificate, nonce, payment in rows(connection, USES)
    }
    for id, organisation, evidence in rows(connection, DEBITED):
        payment = sql.to_uuid(id)
        try:
            code = parse_code(sql.from_json(evidence)["wallet_code"])
        except (Refused, KeyError):
            yield Finding(RULE, "debited by a wallet code that cannot be read", str(payment))
            continue
        place = (
            sql.to_uuid(organisation), code.signed_certificate.certificate_id, code.nonce.hex()
        )  # fmt: skip
        if uses.get(place) != payment:
            text = f"debited by a code that is used by {uses.get(place)}"
            yield Finding(RULE, text, str(payment))
    strange = "booked to binding {}, which terminal {} never held"
    yield from findings(connection, RULE, STRANGE_BINDING, strange)
