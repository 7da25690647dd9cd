"""Who works in the back office: added, given roles, sent away; never beyond one's own reach."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as now_text
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from domain.errors import Refused
from server.console.audit import write_entry
from server.console.models import SecondFactor, StaffGrant
from server.console.page import SETTINGS, page
from server.console.render import render
from server.console.roles import ADMINISTRATOR, MERCHANT, Granted, Reach, StaffRole, reach_of
from server.console.signing_in import second_factor
from server.console.staff import (
    add_member,
    close_account,
    end_role,
    grant_role,
    hold_administrators,
)
from server.merchants.models import Merchant, MerchantState
from server.organisations.models import Organisation, Site
from server.organisations.pages import by, now, random


@page("staff/", title=_("Staff"), section=SETTINGS, roles={ADMINISTRATOR})
@sensitive_post_parameters("password")
def staff(request: HttpRequest, reach: Reach) -> HttpResponse:
    """List the members of staff within reach; add one."""
    if request.method == "POST":
        return _add(request, reach)
    rows = list(_members(reach))
    with_factor = set(
        SecondFactor.objects.filter(user__in=rows, confirmed_at__isnull=False).values_list(
            "user_id", flat=True
        )
    )
    context = {
        "members": [
            {"user": user, "grants": _grants(reach, user), "has_factor": user.pk in with_factor}
            for user in rows
        ],
        **_places(reach),
    }
    return render(request, "console/staff.html", context)


@page(
    "staff/<int:user_id>/", title=_("Member of staff"), section=SETTINGS, roles={ADMINISTRATOR},
    name="member",
)  # fmt: skip
def member(request: HttpRequest, reach: Reach, user_id: int) -> HttpResponse:
    """Show one member of staff; do what was asked for."""
    user = get_object_or_404(_members(reach), pk=user_id)
    if request.method == "POST":
        _change(request, reach, user)
        return redirect("console:member", user_id=user.pk)
    context = {
        "member": user,
        "grants": _grants(reach, user),
        "has_factor": second_factor.has_factor(user),
        "is_oneself": user.pk == request.user.pk,
        **_places(reach),
    }
    return render(request, "console/member.html", context)


def _members(reach: Reach) -> "QuerySet[User]":
    rows = User.objects.filter(is_staff=True).order_by("-is_active", "username")
    if reach.is_everything:
        return rows
    mine = reach.of(StaffGrant.objects.all(), site="site").values("user_id")
    return rows.filter(Q(pk__in=mine), is_superuser=False)


def _grants(reach: Reach, user: User) -> "QuerySet[StaffGrant]":
    rows = StaffGrant.objects.filter(user=user, ended_at__isnull=True)
    return reach.of(rows.select_related("organisation", "site", "merchant"), site="site")


def _places(reach: Reach) -> dict[str, object]:
    """The places a role can be granted for: organisations, single sites, single merchants."""
    whole = Organisation.objects.all()
    if not reach.is_everything:
        ids = [one.organisation_id for one in reach.grants if one.is_whole]
        whole = whole.filter(id__in=ids)
    sites = reach.of(Site.objects.select_related("organisation"), site="id")
    merchants = reach.of(Merchant.objects.exclude(state=MerchantState.CLOSED).order_by("name"))
    return {
        "organisations": whole, "sites": sites, "merchants": merchants, "roles": StaffRole.choices,
    }  # fmt: skip


def _add(request: HttpRequest, reach: Reach) -> HttpResponse:
    typed = request.POST
    wanted = _asked_grant(request, reach)
    user = add_member(
        typed.get("username", ""), typed.get("password", ""), typed.get("full_name", "")
    )
    grant = grant_role(user, wanted, now=now(), random=random, by=by(request))
    data = {"username": user.username, "role": grant.role, "place": grant.place}
    write_entry(request, "staff.added", grant, data=data)
    messages.success(
        request,
        now_text("%(name)s can sign in; the second step is set up then.") % {"name": user.username},
    )
    return redirect("console:member", user_id=user.pk)


def _asked_grant(request: HttpRequest, reach: Reach) -> Granted:
    """Read role and place; refuse what is beyond reach, or a role that the place is not for.

    A place is "organisation", "organisation/site" or "organisation//merchant".
    """
    try:
        role = StaffRole(request.POST.get("role", ""))
        places = [UUID(part) if part else None for part in request.POST.get("place", "").split("/")]
        organisation, site, merchant, *more = (*places, None, None)
    except ValueError as error:
        raise Refused("staff.beyond_reach") from error
    if organisation is None or any(more) or site is not None and merchant is not None:
        raise Refused("staff.beyond_reach")
    if (role == MERCHANT) != (merchant is not None):
        raise Refused("staff.merchant_place")
    wanted = Granted(role, organisation, site, merchant)
    if not reach.covers(wanted) or not _exists(wanted):
        raise Refused("staff.beyond_reach")
    return wanted


def _exists(wanted: Granted) -> bool:
    """Whether site and merchant are of the organisation, and the merchant is still there."""
    own = {"organisation_id": wanted.organisation_id}
    if wanted.site_id is not None:
        return Site.objects.filter(id=wanted.site_id, **own).exists()
    if wanted.merchant_id is not None:
        rows = Merchant.objects.filter(id=wanted.merchant_id, **own)
        return rows.exclude(state=MerchantState.CLOSED).exists()
    return True


def _change(request: HttpRequest, reach: Reach, user: User) -> None:
    asked = request.POST.get("do", "")
    hold_administrators()
    # Whoever was sent away, or has the role no more, since the page was asked for changes nothing
    reach = reach_of(User.objects.get(username=by(request))).within({ADMINISTRATOR})
    if not reach:
        raise PermissionDenied
    if asked == "grant":
        wanted = _asked_grant(request, reach)
        grant = grant_role(user, wanted, now=now(), random=random, by=by(request))
        data = {"role": grant.role, "place": grant.place}
        write_entry(request, "staff.granted", grant, data=data)
        return
    if asked == "end":
        grant = get_object_or_404(_grants(reach, user), id=request.POST.get("grant"))
        end_role(grant, now=now(), by=by(request))
        write_entry(request, "staff.role_ended", grant, data={"role": grant.role})
        return
    _refuse_oneself_and_beyond(request, reach, user)
    if asked == "reset":
        second_factor.forget(user)
        end_sessions(user)
        write_entry(request, "staff.second_factor_reset", user)
    elif asked == "close":
        close_account(user)
        end_sessions(user)
        write_entry(request, "staff.sent_away", user)
    elif asked == "open":
        User.objects.filter(pk=user.pk).update(is_active=True)
        write_entry(request, "staff.let_back", user)


def _refuse_oneself_and_beyond(request: HttpRequest, reach: Reach, user: User) -> None:
    """An account is changed as a whole only by whoever reaches all of its roles."""
    if user.pk == request.user.pk:
        raise Refused("staff.not_yourself")
    rows = StaffGrant.objects.filter(user=user, ended_at__isnull=True)
    for row in rows:
        held = Granted(StaffRole(row.role), row.organisation_id, row.site_id, row.merchant_id)
        if not reach.covers(held):
            raise Refused("staff.beyond_reach")


def end_sessions(user: User) -> None:
    """End every session of `user`, wherever it is open."""
    for session in Session.objects.all():
        if str(session.get_decoded().get("_auth_user_id", "")) == str(user.pk):
            session.delete()
