"""The reader's own account: password, second step, recovery codes."""

from django.contrib import messages
from django.contrib.auth import password_validation, update_session_auth_hash
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from server.console.audit import write_entry
from server.console.models import RecoveryCode
from server.console.page import SETTINGS, page
from server.console.render import render
from server.console.roles import EVERYBODY, Reach
from server.console.signing_in import second_factor
from server.console.signing_in.password import check_present_password
from server.organisations.pages import now, random, secrets


@page("me/", title=_("My account"), section=SETTINGS, roles=EVERYBODY, is_in_menu=False,
      is_one_change=False)  # fmt: skip
@sensitive_post_parameters("password", "new_password")
def my_account(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Show what the reader can do here; change the password or the recovery codes."""
    user = request.user
    assert isinstance(user, User)
    if request.method == "POST":
        check_present_password(request, user, request.POST.get("password", ""))
        if "renew" in request.POST:
            with transaction.atomic():
                codes = second_factor.renew_codes(user, now=now(), random=random, secrets=secrets())
                write_entry(request, "staff.recovery_codes_renewed")
            return render(request, "console/recovery_codes.html", {"codes": codes, "next": "."})
        return _change_password(request, user)
    left = RecoveryCode.objects.filter(factor__user=user, used_at__isnull=True).count()
    return render(request, "console/my_account.html", {"codes_left": left})


def _change_password(request: HttpRequest, user: User) -> HttpResponse:
    wanted = request.POST.get("new_password", "")
    try:
        password_validation.validate_password(wanted, user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("console:my_account")
    user.set_password(wanted)
    with transaction.atomic():
        user.save(update_fields=["password"])
        write_entry(request, "staff.password_changed", user)
    update_session_auth_hash(request, user)
    messages.success(request, _("The password is changed; other sessions of yours are ended."))
    return redirect("console:my_account")
