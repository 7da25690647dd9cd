"""Bind this device to a terminal of a server by a code; done once, repeatable after a failure."""

import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import httpx

from domain.errors import Refused, Unavailable
from sync import signing
from sync.client import drain_connection, send_drain
from sync.keystore import KeyStore, TerminalSecrets
from sync.messages import ActivationAnswer, ActivationRequest, encode
from sync.server_address import checked_server
from sync.wire import Call, read_reply


def activate_terminal(
    key_store: KeyStore,
    server_url: str,
    code: str,
    *,
    serial: str,
    software: str,
    random: Callable[[int], bytes],
    waiting_count: int = 0,
    tls: ssl.SSLContext | None = None,
) -> TerminalSecrets:
    """Present `code` and a new key, and keep what the server answers.

    The new key is on disk before it is sent: when the answer is lost, trying again with the same
    code presents the same key and gets the same terminal. `Refused`
    ("terminals.queue_not_empty") while records of the present binding wait here;
    "activation.…" as the server says. `Unavailable` ("activation.server_unreachable") when
    there is no answer: a machine that is not bound yet has no offline rules to go on by.
    """
    if "://" in server_url:
        server_url = checked_server(server_url)
    kept = key_store.load() or TerminalSecrets()
    if waiting_count:
        raise Refused("terminals.queue_not_empty", count=waiting_count)
    if not kept.pending_seed:
        kept = replace(kept, pending_seed=signing.TerminalKey.generate(random).seed)
        key_store.save(kept)
    key = signing.TerminalKey(kept.pending_seed)
    request = ActivationRequest(
        code=code,
        public_key=key.public_key,
        proof=key.sign(signing.activation_bytes(code, key.public_key)),
        serial=serial,
        software=software,
    )
    binding = _present(server_url, request, tls)
    activated = TerminalSecrets(
        server_url=server_url,
        seed=kept.pending_seed,
        store_key=kept.store_key,
        binding=binding,
        lease_until=binding.server_at + timedelta(days=binding.lease_days),
        seen_at=binding.server_at,
    )
    key_store.save(activated)
    return activated


def _present(
    server_url: str, request: ActivationRequest, tls: ssl.SSLContext | None
) -> ActivationAnswer:
    headers = {"content-type": "application/json"}
    call = Call("POST", "/v1/activate", encode(request))
    try:
        with drain_connection(server_url, tls) as connection:
            reply = send_drain(connection, call, headers)
    except httpx.InvalidURL as error:
        raise Unavailable("activation.server_unreachable") from error
    except Unavailable as unavailable:
        if unavailable.code in ("server.unreachable", "server.slow"):
            raise Unavailable("activation.server_unreachable") from unavailable
        raise
    return read_reply(ActivationAnswer, reply)
