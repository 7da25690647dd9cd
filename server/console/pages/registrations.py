"""The five elements of every counter: what is registered with the acquirer and what is missing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from server.console.page import COUNTERS, page
from server.console.pages.people_changes import download
from server.console.render import render
from server.console.roles import ADMINISTRATOR, Reach
from server.fleet.models import Registration, Terminal, TerminalState
from server.settlement.models import PayoutAccount
from server.spreadsheets import write_sheet


@page(
    "terminals/registrations/", title=_("Registration of counters"), section=COUNTERS,
    roles={ADMINISTRATOR},
)  # fmt: skip
def registrations(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List the elements of each counter in service, those without first; or download them."""
    rows = _rows(reach)
    if request.GET.get("format") == "xlsx":
        return download(_as_sheet(rows), "registrations.xlsx")
    context = {"rows": rows, "missing_count": sum(row["registration"] is None for row in rows)}
    return render(request, "console/registrations.html", context)


def _rows(reach: Reach) -> list[dict[str, Any]]:
    here = reach.of(
        Terminal.objects.select_related("store", "merchant"), site="store__site"
    ).filter(state__in=(TerminalState.NEW, TerminalState.ACTIVE))
    terminals = list(here.order_by("store__name", "name"))
    registered = {
        one.terminal_id: one
        for one in Registration.objects.filter(terminal__in=terminals, ended_at__isnull=True)
    }
    accounts = dict(
        PayoutAccount.objects.filter(
            organisation__in={one.organisation_id for one in terminals},
            payee_kind="merchant", payee__in={one.merchant_id for one in terminals},
        ).values_list("payee", "number")
    )  # fmt: skip
    rows = [
        {
            "terminal": one, "registration": registered.get(one.id),
            "is_other_account": one.id in registered
            and accounts.get(one.merchant_id, "") not in ("", registered[one.id].account),
        }
        for one in terminals
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row["registration"] is not None)


def _as_sheet(rows: list[dict[str, Any]]) -> bytes:
    heads = [
        _("Counter"), _("Store"), _("Serial number"), _("Acquirer's code"), _("Merchant"),
        _("Settlement account"), _("Location"), _("Registered"),
    ]  # fmt: skip
    lines = [[str(head) for head in heads]]
    for row in rows:
        one, said = row["terminal"], row["registration"]
        told = ["", "", one.merchant.name, "", "", ""]
        if said is not None:
            told = [
                said.serial, said.acquirer, one.merchant.name, said.account, said.location,
                f"{said.registered_at:%Y-%m-%d}",
            ]  # fmt: skip
        lines.append([one.name, one.store.name, *told])
    return write_sheet(lines, str(_("Registration of counters")))
