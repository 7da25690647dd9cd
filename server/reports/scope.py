"""Which part of an organisation a reader may see."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """Stores and merchants; None means all of them."""

    stores: frozenset[UUID] | None = None
    merchants: frozenset[UUID] | None = None


EVERYTHING: Final = Scope()
