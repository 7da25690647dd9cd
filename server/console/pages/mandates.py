"""A person's bank mandate: asked for at the desk, confirmed by the payer at the bank, cancelled."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from domain.money import parse_amount
from server.channels.models import ChannelAccount
from server.console.audit import snapshot, write_entry
from server.console.channel_desk import desk, working_desk
from server.console.page import PEOPLE, page
from server.console.pages.people import MONEY_READERS, people_within
from server.console.render import render
from server.console.roles import Reach
from server.organisations.pages import by, now, random
from server.payments.ask_bank import as_debits
from server.payments.follow_mandate import MandateForm, ask_mandate, cancel_mandate
from server.people.models import Person, PersonState
from server.wallets.models import LIVE_MANDATES, Mandate


@page("people/<uuid:person_id>/mandate/", title=_("Bank debit"), section=PEOPLE,
      roles=MONEY_READERS, name="mandate")  # fmt: skip
def mandate(request: HttpRequest, reach: Reach, person_id: UUID) -> HttpResponse:
    """Show a person's mandates; ask for one, or cancel the one that lives."""
    person = get_object_or_404(people_within(reach), id=person_id)
    if request.method == "POST":
        if request.POST.get("do") == "cancel":
            _cancel(request, person)
        else:
            _ask(request, person)
        return redirect("console:mandate", person_id=person.id)
    rows = mandates_of(person)
    context: dict[str, Any] = {
        "person": person,
        "live": next((row for row in rows if row.state in LIVE_MANDATES), None),
        "over": [row for row in rows if row.state not in LIVE_MANDATES],
        "channels": _able(person.organisation_id),
        "may_ask": person.state != PersonState.LEFT,
    }
    return render(request, "console/mandate.html", context)


def mandates_of(person: Person) -> list[Mandate]:
    """Return a person's mandates, the newest first."""
    rows = Mandate.objects.filter(organisation=person.organisation_id, person=person.id)
    return list(rows.order_by("-asked_at"))


def _able(organisation_id: UUID) -> list[str]:
    """The channels here that take mandates, by name."""
    found = desk()
    if found is None:
        return []
    found.channels.look(organisation_id)
    accounts = ChannelAccount.objects.filter(organisation_id=organisation_id, is_enabled=True)
    names = accounts.order_by("name").values_list("name", flat=True)
    opened = ((name, found.channels.named(organisation_id, name)) for name in names)
    return [name for name, channel in opened if channel is not None and as_debits(channel)]


def _ask(request: HttpRequest, person: Person) -> None:
    if person.state == PersonState.LEFT:
        raise Refused("people.left")
    posted = request.POST
    form = MandateForm(
        channel=posted.get("channel", ""),
        account_tail=posted.get("account_tail", "").strip(),
        holder=posted.get("holder", "").strip()[:100],
        payment_cap_amount=parse_amount(posted.get("payment_cap", "")),
        day_cap_amount=parse_amount(posted.get("day_cap", "")),
        claim_cap_amount=parse_amount(posted.get("claim_cap", "") or "0"),
        evidence=posted.get("evidence", "").strip()[:200],
    )
    made = ask_mandate(
        working_desk().channels, person, form, now=now(), random=random, by=by(request)
    )
    write_entry(request, "mandates.asked", made, after=snapshot(made))
    messages.success(request, now_text("Asked: the payer now confirms in the bank's app."))


def _cancel(request: HttpRequest, person: Person) -> None:
    row = get_object_or_404(
        Mandate, organisation=person.organisation_id, person=person.id,
        id=request.POST.get("mandate"),
    )  # fmt: skip
    before = snapshot(row)
    cancel_mandate(row, now=now(), by=by(request))
    write_entry(request, "mandates.cancelled", row, before=before, after=snapshot(row))
    messages.success(request, now_text("Cancelled: nothing more is debited; the bank is told."))
