"""What a simulated channel does with a code, read from the code itself.

A code ending in one of these pairs of digits plays that part; any other code succeeds, or, with a
seed, does what the seed says. So a test or a demo needs nothing but the code it shows.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Part(StrEnum):
    """The parts a code can play."""

    SUCCEED = "succeed"
    DECLINE = "decline"
    AWAIT_THEN_SUCCEED = "await_then_succeed"
    UNKNOWN_THEN_SUCCEED = "unknown_then_succeed"
    NEVER_ANSWER = "never_answer"
    LATE_AFTER_REVERSAL = "late_after_reversal"
    REFUSE_REVERSAL = "refuse_reversal"
    AWAIT_FOR_EVER = "await_for_ever"


ENDINGS: Final = {
    "90": Part.DECLINE,
    "91": Part.AWAIT_THEN_SUCCEED,
    "92": Part.UNKNOWN_THEN_SUCCEED,
    "93": Part.NEVER_ANSWER,
    "94": Part.LATE_AFTER_REVERSAL,
    "95": Part.REFUSE_REVERSAL,
    "96": Part.AWAIT_FOR_EVER,
}
AWAIT_S: Final = 4.0
"""How long a payer types a password here."""
SEEDED: Final = (
    (70, Part.SUCCEED),
    (10, Part.AWAIT_THEN_SUCCEED),
    (8, Part.DECLINE),
    (6, Part.UNKNOWN_THEN_SUCCEED),
    (3, Part.NEVER_ANSWER),
    (3, Part.REFUSE_REVERSAL),
)
"""Parts out of a hundred, when a seed plays the crowd."""


@dataclass(frozen=True, slots=True)
class Script:
    """`seed` None: codes that name no part succeed."""

    seed: int | None = None

    def part(self, auth_code: str) -> Part:
        """The part of one code: always the same for the same code and seed."""
        named = ENDINGS.get(auth_code[-2:])
        if named is not None:
            return named
        if self.seed is None:
            return Part.SUCCEED
        digest = hashlib.sha256(f"{self.seed}/{auth_code}".encode()).digest()
        rank = int.from_bytes(digest[:4], "big") % 100
        for share, part in SEEDED:
            if rank < share:
                return part
            rank -= share
        return Part.SUCCEED
