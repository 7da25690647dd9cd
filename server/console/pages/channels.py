"""Channels: how each account does, its settings and secrets, on and off, and its self-test."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from domain.messages import text
from server.channels.models import ChannelAccount, Environment
from server.channels.read_health import open_alerts
from server.console.audit import write_entry
from server.console.change_channel import add, change, is_switchable
from server.console.channel_desk import desk, settings_of, working_desk
from server.console.channel_standing import alerts_of, standing
from server.console.models import AuditEntry
from server.console.order_history import readable
from server.console.page import SETTINGS, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, SUPPORT, Granted, Reach
from server.console.words import CHANNEL_SETTINGS, PROVIDERS
from server.organisations.models import Organisation
from server.organisations.pages import by, language, now

READERS = frozenset({ADMINISTRATOR, FINANCE, SUPPORT})
CHANGERS = frozenset({ADMINISTRATOR})


@page("channels/", title=_("Channels"), section=SETTINGS, roles=READERS)
def channels(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List the accounts within reach, or add one."""
    if request.method == "POST":
        row = add(request, _organisation(request, reach))
        return redirect("console:channel", account_id=row.id)
    found = desk()
    rows = reach.of(ChannelAccount.objects.select_related("organisation"))
    context = {
        "channels": [standing(row) for row in rows.order_by("organisation_id", "name")],
        "organisations": _organisations(reach),
        "providers": [(kind, PROVIDERS.get(kind, kind)) for kind in
                      (sorted(found.accounts.providers) if found else ())],
        "environments": Environment.choices,
        "may_change": bool(reach.within(CHANGERS)),
    }  # fmt: skip
    return render(request, "console/channels.html", context)


@page(
    "channels/<uuid:account_id>/", title=_("Channel"), section=SETTINGS, roles=READERS,
    name="channel",
)  # fmt: skip
def channel(request: HttpRequest, reach: Reach, account_id: UUID) -> HttpResponse:
    """Show one account; save, switch on or off."""
    row = get_object_or_404(reach.of(ChannelAccount.objects.all()), id=account_id)
    if request.method == "POST":
        if request.POST.get("do") == "seen":
            _seen(request, row)
        else:
            _may_change(reach, row)
            change(request, row)
        return redirect("console:channel", account_id=row.id)
    return render(request, "console/channel.html", _detail(reach, row))


@page(
    "channels/<uuid:account_id>/test/", title=_("Self-test"), section=SETTINGS,
    roles={ADMINISTRATOR, SUPPORT}, name="channel_test", is_one_change=False,
)  # fmt: skip
def channel_test(request: HttpRequest, reach: Reach, account_id: UUID) -> HttpResponse:
    """Say key by key what is right and what is wrong. Calls the provider outside a transaction."""
    row = get_object_or_404(reach.of(ChannelAccount.objects.all()), id=account_id)
    context: dict[str, Any] = {"row": row, "findings": None}
    if request.method == "POST":
        at = now()
        found = working_desk().test(row, at)
        context |= {"at": at, "findings": [_in_words(one) for one in found],
                    "wrong_count": sum(not one.is_right for one in found)}  # fmt: skip
        _log_test(request, row, {one.check: one.code or "ok" for one in found})
    return render(request, "console/channel_test.html", context)


def _detail(reach: Reach, row: ChannelAccount) -> dict[str, Any]:
    found = standing(row)
    return {
        **found,
        "standing": found,
        "alerts": [{"row": one, "said": readable(one.answer)} for one in alerts_of(row)],
        "fields": [_field(row, one) for one in settings_of(row)],
        "environments": Environment.choices,
        "is_switchable": is_switchable(row),
        "is_production": row.environment == Environment.PRODUCTION,
        "is_sampled": row.environment == Environment.SANDBOX and not row.host,
        "is_open_here": desk() is not None,
        "may_change": bool(reach.within(CHANGERS)),
        "may_see_orders": bool(reach.within({ADMINISTRATOR, FINANCE})),
        "may_test": bool(reach.within({ADMINISTRATOR, SUPPORT})),
    }


def _field(row: ChannelAccount, setting: Any) -> dict[str, Any]:
    return {
        "setting": setting,
        "title": CHANNEL_SETTINGS.get(setting.name, setting.name),
        "value": "" if setting.is_secret else row.settings.get(setting.name, ""),
        "is_long": setting.kind.value in ("private_key", "public_key", "certificate"),
        "is_set": setting.name in row.sealed,
        "set_at": _set_at(row, setting.name) if setting.is_secret else None,
    }


def _set_at(row: ChannelAccount, name: str) -> Any:
    """When a secret was last typed here: the log knows; None for one that the set-up put in."""
    for entry in AuditEntry.objects.filter(
        subject_id=str(row.id), action="channels.secrets_set"
    ).order_by("-at"):
        if name in entry.after.get("secrets", ()):
            return entry.at
    return None


def _in_words(finding: Any) -> dict[str, Any]:
    said = text(finding.code, finding.data, language()) if finding.code else ""
    title = CHANNEL_SETTINGS.get(finding.check, finding.check)
    return {"title": title, "is_right": finding.is_right, "said": said}


def _log_test(request: HttpRequest, row: ChannelAccount, found: dict[str, str]) -> None:
    with transaction.atomic():
        write_entry(request, "channels.tested", row, data=found)


def _seen(request: HttpRequest, row: ChannelAccount) -> None:
    """Somebody has looked at one alert, or at all that the page showed."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Refused("staff.reason_missing")
    shown = request.POST.getlist("alert")
    alerts = open_alerts(row.organisation_id, row.name).filter(id__in=shown)
    numbers = list(alerts.values_list("number", flat=True))
    alerts.update(seen_at=now(), seen_by=by(request))
    write_entry(
        request, "channels.alerts_seen", row, reason=reason,
        data={"count": len(numbers), "numbers": ", ".join(numbers)[:500]},
    )  # fmt: skip
    messages.success(request, now_text("Noted."))


def _may_change(reach: Reach, row: ChannelAccount) -> None:
    if not reach.within(CHANGERS).covers(Granted(ADMINISTRATOR, row.organisation_id)):
        raise Refused("staff.beyond_reach")


def _organisations(reach: Reach) -> "QuerySet[Organisation]":
    return reach.within(CHANGERS).of(Organisation.objects.all(), organisation="id")


def _organisation(request: HttpRequest, reach: Reach) -> Organisation:
    asked = request.POST.get("organisation", "")
    found = _organisations(reach)
    row = found.filter(id=asked).first() if asked else found.first()
    if row is None or not reach.within(CHANGERS).covers(Granted(ADMINISTRATOR, row.id)):
        raise Refused("staff.beyond_reach")
    return row
