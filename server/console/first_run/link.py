"""The one link of the first run: printed once, used once, by one browser.

Rules
- The token is in the link alone; the database has its hash, and no longer once it was claimed.
- Whoever claims it gets a cookie; only that browser goes on. A link printed later, when claimed,
  ends the earlier browser's turn: so whoever can read the server's terminal always wins.
- With the set-up the turn is over: the last page may be read for a while, then the cookie is void.
- A link is made while the set-up is unfinished or nobody can sign in; afterwards there is none.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from domain.errors import Refused
from domain.ids import RandomBytes
from server.console.models import FirstRun
from server.organisations.models import Organisation
from server.runtime import Secrets

LINK_VALID_FOR = timedelta(hours=1)
CLAIM_VALID_FOR = timedelta(hours=24)
READ_FOR = timedelta(minutes=15)
"""How long the last page may be read after the set-up is finished."""
COOKIE = "fanpiao_first_run"
PATH = "/console/first-run/"
TOKEN_BYTES = 24


def make_link(*, now: datetime, random: RandomBytes, secrets: Secrets) -> str | None:
    """Return the path of a new link, which replaces any before; None when none is needed."""
    with transaction.atomic():
        run = FirstRun.objects.select_for_update().filter(id=1).first()
        if run is None:
            run = _new_run(now)
        if run is None or not is_needed(run):
            return None
        token = random(TOKEN_BYTES).hex()
        run.token_hash = _hash(secrets, token)
        run.made_at, run.expires_at = now, max(run.expires_at, now + LINK_VALID_FOR)
        run.save()
    return f"{PATH}{token}/"


def is_needed(run: FirstRun) -> bool:
    """Whether the set-up is unfinished, or nobody can sign in."""
    return run.finished_at is None or not has_administrator()


def has_administrator() -> bool:
    """Whether anybody can sign in here."""
    return User.objects.filter(is_active=True, is_staff=True).exists()


def check_token(token: str, *, now: datetime, secrets: Secrets) -> None:
    """Raise `Refused` ("first_run.…") unless this link may be claimed now."""
    run = FirstRun.objects.filter(id=1).first()
    _check(run, token, now, secrets)


def claim(token: str, *, now: datetime, random: RandomBytes, secrets: Secrets) -> str:
    """Use the link up; return what the browser's cookie holds from now on."""
    with transaction.atomic():
        run = _check(FirstRun.objects.select_for_update().filter(id=1).first(), token, now, secrets)
        ticket = random(TOKEN_BYTES).hex()
        run.claim_hash, run.token_hash = _hash(secrets, ticket), b""
        run.expires_at = now + CLAIM_VALID_FOR
        run.save()
    return ticket


def finish(run: FirstRun, *, now: datetime) -> None:
    """The set-up is done: the browser that did it may read the last page, and no more for long."""
    run.finished_at = now
    run.expires_at = min(run.expires_at, now + READ_FOR)


def claimed_run(request: HttpRequest, *, now: datetime, secrets: Secrets) -> FirstRun:
    """Return the run that this browser claimed; raises `Refused` for every other browser."""
    run = FirstRun.objects.filter(id=1).first()
    ticket = request.COOKIES.get(COOKIE, "")
    if run is None or not run.claim_hash or not ticket:
        raise Refused("first_run.not_yours")
    if not hmac.compare_digest(bytes(run.claim_hash), _hash(secrets, ticket)):
        raise Refused("first_run.not_yours")
    if now >= run.expires_at:
        raise Refused("first_run.expired")
    return run


def keep_cookie(
    request: HttpRequest,
    response: HttpResponse,
    name: str,
    value: str,
    valid_for: timedelta = CLAIM_VALID_FOR,
) -> None:
    """Give the browser a cookie that only the first run's pages see."""
    response.set_cookie(
        name, value, max_age=int(valid_for.total_seconds()), path=PATH,
        httponly=True, samesite="Lax", secure=request.is_secure(),
    )  # fmt: skip


def _check(run: FirstRun | None, token: str, now: datetime, secrets: Secrets) -> FirstRun:
    if run is None or not is_needed(run):
        raise Refused("first_run.done")
    held = bytes(run.token_hash)
    if not held or not hmac.compare_digest(held, _hash(secrets, token)):
        raise Refused("first_run.used")
    if now >= run.expires_at:
        raise Refused("first_run.expired")
    return run


def _new_run(now: datetime) -> FirstRun | None:
    """A run for an empty database, or for one that nobody can sign in to."""
    organisation = Organisation.objects.order_by("created_at").first()
    if organisation is None and not User.objects.exists():
        return FirstRun(id=1, made_at=now, expires_at=now)
    if organisation is not None and not has_administrator():
        return FirstRun(
            id=1, made_at=now, expires_at=now, organisation=organisation, finished_at=now
        )
    return None


def _hash(secrets: Secrets, text: str) -> bytes:
    return hmac.new(secrets.key("first run"), text.encode(), hashlib.sha256).digest()
