"""Counters: how each is, what waits on it, its code as QR; moved, renamed, revoked, retired."""

from datetime import timedelta
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
from server.console.activation import ask_code, server_address
from server.console.audit import changing, write_entry
from server.console.page import COUNTERS, page
from server.console.profiles import PROFILES
from server.console.registrations import elements_of, present_registration, settlement_account
from server.console.render import render
from server.console.roles import ADMINISTRATOR, MANAGER, SUPPORT, Granted, Reach
from server.fleet.create_activation_code import create_activation_code
from server.fleet.models import Binding, Terminal, TerminalState
from server.fleet.rebind_terminal import rebind_terminal
from server.fleet.register_elements import Elements, register_elements
from server.fleet.register_terminal import register_terminal
from server.fleet.retire_terminal import retire_terminal
from server.fleet.revoke_terminal import revoke_terminal
from server.inbox.models import Shift
from server.merchants.models import MerchantState, Store
from server.organisations.pages import by, now, random, secrets
from server.qr_codes import qr_svg
from sync.messages import activation_link

LATE = timedelta(minutes=2)
"""A counter reports every 15 s: eight missed reports are worth a look."""
WELL_STATES = frozenset({"ready", "stopped"})
CHANGERS = frozenset({ADMINISTRATOR})


@page("terminals/", title=_("Counters"), section=COUNTERS, roles={ADMINISTRATOR, MANAGER, SUPPORT})
def terminals(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List the counters within reach, or register a new one."""
    if request.method == "POST":
        return _register(request, reach)
    rows = [standing(row) for row in _rows(reach).order_by("store__name", "name")]
    shown = [row for row in rows if row["row"].state in (TerminalState.NEW, TerminalState.ACTIVE)]
    context = {
        "terminals": shown,
        "gone": [row for row in rows if row not in shown],
        "stores": _open_stores(reach),
        "profiles": PROFILES.items(),
        "may_change": bool(reach.within(CHANGERS)),
        "late_count": sum(row["is_late"] for row in shown),
        "waiting_count": sum(row["row"].waiting_count for row in shown),
        "waiting_amount": sum(row["row"].waiting_amount for row in shown),
    }
    return render(request, "console/terminals.html", context)


@page(
    "terminals/<uuid:terminal_id>/", title=_("Counter"), section=COUNTERS,
    roles={ADMINISTRATOR, MANAGER, SUPPORT}, name="terminal",
)  # fmt: skip
def terminal(request: HttpRequest, reach: Reach, terminal_id: UUID) -> HttpResponse:
    """Show one counter; do what was asked for."""
    row = get_object_or_404(_rows(reach), id=terminal_id)
    code = ""
    if request.method == "POST":
        if not reach.within(CHANGERS).covers(Granted(ADMINISTRATOR, row.organisation_id,
                                                     row.store.site_id)):  # fmt: skip
            raise Refused("staff.beyond_reach")
        code = _change(request, reach, row)
        if not code:
            return redirect("console:terminal", terminal_id=row.id)
    return render(request, "console/terminal.html", _detail(request, reach, row, code))


def standing(row: Terminal) -> dict[str, Any]:
    """Return what a page says of a counter's health, in words and marks."""
    at = now()
    is_late = row.state == TerminalState.ACTIVE and (
        row.last_seen_at is None or at - row.last_seen_at > LATE
    )
    devices = [
        {**device, "is_well": device.get("state") in WELL_STATES} for device in row.devices or []
    ]
    unwell = [device for device in devices if not device["is_well"]]
    mark = "bad" if is_late else "warn" if unwell or row.state == TerminalState.NEW else "good"
    return {
        "row": row, "is_late": is_late, "devices": devices, "unwell": unwell, "mark": mark,
        "profile": PROFILES.get(row.profile, row.profile),
        "clock_s": round((row.clock_offset_ms or 0) / 1000, 1),
        "is_clock_off": abs(row.clock_offset_ms or 0) > 5000,
    }  # fmt: skip


def _rows(reach: Reach) -> "QuerySet[Terminal]":
    rows = Terminal.objects.select_related("store", "merchant", "store__site")
    return reach.of(rows, site="store__site")


def _stores(reach: Reach) -> "QuerySet[Store]":
    return reach.of(Store.objects.select_related("merchant"), site="site").order_by("name")


def _open_stores(reach: Reach) -> "QuerySet[Store]":
    """Stores that a new counter may be for: a closed merchant sells nothing any more."""
    return _stores(reach).exclude(merchant__state=MerchantState.CLOSED)


def _register(request: HttpRequest, reach: Reach) -> HttpResponse:
    store = get_object_or_404(_open_stores(reach.within(CHANGERS)), id=request.POST.get("store"))
    name = request.POST.get("name", "").strip()[:64]
    profile = request.POST.get("profile", "")
    if not name:
        raise Refused("first_run.name_missing")
    if profile not in PROFILES:
        raise Refused("terminals.unknown_profile", profile=profile[:32])
    made = register_terminal(store, name, profile, now=now(), random=random)
    write_entry(request, "terminals.registered", made, data={"store": str(store), "name": name})
    return redirect("console:terminal", terminal_id=made.id)


def _change(request: HttpRequest, reach: Reach, row: Terminal) -> str:
    """Do what the button says; returns an activation code to show, or "" for none."""
    asked, reason = request.POST.get("do", ""), request.POST.get("reason", "").strip()
    if asked == "code":
        return _make_code(request, row)
    if asked == "move":
        _move(request, reach, row)
    elif asked == "elements":
        _register_elements(request, row)
    elif asked in ("revoke", "retire"):
        if not reason:
            raise Refused("staff.reason_missing")
        end = revoke_terminal if asked == "revoke" else retire_terminal
        with changing(request, f"terminals.{asked}d", row, reason=reason):
            end(row, now=now())
        messages.success(request, now_text("%(name)s is out of service.") % {"name": row.name})
    return ""


def _make_code(request: HttpRequest, row: Terminal) -> str:
    is_forced = "forced" in request.POST
    code = (
        create_activation_code(
            row, now=now(), random=random, secrets=secrets(), created_by=by(request),
            is_forced=True,
        )
        if is_forced
        else ask_code(row, "", by=by(request))
    )  # fmt: skip
    write_entry(request, "terminals.code_made", row, data={"forced": is_forced})
    return code


def _move(request: HttpRequest, reach: Reach, row: Terminal) -> None:
    store = get_object_or_404(_stores(reach.within(CHANGERS)), id=request.POST.get("store"))
    name = request.POST.get("name", "").strip()[:64]
    profile = request.POST.get("profile", "")
    if profile not in PROFILES:
        raise Refused("terminals.unknown_profile", profile=profile[:32])
    if name and name != row.name:
        with changing(request, "terminals.renamed", row):
            Terminal.objects.filter(id=row.id, organisation_id=row.organisation_id).update(
                name=name
            )
    if (store.id, profile) != (row.store_id, row.profile):
        with changing(request, "terminals.moved", row):
            rebind_terminal(
                row, store, profile, now=now(), random=random,
                is_forced="forced" in request.POST,
            )  # fmt: skip
    messages.success(request, now_text("Saved."))


def _register_elements(request: HttpRequest, row: Terminal) -> None:
    names = ("serial", "acquirer", "account", "location")
    typed = {name: request.POST.get(name, "").strip() for name in names}
    with transaction.atomic():
        before = present_registration(row)
        made = register_elements(row, Elements(**typed), now=now(), random=random, by=by(request))
        if before is None or before.id != made.id:
            write_entry(
                request, "terminals.elements_registered", row, before=elements_of(before),
                after=elements_of(made), reason=request.POST.get("reason", "").strip(),
            )  # fmt: skip
    messages.success(request, now_text("Saved."))


def _detail(request: HttpRequest, reach: Reach, row: Terminal, code: str) -> dict[str, Any]:
    address = server_address(request)
    shift = Shift.objects.filter(
        organisation=row.organisation_id, terminal=row.id, closed_at__isnull=True
    ).order_by("-opened_at").first()  # fmt: skip
    return {
        **standing(row),
        "shift": shift,
        "bindings": Binding.objects.filter(
            organisation_id=row.organisation_id, terminal=row
        ).select_related("store").order_by("-version"),
        "registration": present_registration(row),
        "settled_to": settlement_account(row),
        "stores": _stores(reach),
        "profiles": PROFILES.items(),
        "may_change": bool(reach.within(CHANGERS)),
        "activation_code": code,
        "address": address,
        "qr": qr_svg(activation_link(address, code), now_text("Activation code")) if code else "",
    }  # fmt: skip
