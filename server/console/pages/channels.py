"""Channels: how each account does, its settings and secrets, on and off, and its self-test."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from domain.errors import Refused
from domain.messages import text
from server.channels.models import (
    ChannelAccount,
    ChannelExchange,
    ChannelNotice,
    Environment,
)
from server.console.audit import write_entry
from server.console.change_channel import add, change, is_switchable
from server.console.channel_desk import desk, settings_of, working_desk
from server.console.models import AuditEntry
from server.console.page import SETTINGS, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, FINANCE, SUPPORT, Granted, Reach
from server.console.words import CHANNEL_SETTINGS, PROVIDERS
from server.organisations.models import Organisation
from server.organisations.pages import language, now

READERS = frozenset({ADMINISTRATOR, FINANCE, SUPPORT})
CHANGERS = frozenset({ADMINISTRATOR})
LOOKED_AT = 100
"""The last exchanges that a channel's share of clear answers is counted over."""


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


def standing(row: ChannelAccount) -> dict[str, Any]:
    """Return what the last exchanges and notices say of an account, with its mark."""
    told = list(
        ChannelExchange.objects.filter(organisation=row.organisation_id, channel=row.name)
        .order_by("-at", "-id").values("at", "operation", "outcome", "status")[:LOOKED_AT]
    )  # fmt: skip
    doubts = [one for one in told if is_unclear(one["status"], one["outcome"])]
    notices = ChannelNotice.objects.filter(
        organisation=row.organisation_id, channel=row.name
    ).aggregate(
        authentic=Count("id", filter=Q(is_authentic=True)),
        forged=Count("id", filter=Q(is_authentic=False)),
        untaken=Count("id", filter=Q(is_authentic=True, taken_at=None)),
        last_at=Max("last_at"),
    )
    found = desk()
    error = found.setting_error(row) if found is not None else ""
    share = round(100 * (len(told) - len(doubts)) / len(told)) if told else None
    is_unwell = bool(error) or (share is not None and share < 90) or notices["untaken"]
    return {
        "row": row, "provider": PROVIDERS.get(row.provider, row.provider), "error": error,
        "last": told[0] if told else None, "doubt": doubts[0] if doubts else None,
        "last_at": told[0]["at"] if told else None,
        "doubt_at": doubts[0]["at"] if doubts else None, "share": share,
        "count": len(told), "notices": notices,
        "is_unwell": bool(is_unwell),
    }  # fmt: skip


def is_unclear(status: int, outcome: str) -> bool:
    """Whether an exchange left open what became of the money, as far as it was written down."""
    return status == 0 or status >= 500 or outcome.startswith("Unknown")


def _detail(reach: Reach, row: ChannelAccount) -> dict[str, Any]:
    found = standing(row)
    return {
        **found,
        "standing": found,
        "fields": [_field(row, one) for one in settings_of(row)],
        "environments": Environment.choices,
        "is_switchable": is_switchable(row),
        "is_production": row.environment == Environment.PRODUCTION,
        "is_sampled": row.environment == Environment.SANDBOX and not row.host,
        "is_open_here": desk() is not None,
        "may_change": bool(reach.within(CHANGERS)),
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
