"""Changes to a channel's account, each with its entry in the log and never a secret in it.

Rules
- What touches real money is asked back: the account's name is typed again.
- An account that was ever used keeps its environment: play money and real money do not meet in
  one account of the books. The other environment gets an account of its own.
- A production account begins switched off, and is switched on only when it opens.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as now_text

from domain.errors import Refused
from server.channels.add_account import add_account, set_secrets
from server.channels.models import ChannelAccount, Environment
from server.console.audit import changing, write_entry
from server.console.channel_desk import settings_of, working_desk
from server.fresh import fresh_id
from server.organisations.models import Organisation
from server.organisations.pages import now, random, secrets
from server.payments.models import Attempt

TEXT_LIMIT = 20_000
"""A chain of certificates is some kilobytes."""
_CHECK_HOST = URLValidator(schemes=("http", "https"))


def add(request: HttpRequest, organisation: Organisation) -> ChannelAccount:
    """Add an account; raises `Refused` for a name that is none or is taken."""
    provider, name = _typed(request, "provider"), _typed(request, "name")
    environment = _typed(request, "environment")
    if provider not in working_desk().accounts.providers or environment not in Environment.values:
        raise Refused("channels.unknown_provider", provider=provider[:16])
    if not _is_name(name or provider):
        raise Refused("channels.bad_name")
    taken = ChannelAccount.objects.filter(organisation=organisation, name=name or provider)
    if taken.exists():
        raise Refused("channels.name_taken", name=name or provider)
    at = now()
    row = add_account(
        organisation.id, fresh_id(at, random), provider, now=at, name=name,
        environment=Environment(environment),
    )  # fmt: skip
    if environment == Environment.PRODUCTION:
        row.is_enabled = False
        row.save(update_fields=["is_enabled"])
    data = {"provider": provider, "environment": environment}
    write_entry(request, "channels.added", row, data=data)
    return row


def change(request: HttpRequest, row: ChannelAccount) -> None:
    """Do what the button says."""
    asked = _typed(request, "do")
    if asked == "save":
        _confirmed(request, row, _typed(request, "environment") or row.environment)
        _save(request, row)
    elif asked in ("enable", "disable"):
        _confirmed(request, row, row.environment)
        _switch(request, row, is_enabled=asked == "enable")
    else:
        return
    messages.success(request, now_text("Saved."))


def is_switchable(row: ChannelAccount) -> bool:
    """Whether its environment may still change: nothing was ever sent through it."""
    return not Attempt.objects.filter(
        organisation=row.organisation_id, channel=row.name
    ).exists()  # fmt: skip


def _save(request: HttpRequest, row: ChannelAccount) -> None:
    environment, host = _typed(request, "environment") or row.environment, _typed(request, "host")
    if environment not in Environment.values:
        raise Refused("channels.unknown_provider", provider=environment[:16])
    if environment != row.environment and not is_switchable(row):
        raise Refused("channels.environment_used", name=row.name)
    plain, hidden = _settings(request, row)
    with changing(request, "channels.changed", row, reason=_typed(request, "reason")):
        row.environment, row.host = environment, _host(host)
        row.settings = plain
        row.version += 1
        row.changed_at = now()
        row.save(update_fields=["environment", "host", "settings", "version", "changed_at"])
    if hidden:
        with transaction.atomic():
            set_secrets(row, hidden, secrets=secrets(), random=random, now=now())
            write_entry(request, "channels.secrets_set", row, data={"secrets": sorted(hidden)})


def _settings(request: HttpRequest, row: ChannelAccount) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the settings as they shall be, and the secrets that were typed anew."""
    plain, hidden = dict(row.settings), {}
    for one in settings_of(row):
        typed = request.POST.get(f"setting.{one.name}", "").replace("\r\n", "\n").strip()
        if len(typed) > TEXT_LIMIT:
            raise Refused("channels.too_long", name=one.name)
        if one.is_secret:
            if typed:
                hidden[one.name] = typed
        elif typed:
            plain[one.name] = typed
        else:
            plain.pop(one.name, None)
    return plain, hidden


def _switch(request: HttpRequest, row: ChannelAccount, *, is_enabled: bool) -> None:
    reason = _typed(request, "reason")
    if not reason:
        raise Refused("staff.reason_missing")
    wrong = working_desk().setting_error(row) if is_enabled else ""
    if wrong:
        raise Refused("channels.cannot_open", why=wrong)
    action = "channels.enabled" if is_enabled else "channels.disabled"
    with changing(request, action, row, reason=reason):
        row.is_enabled = is_enabled
        row.version += 1
        row.changed_at = now()
        row.save(update_fields=["is_enabled", "version", "changed_at"])


def _confirmed(request: HttpRequest, row: ChannelAccount, environment: str) -> None:
    """Ask back before real money: the name, typed again."""
    is_real = Environment.PRODUCTION in (row.environment, environment)
    if is_real and _typed(request, "confirm") != row.name:
        raise Refused("channels.not_confirmed", name=row.name)


def _host(host: str) -> str:
    if host:
        try:
            _CHECK_HOST(host)
        except ValidationError as wrong:
            raise Refused("channels.bad_host") from wrong
    return host


def _is_name(name: str) -> bool:
    return (
        0 < len(name) <= 32 and name.isascii() and name[0].isalpha() and name == name.lower()
        and name.replace("_", "").replace("-", "").isalnum()
    )  # fmt: skip


def _typed(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name, "")).strip()
