"""Who works here, by PIN, valid without a network: five wrong ones lock for a minute.

Whoever types a PIN is looked for among all operators: hashing costs 50 ms a row, so that a counter
with many operators asks for the name first (`operator_id`). A supervisor lends one action: the
operator stays who they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec

from sync.messages import OperatorRow
from sync.pins import verify_pin
from sync.replica import Replica
from sync.store import LocalStore

WRONG_MAX = 5
LOCK_S = 60.0
MAY_SELL = frozenset({"cashier", "supervisor", "attendant"})
MAY_ENROL = frozenset({"enrolment_clerk", "supervisor"})
SUPERVISOR = "supervisor"
Approval = tuple[UUID, str]
"""A supervisor, and the PIN hash by which the server knows them."""
_OWN_PINS = "operator_pins"


@dataclass(frozen=True, slots=True)
class Known:
    """The PIN is right."""

    operator: OperatorRow


@dataclass(frozen=True, slots=True)
class Wrong:
    """It is not, or not here, or not yet again; `has_locked` when this try closed the door."""

    code: str
    has_locked: bool = False


class Operators:
    """The replica's operators, and how many wrong PINs were tried here."""

    def __init__(self, replica: Replica, store: LocalStore) -> None:
        self._replica = replica
        self._store = store
        self._wrong = 0
        self._locked_until = 0.0

    def locked_for_s(self, now: float) -> float:
        """Seconds until a PIN may be tried again."""
        return max(0.0, self._locked_until - now)

    def sign_in(self, pin: str, now: float, operator_id: UUID | None = None) -> Known | Wrong:
        """Who sells here from now on."""
        return self._check(pin, now, operator_id, MAY_SELL)

    def clerk(self, pin: str, now: float) -> Known | Wrong:
        """Who enrols people here from now on."""
        return self._check(pin, now, None, MAY_ENROL)

    def supervisor(self, pin: str, now: float) -> Known | Wrong:
        """A supervisor's word for one action."""
        return self._check(pin, now, None, frozenset({SUPERVISOR}))

    def own(self, pin: str, now: float, operator_id: UUID | None) -> Known | Wrong:
        """The signed-in operator once more."""
        return self._check(pin, now, operator_id, MAY_SELL)

    def row(self, operator_id: UUID | None) -> OperatorRow | None:
        """The operator's row, while they are active."""
        return next((row for row in self._active() if row.operator_id == operator_id), None)

    def fed_hash(self, operator_id: UUID) -> str:
        """The PIN hash that the server knows of an operator: what an approval is proved with."""
        rows = self._replica.operators()
        return next((row.pin_hash for row in rows if row.operator_id == operator_id), "")

    def change_pin(self, operator_id: UUID, pin_hash: str) -> None:
        """First use: this hash holds here until the feed brings a row that need not be changed."""
        pins = {**self._own_pins(), str(operator_id): pin_hash}
        self._store.put_meta(_OWN_PINS, pins, is_sealed=True)

    def _check(
        self, pin: str, now: float, operator_id: UUID | None, roles: frozenset[str]
    ) -> Known | Wrong:
        if self.locked_for_s(now) > 0:
            return Wrong("pins.locked")
        candidates = [row for row in self._active() if operator_id in (None, row.operator_id)]
        found = next((row for row in candidates if verify_pin(pin, row.pin_hash)), None)
        if found is None:
            return self._count_wrong(now)
        self._wrong = 0
        if found.role not in roles:
            return Wrong("operators.not_allowed")
        return Known(found)

    def _count_wrong(self, now: float) -> Wrong:
        self._wrong += 1
        if self._wrong < WRONG_MAX:
            return Wrong("pins.wrong")
        self._wrong, self._locked_until = 0, now + LOCK_S
        return Wrong("pins.locked", has_locked=True)

    def _active(self) -> Iterable[OperatorRow]:
        own = self._own_pins()
        for row in self._replica.operators():
            if not row.active or not row.pin_hash:
                continue
            changed = own.get(str(row.operator_id)) if row.must_change else None
            if changed:
                row = msgspec.structs.replace(row, pin_hash=changed, must_change=False)
            yield row

    def _own_pins(self) -> dict[str, str]:
        return self._store.meta(_OWN_PINS) or {}
