"""Who carries out each kind of approved request; apps register theirs when the server is wired.

A kind is the dotted code of its sentence in `domain/texts` ("approvals.write_off" …), so that a
list of requests can always be read by people.
"""

from collections.abc import Callable
from datetime import datetime

from domain.errors import Defect
from domain.messages import is_known
from server.cases.models import Approval

CarriesOut = Callable[[Approval, datetime], None]
"""`carries_out(approval, now)` does what was asked for, in the transaction that approves it.

The approval is decided already (`decided_by`); its data is as it was asked for, perhaps days ago:
whatever must still hold is checked again, under lock, and `Refused` undoes the decision as well.
What it posts has the approval as its cause, so that nothing can be posted twice for one."""

_registered: dict[str, CarriesOut] = {}


def register(kind: str, carries_out: CarriesOut) -> None:
    """Let `carries_out` do what `kind` asks for; registering again replaces it."""
    if not is_known(kind):
        raise Defect(f"an approval of kind {kind} has no sentence in domain/texts")
    _registered[kind] = carries_out


def carries_out_of(kind: str) -> CarriesOut:
    """Return who does `kind`; raises `Defect` when nobody does."""
    if kind not in _registered:
        raise Defect(f"nobody carries out approvals of kind {kind}")
    return _registered[kind]
