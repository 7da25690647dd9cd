"""Terminals as the server's handlers and renderers know them."""

from server.http import TerminalIdentity
from tests.factories.server_rows import Device


def identity_of(device: Device) -> TerminalIdentity:
    """Return who `device` is once its request is authenticated."""
    answer = device.answer
    return TerminalIdentity(
        terminal_id=answer.terminal_id,
        organisation_id=answer.organisation_id,
        site_id=answer.site_id,
        merchant_id=answer.merchant_id,
        store_id=answer.store_id,
        binding_version=answer.binding_version,
        key_id=answer.key_id,
        public_key=device.key.public_key,
        state="active",
        name=answer.terminal_name,
    )
