"""A sale from its freeze to its end: the real ids behind the machine's serial numbers."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.authorization import Mode
from sync.messages import Balance, PaymentRequest
from terminal_app.counter.identify import Shown
from terminal_app.counter.offline import Decided
from terminal_app.counter.payers import Payer


@dataclass(slots=True)
class SaleInHand:
    """One frozen sale. `request` has the secrets and lives in memory only, until `Forget`.

    `code_text` is what its payer scans, when that is how they pay.
    """

    sale: int
    payer: Payer
    shown: Shown = field(repr=False)
    request: PaymentRequest = field(repr=False)
    fingerprint: bytes
    frozen_at: float
    at: datetime
    mode: Mode = Mode.OFFLINE
    decided: Decided | None = None
    mac: bytes = b""
    code_text: str = ""
    balances: tuple[Balance, ...] = ()
    is_accepted: bool = False
    is_cancelled: bool = False
    is_sent: bool = False

    @property
    def payment_id(self) -> UUID:
        """The id that everything about this sale carries."""
        return self.request.intent.payment_id

    @property
    def amount(self) -> int:
        """What was shown and frozen."""
        return self.request.intent.total
