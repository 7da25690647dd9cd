"""A sale of this store that an operator looks up by the number off its receipt.

`GET /v1/sales/<number>`, signed; the number is `domain.sale_numbers`' 14 digits, or the 32 hex
digits of the receipt's code. Whose sale it was is told by the masked name only.
"""

from datetime import datetime
from uuid import UUID

from domain.authorization import Tender
from sync.messages.wire import Message


class FoundRefund(Message, frozen=True, kw_only=True):
    """A refund of the sale; `state` is `domain.payment_states.RefundState`, `code` why refused."""

    refund_id: UUID
    amount: int
    state: str
    code: str = ""


class FoundSale(Message, frozen=True, kw_only=True):
    """A sale as the server has it. `left_amount` may still go back; 0 unless it was paid.

    `is_whole_only`: a meal is in it, which goes back whole or not at all.
    """

    payment_id: UUID
    tender: Tender
    credential: str
    state: str
    total: int
    left_amount: int
    masked_name: str = ""
    occurred_at: datetime
    terminal_id: UUID
    is_whole_only: bool = False
    refunds: tuple[FoundRefund, ...] = ()
