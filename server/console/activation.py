"""Activation codes for a counter, as the console shows them, with the server's own address."""

import os

from django.http import HttpRequest

from server.fleet.activation_codes import hash_code
from server.fleet.create_activation_code import create_activation_code
from server.fleet.models import ActivationCode, Terminal
from server.organisations.pages import now, random, secrets


def server_address(request: HttpRequest) -> str:
    """Return the address a counter shall use: the stated public one, else the browser's own."""
    stated = os.environ.get("FANPIAO_HTTPS", "")
    return stated.rstrip("/") or request.build_absolute_uri("/").rstrip("/")


def ask_code(terminal: Terminal, shown_before: str, *, by: str) -> str:
    """Return the code shown before while it can still be used, else a new one.

    So that a page loaded again shows the same code, though only its hash is stored.
    """
    at = now()
    if shown_before:
        is_good = ActivationCode.objects.filter(
            organisation_id=terminal.organisation_id, terminal=terminal, used_at__isnull=True,
            code_hash=hash_code(secrets(), shown_before), expires_at__gt=at,
        ).exists()  # fmt: skip
        if is_good:
            return shown_before
    return create_activation_code(terminal, now=at, random=random, secrets=secrets(), created_by=by)
