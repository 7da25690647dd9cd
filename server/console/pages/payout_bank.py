"""The bank that pays merchants: its address and keys; a test that moves no money."""

from typing import Any, Final

import httpx
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from server.console.audit import write_entry
from server.console.page import SETTINGS, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, Reach
from server.organisations.models import Organisation
from server.organisations.pages import now, random, secrets
from server.settlement.api import PREFIX
from server.settlement.bank_settings import keep_settings, parties_of, read_settings
from server.settlement.models import PayoutBankSettings
from server.settlement.payout_bank import Accepted, FileRefused, NeverCame, Unclear
from server.settlement.payout_link.bank import LinkedBank

FIELDS: Final = ("host", "party", "bank", "bank_key", "private_key")
MOST: Final = 8_000
_CHECK_HOST: Final = URLValidator(schemes=("https", "http"))


@page(
    "payout-bank/", title=_("Payout bank"), section=SETTINGS, roles={ADMINISTRATOR},
    is_one_change=False,
)  # fmt: skip
def payout_bank(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Show the settings without the key; keep new ones, or test those that are kept."""
    organisation = reach.of(Organisation.objects.all(), organisation="pk").first()
    row = read_settings(organisation.id) if organisation else None
    if request.method == "POST" and organisation is not None:
        if request.POST.get("do") == "test":
            _test(request, row)
        else:
            _keep(request, organisation)
        return redirect("console:payout_bank")
    notices = request.build_absolute_uri(f"{PREFIX}{organisation.id}") if organisation else ""
    shown = {"row": row, "has_place": organisation, "notices": notices}
    return render(request, "console/payout_bank.html", shown)


def _keep(request: HttpRequest, organisation: Organisation) -> None:
    typed = {name: request.POST.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}
    plain = [typed[name] for name in FIELDS if name != "private_key"]
    if not all(plain) or max(map(len, typed.values())) > MOST:
        raise Refused("settlement.bank_field")
    if len(typed["party"]) > 64 or len(typed["bank"]) > 64 or len(typed["host"]) > 200:
        raise Refused("settlement.bank_field")
    try:
        _CHECK_HOST(typed["host"])
    except ValidationError as wrong:
        raise Refused("settlement.bank_field") from wrong
    is_enabled = request.POST.get("is_enabled") == "on"
    with transaction.atomic():
        before = _told(read_settings(organisation.id))
        row = keep_settings(
            organisation.id, typed, is_enabled=is_enabled, secrets=secrets(), random=random,
            now=now(),
        )  # fmt: skip
        data = {"is_key_new": bool(typed["private_key"])}
        write_entry(
            request, "payout_bank.kept", row, before=before, after=_told(row), data=data,
            reason=request.POST.get("reason", "").strip(),
        )  # fmt: skip
    messages.success(request, now_text("Saved."))


def _told(row: PayoutBankSettings | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {"host": row.host, "party": row.party, "bank": row.bank, "is_enabled": row.is_enabled}


def _test(request: HttpRequest, row: PayoutBankSettings | None) -> None:
    """Ask the bank about a file that never was: it answers, signed, that it knows none."""
    if row is None:
        raise Refused("settlement.bank_missing")
    number = f"TEST-{random(8).hex().upper()}"
    try:
        with httpx.Client(trust_env=False) as http:
            said = LinkedBank(parties_of(row, secrets()), http, random).look(number, now())
    except ValueError as wrong:
        raise Refused("settlement.bank_wrong") from wrong
    with transaction.atomic():
        write_entry(request, "payout_bank.tested", row, data={"said": type(said).__name__})
    if isinstance(said, NeverCame | Accepted | FileRefused):
        messages.success(request, now_text("The bank answers and knows our signature."))
    elif isinstance(said, Unclear):
        messages.error(request, now_text("The bank gives no clear answer: %s") % said.why)
