"""A person's bank mandate: asked for, signed by the payer at the bank, cancelled.

- Asking and cancelling are rows first; the bank is asked by due work, which survives a restart.
- The payer confirms at the bank, in its app or on its page, never here. Until then nothing pays.
- Whoever cancels is obeyed at once: a mandate being cancelled pays nothing more.
- A debit that the bank refused for its mandate has the bank asked how that mandate stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from server.channels.channel import AwaitingPayer, Debits, Declined, PayOutcome, Succeeded
from server.channels.exchanges import judged, save
from server.channels.open_channels import Channels
from server.fresh import fresh_id
from server.payments.ask_bank import LATER, as_debits
from server.payments.schedule import MANDATE_KIND, gate_of
from server.people.models import Person
from server.wallets.effects import PersonFundingChanged
from server.wallets.models import LIVE_MANDATES, Mandate, MandateState
from server.work.effects import DueRow
from server.work.handlers import Claimed
from server.writes import Writes

SIGN_WITHIN: Final = timedelta(days=7)
"""What the payer has not confirmed by then is taken back."""
SOONEST: Final = timedelta(seconds=15)
LATEST: Final = timedelta(hours=1)
"""Between two looks: half the age of the matter, within these."""
_S = MandateState


@dataclass(frozen=True, slots=True)
class MandateForm:
    """What the desk enters: whose account, how far, and where the signed consent is kept."""

    channel: str
    account_tail: str
    holder: str
    payment_cap_amount: int
    day_cap_amount: int
    claim_cap_amount: int
    evidence: str


def ask_mandate(
    channels: Channels, person: Person, form: MandateForm, *,
    now: datetime, random: RandomBytes, by: str,
) -> Mandate:  # fmt: skip
    """Ask for a person's mandate; raises Refused with what is wrong with the form.

    The payer confirms at the bank; `follow` learns of it.
    """
    _check(channels, person.organisation_id, form)
    id = fresh_id(now, random)
    with transaction.atomic():
        if Mandate.objects.filter(
            organisation=person.organisation_id, person=person.id, state__in=LIVE_MANDATES
        ).exists():
            raise Refused("mandates.one_only")
        row = Mandate.objects.create(
            id=id, organisation=person.organisation_id, person=person.id, channel=form.channel,
            number=id.hex, account_tail=form.account_tail,
            payer={"account_tail": form.account_tail, "person": form.holder},
            payment_cap_amount=form.payment_cap_amount, day_cap_amount=form.day_cap_amount,
            claim_cap_amount=form.claim_cap_amount, evidence=form.evidence,
            asked_at=now, asked_by=by,
        )  # fmt: skip
        _look_at(row, now)
    return row


def cancel_mandate(row: Mandate, *, now: datetime, by: str) -> None:
    """End a mandate: it pays nothing more from now on, and the bank is told until it says so."""
    with transaction.atomic():
        if not _moved(row, (_S.PENDING, _S.ACTIVE), _S.CANCELLING, now, ended_by=by):
            raise Refused("mandates.over")
        _look_at(row, now)


def follow(channels: Channels, due: Claimed, now: datetime) -> datetime | None:
    """`payments.mandate`: ask the bank for, or about, one mandate, or to end it."""
    row = Mandate.objects.filter(organisation=due.organisation_id, id=due.subject_id).first()
    if row is None or row.state in (_S.CANCELLED, _S.FAILED):
        return None
    channels.look(row.organisation)
    channel = channels.named(row.organisation, row.channel)
    debits = None if channel is None else as_debits(channel)
    again_at = now + min(max((now - row.asked_at) / 2, SOONEST), LATEST)
    if debits is None:
        return again_at
    if row.state == _S.PENDING and now >= row.asked_at + SIGN_WITHIN:
        _moved(row, (_S.PENDING,), _S.CANCELLING, now, code="mandates.not_signed")
        return now
    with channels.listening() as heard:
        said = _ask(debits, row, now)
    save(judged(heard, said))
    return None if _take(row, said, now) else again_at


def _ask(debits: Debits, row: Mandate, now: datetime) -> PayOutcome:
    if row.state == _S.CANCELLING:
        return debits.cancel_mandate(row.number, now)
    return debits.sign(row.number, row.payer, now)


def _take(row: Mandate, said: PayOutcome, now: datetime) -> bool:
    """Move a mandate by the bank's word; return whether there is nothing more to ask."""
    is_refused = isinstance(said, Declined) and said.code not in LATER
    code = said.code if isinstance(said, Declined) else ""
    if row.state == _S.CANCELLING:
        if not (isinstance(said, Succeeded) or is_refused):
            return False
        # Never signed, never there, or ended: in each case the bank debits nothing under it
        is_unsigned = row.code == "mandates.not_signed"
        over = _S.FAILED if is_unsigned else _S.CANCELLED
        return _moved(row, (_S.CANCELLING,), over, now, ended_at=now)
    if isinstance(said, Succeeded):
        return row.state == _S.ACTIVE or _moved(
            row, (_S.PENDING,), _S.ACTIVE, now, signed_at=now, code=""
        )
    if is_refused:
        over = _S.CANCELLED if row.state == _S.ACTIVE else _S.FAILED
        return _moved(row, (row.state,), over, now, code=code, ended_at=now)
    if row.state == _S.ACTIVE and isinstance(said, AwaitingPayer):
        # The bank has forgotten it and asks its customer anew: nobody here did
        _moved(row, (_S.ACTIVE,), _S.CANCELLING, now, code="mandates.unknown")
    return False


def _check(channels: Channels, organisation_id: UUID, form: MandateForm) -> None:
    channels.look(organisation_id)
    channel = channels.named(organisation_id, form.channel)
    if channel is None or as_debits(channel) is None:
        raise Refused("mandates.no_channel")
    if not (len(form.account_tail) == 4 and form.account_tail.isascii()
            and form.account_tail.isdigit()):  # fmt: skip
        raise Refused("mandates.tail")
    if not form.evidence.strip() or not form.holder.strip():
        raise Refused("mandates.evidence")
    if not 0 < form.payment_cap_amount <= form.day_cap_amount or form.claim_cap_amount < 0:
        raise Refused("mandates.limits")


def _moved(
    row: Mandate, before: tuple[str, ...], after: MandateState, now: datetime, **changes: Any
) -> bool:
    """Move a mandate unless somebody else just did, and tell the counters of its person."""
    with transaction.atomic():
        rows = Mandate.objects.filter(organisation=row.organisation, id=row.id, state__in=before)
        if not rows.update(state=after, **changes):
            return False
        with connection.cursor() as cursor:
            writes = Writes(cursor)
            changed = PersonFundingChanged(row.organisation, row.person, now)
            PersonFundingChanged.write_all(writes, [changed])
            writes.send()
    _present(row, {"state": after, **changes})
    return True


def _present(row: Mandate, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _look_at(row: Mandate, now: datetime) -> None:
    """Have the worker see to it, in this transaction."""
    due = DueRow(
        row.id, row.organisation, MANDATE_KIND, row.id, now, gate=gate_of(row.channel)
    )  # fmt: skip
    with connection.cursor() as cursor:
        writes = Writes(cursor)
        DueRow.write_all(writes, [due])
        writes.send()
