"""Payouts: what is on its way, paid, failed or came back, and the one thing to do about each."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from server.console.audit import write_entry
from server.console.page import SETTLING, page
from server.console.pages.bills import ACCOUNTANTS
from server.console.payees import all_payees, names_of, payee_of
from server.console.render import render
from server.console.roles import Reach
from server.fresh import fresh_id
from server.organisations.pages import now, random
from server.settlement.models import PAYOUT_STATES, Payout, PayoutAccount, PayoutBankSettings

PER_PAGE = 100
TROUBLED = ("failed", "returned")


@page("payouts/", title=_("Payouts"), section=SETTLING, roles=ACCOUNTANTS, place=5)
def payouts(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List payouts, the newest first, or those of one state; keep payees' bank accounts."""
    if request.method == "POST":
        _keep_account(request, reach)
        return redirect("console:payouts")
    state = request.GET.get("state", "")
    rows = reach.of(Payout.objects.all())
    tally = {one["state"]: one for one in
             rows.values("state").annotate(count=Count("id"), amount=Sum("amount"))}  # fmt: skip
    if state in PAYOUT_STATES:
        rows = rows.filter(state=state)
    shown = Paginator(rows.select_related("file").order_by("-made_at", "id"), PER_PAGE)
    found = shown.get_page(request.GET.get("page"))
    accounts = {(one.payee_kind, one.payee): one for one in reach.of(PayoutAccount.objects.all())}
    context = {
        "payouts": [(one, accounts.get((one.payee_kind, one.payee))) for one in found],
        "shown": found, "state": state, "states": PAYOUT_STATES,
        "tally": [(name, tally[name]) for name in PAYOUT_STATES if name in tally],
        "names": names_of((one.payee_kind, one.payee) for one in found),
        "accounts": [(kind, row, accounts.get((kind, row.id))) for kind, row in all_payees(reach)],
        "has_bank": reach.of(PayoutBankSettings.objects.filter(is_enabled=True)).exists(),
        "keep": urlencode({"state": state}),
    }  # fmt: skip
    return render(request, "console/payouts.html", context)


def _keep_account(request: HttpRequest, reach: Reach) -> None:
    """Enter or change where a payee is paid; payouts on their way keep the account they had."""
    payee = payee_of(reach, request.POST.get("payee", ""))
    if payee is None:
        raise Refused("settlement.no_payee")
    typed = {name: request.POST.get(name, "").strip() for name in ("holder", "number", "bank")}
    typed["number"] = typed["number"].replace(" ", "")
    _check(typed)
    kind, row = payee
    organisation = row.organisation_id
    account = PayoutAccount.objects.filter(
        organisation=organisation, payee_kind=kind, payee=row.id
    ).first()
    before: dict[str, Any] = _told(account) if account else {}
    account = account or PayoutAccount(
        id=fresh_id(now(), random), organisation=organisation, payee_kind=kind, payee=row.id
    )
    account.holder, account.number, account.bank = typed["holder"], typed["number"], typed["bank"]
    account.save()
    reason = request.POST.get("reason", "").strip()
    write_entry(
        request, "payouts.account", account, before=before, after=_told(account), reason=reason,
        data={"payee": row.name},
    )  # fmt: skip
    messages.success(request, now_text("Saved."))


def _check(typed: dict[str, str]) -> None:
    number, bank = typed["number"], typed["bank"]
    is_number = number.isascii() and number.isdigit() and 6 <= len(number) <= 40
    is_bank = 0 < len(bank) <= 32 and bank.isascii() and bank.isalnum()
    if not (is_number and is_bank and 0 < len(typed["holder"]) <= 100):
        raise Refused("settlement.account_field")


def _told(account: PayoutAccount) -> dict[str, Any]:
    """What the log keeps of an account: not the whole number."""
    tail = f"…{account.number[-4:]}"
    return {"holder": account.holder, "ends_with": tail, "bank": account.bank}
