"""The server's word on a payment: its present state, and a seal on every approval.

The seal (HMAC-SHA256 over id and fingerprint) lets a server restored from a backup recognise,
on an acceptance that a counter pushes again, that it had approved this very payment itself.
"""

import hmac
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.conf import settings

from domain.payment_states import AttemptState, PaymentState
from server.payments.order_tokens import PAGE, order_token
from server.payments.rows import AttemptRow, PaymentRow
from server.runtime import Secrets
from sync.messages import Balance, CredentialKind, Outcome, PaymentAnswer

POLL_DELAY_MS: Final = 1_000
"""How soon a counter asks again about a payment that awaits its payer."""

PAYEE_CODE: Final = CredentialKind.PAYEE_CODE.value
"""The credential of a payment whose payer scans what the counter shows."""
PAY_PATH: Final = "pay_path"
"""Where an answer holds the page that the payer opens, without its host."""

OUTCOMES: Final = {
    PaymentState.SUCCEEDED: Outcome.APPROVED,
    PaymentState.DECLINED: Outcome.DECLINED,
    PaymentState.SUBMITTED: Outcome.AWAITING,
    PaymentState.CANCELLED: Outcome.CANCELLED,
    PaymentState.REVERSING: Outcome.REVERSING,
    PaymentState.REVERSED: Outcome.REVERSED,
    PaymentState.PARKED: Outcome.UNDER_REVIEW,
}
CODES: Final = {
    PaymentState.SUBMITTED: "payments.awaiting",
    PaymentState.CANCELLED: "payments.cancelled",
    PaymentState.REVERSING: "payments.cancelled",
    PaymentState.REVERSED: "payments.cancelled",
    PaymentState.PARKED: "payments.under_review",
}


def default_secrets() -> Secrets:
    """The secrets of this process's database."""
    secrets = settings.SECRETS
    assert isinstance(secrets, Secrets)
    return secrets


def approval_mac(
    secrets: Secrets, organisation_id: UUID, payment_id: UUID, fingerprint: bytes
) -> bytes:
    """Seal an approval; 32 bytes."""
    # A copy of a seal with the key in it: `hmac.digest` lets go of the interpreter every time
    seal = _keyed(secrets, organisation_id).copy()
    seal.update(b"fanpiao/1 approved\n" + payment_id.bytes + fingerprint)
    return seal.digest()


@lru_cache(maxsize=1_024)
def _keyed(secrets: Secrets, organisation_id: UUID) -> hmac.HMAC:
    return hmac.new(secrets.mac_key(organisation_id), digestmod="sha256")


def is_own_approval(
    secrets: Secrets, organisation_id: UUID, payment_id: UUID, fingerprint: bytes, mac: bytes
) -> bool:
    """Whether `mac` is our own seal of this payment's approval."""
    made = approval_mac(secrets, organisation_id, payment_id, fingerprint)
    return hmac.compare_digest(made, mac)


def present(
    row: PaymentRow,
    secrets: Secrets,
    *,
    attempt: AttemptRow | None = None,
    balances: tuple[Balance, ...] = (),
) -> PaymentAnswer:
    """Answer with the present state of a payment: never with what it once was."""
    said = OUTCOMES[row.state]
    code = CODES.get(row.state, row.code)
    if attempt is not None and said is Outcome.AWAITING and attempt.state is AttemptState.UNKNOWN:
        said, code = Outcome.UNKNOWN, "payments.unknown"
    is_approved = said is Outcome.APPROVED
    is_for_payer = row.credential == PAYEE_CODE and said is Outcome.AWAITING
    return PaymentAnswer(
        payment_id=row.id,
        outcome=said,
        code=code,
        data={PAY_PATH: PAGE + order_token(secrets, row.id)} if is_for_payer else {},
        total=row.total_amount,
        refunded_amount=row.refunded_amount,
        person_id=row.person,
        masked_name=row.masked_name,
        balances=balances,
        retry_after_ms=POLL_DELAY_MS if said in (Outcome.AWAITING, Outcome.UNKNOWN) else 0,
        mac=approval_mac(secrets, row.organisation, row.id, row.fingerprint)
        if is_approved
        else b"",
    )
