"""Bind a device to a terminal by a code, and give it what it needs to sell.

Rules
- The proof shows that the device holds the private half of the key it presents.
- A code works once. The same device asking again with the same code and key gets the same
  terminal again, since its first answer may have been lost on the way.
- A device that replaces another retires the old key, and is refused while the old device last
  reported records waiting, unless the code was made for that.
"""

from datetime import datetime

from django.db import transaction

from domain.errors import Refused
from domain.ids import RandomBytes
from domain.wallet_code import key_id_of
from server.feed.models import Sequence
from server.fleet.activation_codes import hash_code
from server.fleet.data_keys import LEASE, read_data_key, replace_data_key
from server.fleet.models import (
    ActivationCode,
    Binding,
    KeyState,
    Terminal,
    TerminalKey,
    TerminalState,
)
from server.fleet.register_terminal import open_binding
from server.fresh import fresh_id
from server.runtime import Secrets
from sync import signing
from sync.messages import ActivationAnswer, ActivationRequest

PUBLIC_KEY_LENGTH = 32


def activate_terminal(
    request: ActivationRequest, *, now: datetime, random: RandomBytes, secrets: Secrets
) -> ActivationAnswer:
    """Activate; raises `Refused` ("activation.…", "terminals.queue_not_empty")."""
    _check_proof(request)
    with transaction.atomic():
        code = _locked_code(request.code, secrets)
        terminal = Terminal.objects.select_for_update().get(
            id=code.terminal_id, organisation_id=code.organisation_id
        )
        if not _is_repeat(code, terminal, request):
            _check_code(code, terminal, now)
            _bind_key(terminal, request, now=now, random=random)
            _reopen_binding(terminal, now=now, random=random)
            replace_data_key(terminal, now=now, random=random, secrets=secrets)
            code.used_at = now
            code.save(update_fields=["used_at"])
        return answer_of(terminal, key_id_of(request.public_key), now=now, secrets=secrets)


def answer_of(
    terminal: Terminal, key_id: str, *, now: datetime, secrets: Secrets
) -> ActivationAnswer:
    """Return everything that binds the device, as it stands."""
    data_key = read_data_key(terminal.organisation_id, terminal.id, secrets)
    assert data_key is not None, "an activated terminal has a data key"
    store = terminal.store
    return ActivationAnswer(
        terminal_id=terminal.id,
        key_id=key_id,
        organisation_id=terminal.organisation_id,
        site_id=store.site_id,
        merchant_id=terminal.merchant_id,
        store_id=store.id,
        binding_version=terminal.binding_version,
        merchant_name=terminal.merchant.name,
        store_name=store.name,
        terminal_name=terminal.name,
        currency=store.currency,
        zone=store.zone,
        day_cut_off=store.day_cut_off,
        profile=terminal.profile,
        data_key=data_key[1],
        data_key_id=data_key[0],
        card_key=secrets.card_key(terminal.organisation_id),
        lease_days=LEASE.days,
        epoch=present_epoch(),
        server_at=now,
    )


def present_epoch() -> str:
    """Return the name of the feed's present run of numbers; empty before its first step."""
    row = Sequence.objects.first()
    return "" if row is None else row.epoch


def _check_proof(request: ActivationRequest) -> None:
    message = signing.activation_bytes(request.code, request.public_key)
    is_key = len(request.public_key) == PUBLIC_KEY_LENGTH
    if not is_key or not signing.verify(request.public_key, message, request.proof):
        raise Refused("activation.bad_proof")


def _locked_code(text: str, secrets: Secrets) -> ActivationCode:
    # The code is the credential that finds the organisation, so it is not known before
    codes = ActivationCode.objects.select_for_update()
    code = codes.filter(code_hash=hash_code(secrets, text)).first()
    if code is None:
        raise Refused("activation.unknown_code")
    return code


def _is_repeat(code: ActivationCode, terminal: Terminal, request: ActivationRequest) -> bool:
    if code.used_at is None:
        return False
    return TerminalKey.objects.filter(
        organisation_id=terminal.organisation_id,
        terminal=terminal,
        public_key=request.public_key,
        state=KeyState.ACTIVE,
        active_from=code.used_at,
    ).exists()


def _check_code(code: ActivationCode, terminal: Terminal, now: datetime) -> None:
    if code.used_at is not None:
        raise Refused("activation.used_code")
    if now >= code.expires_at:
        raise Refused("activation.expired_code")
    is_replacing = terminal.state == TerminalState.ACTIVE
    if is_replacing and terminal.waiting_count and not code.is_forced:
        raise Refused("terminals.queue_not_empty", count=terminal.waiting_count)


def _bind_key(
    terminal: Terminal, request: ActivationRequest, *, now: datetime, random: RandomBytes
) -> None:
    keys = TerminalKey.objects.filter(organisation_id=terminal.organisation_id, terminal=terminal)
    if keys.filter(public_key=request.public_key).exists():
        raise Refused("activation.bad_proof")
    keys.filter(state=KeyState.ACTIVE).update(state=KeyState.RETIRED, retired_at=now)
    TerminalKey.objects.create(
        id=fresh_id(now, random),
        organisation_id=terminal.organisation_id,
        terminal=terminal,
        key_id=key_id_of(request.public_key),
        public_key=request.public_key,
        active_from=now,
    )
    _reset(terminal, request)


def _reopen_binding(terminal: Terminal, *, now: datetime, random: RandomBytes) -> None:
    """A terminal that was retired has no open binding: it starts under the next version."""
    is_bound = Binding.objects.filter(
        organisation_id=terminal.organisation_id, terminal=terminal, to_at__isnull=True
    ).exists()
    if not is_bound:
        open_binding(terminal, now=now, random=random)


def _reset(terminal: Terminal, request: ActivationRequest) -> None:
    """A new device has reported nothing yet; what the old one reported is in its own journals."""
    terminal.state = TerminalState.ACTIVE
    terminal.revoked_at = None
    terminal.serial = request.serial[:64]
    terminal.software = request.software[:64]
    terminal.journal = None
    terminal.head_sequence = 0
    terminal.head_hash = b""
    terminal.acknowledged_sequence = 0
    terminal.waiting_count = 0
    terminal.waiting_amount = 0
    terminal.cursor = 0
    terminal.epoch = ""
    terminal.devices = []
    terminal.save()
