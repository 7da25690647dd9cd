"""What this counter is bound to: the facts every request carries, and the ids it makes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.ids import IdSequence
from sync.clocks import CorrectedClock
from sync.messages import (
    ActivationAnswer,
    Evidence,
    Intent,
    Line,
    PaymentRequest,
)
from terminal_app.counter.identify import Shown
from terminal_app.counter.payers import Payer


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What stands around a sale when it is frozen. `price_version` 0: keyed, not posted."""

    order_id: UUID
    lines: tuple[Line, ...]
    meal_period: str
    price_version: int
    is_second: bool
    shift_id: UUID | None
    operator_id: UUID | None


class RequestMaker:
    """Makes payment requests of one bound terminal."""

    def __init__(
        self, binding: ActivationAnswer, clock: CorrectedClock, random: Callable[[int], bytes]
    ) -> None:
        self.binding = binding
        self._clock = clock
        self._ids = IdSequence(random)

    def new_id(self) -> UUID:
        """A new UUIDv7 by the corrected clock."""
        return self._ids.next(int(self._clock.now().timestamp() * 1000))

    def request(self, payer: Payer, shown: Shown, around: Circumstances) -> PaymentRequest:
        """A new payment of this payer, under a new id."""
        total = total_of(around.lines)
        return PaymentRequest(
            intent=self._intent(payer, around, total),
            evidence=evidence_of(payer, shown),
            stamp=self._clock.stamp(),
            binding_version=self.binding.binding_version,
            order_total=total,
            meal_period=around.meal_period,
            price_version=around.price_version,
            shift_id=around.shift_id,
            operator_id=around.operator_id,
            second_portion=around.is_second,
            auth_code=shown.auth_code,
            pin=shown.pin,
        )

    def _intent(self, payer: Payer, around: Circumstances, total: int) -> Intent:
        return Intent(
            payment_id=self.new_id(),
            organisation_id=self.binding.organisation_id,
            merchant_id=self.binding.merchant_id,
            store_id=self.binding.store_id,
            terminal_id=self.binding.terminal_id,
            order_id=around.order_id,
            currency=self.binding.currency,
            tender=payer.tender,
            payer=payer.reference,
            lines=around.lines,
            total=total,
        )


def total_of(lines: Sequence[Line]) -> int:
    """The sum of the lines, in fen."""
    return sum(line.amount for line in lines)


def evidence_of(payer: Payer, shown: Shown) -> Evidence:
    """Why the counter believed this payer."""
    return Evidence(
        credential=payer.credential,
        assurance=payer.assurance,
        credential_ref=shown.credential_ref,
        second_factor=payer.proof,
        confirmed_by=payer.confirmed_by,
        distance=shown.distance,
        margin=shown.margin,
        wallet_code=shown.wallet_code,
        override_reason=payer.override_reason,
    )
