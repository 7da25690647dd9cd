"""Cash taken at a counter for a wallet: what crosses before and after the server books it.

Rules
- Only with the server: a balance that nobody else can see must not be made offline.
- The id is made and stored by the counter before the first byte is sent, and the same id is sent
  again until there is a word: the server books it once, and answers a repeat with what it said.
- A refusal is stored under the id as a booking is, so that a late repeat cannot turn a no, after
  which the cash was handed back, into a yes.
"""

import hashlib
from enum import StrEnum
from uuid import UUID

from sync.messages.sale import Balance, CredentialKind, Stamp
from sync.messages.wire import WIRE_VERSION, Message


class TopUpRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/top-ups`, signed. `payer` is "person:<uuid>", "card:<key>" or "number:<number>".

    `amount` in fen lies in the drawer of `shift_id`; `confirmed_by` says who saw the sum and
    agreed: "diner" on their own side, or "cashier" where there is none.
    """

    version: int = WIRE_VERSION
    top_up_id: UUID
    organisation_id: UUID
    merchant_id: UUID
    store_id: UUID
    terminal_id: UUID
    currency: str = "CNY"
    payer: str
    amount: int
    credential: CredentialKind
    operator_id: UUID
    shift_id: UUID
    stamp: Stamp
    binding_version: int
    confirmed_by: str = "diner"


class TopUpOutcome(StrEnum):
    """The server's word on a top-up id; both are final."""

    BOOKED = "booked"
    REFUSED = "refused"


class TopUpAnswer(Message, frozen=True, kw_only=True):
    """What became of a top-up. `repaid_amount` of `amount` went to debt, the rest to cash.

    REFUSED carries a dotted `code`, and the cash goes back to whoever gave it. Another sum or
    payer under a known id is refused as `top_ups.key_reused`.
    """

    top_up_id: UUID
    outcome: TopUpOutcome
    code: str = ""
    amount: int = 0
    repaid_amount: int = 0
    person_id: UUID | None = None
    masked_name: str = ""
    balances: tuple[Balance, ...] = ()


def top_up_fingerprint(request: TopUpRequest) -> bytes:
    """SHA-256 over what must be the same in a repeat: all but the stamp and who confirmed."""
    fixed = (
        request.version,
        request.top_up_id.hex,
        request.organisation_id.hex,
        request.merchant_id.hex,
        request.store_id.hex,
        request.terminal_id.hex,
        request.currency,
        request.payer,
        request.amount,
        request.shift_id.hex,
    )
    return hashlib.sha256(b"fanpiao/1 top-up\n" + "\n".join(map(str, fixed)).encode()).digest()
