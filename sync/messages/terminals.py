"""How a terminal is bound, tells its health, and is told what went wrong."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from sync.messages.sale import Stamp
from sync.messages.wire import Message

LINK_LENGTH_MAX = 512
"""A code read from paper is no longer; whatever is, is not ours."""
_SCHEME = "fanpiao"


@dataclass(frozen=True, slots=True)
class ActivationLink:
    """Where a new terminal finds its server, and the code it shows there."""

    server: str
    code: str = field(repr=False)


def activation_link(server: str, code: str) -> str:
    """What an activation QR says: `fanpiao:activate?server=…&code=…`."""
    return f"{_SCHEME}:activate?{urlencode({'server': server, 'code': code})}"


def read_activation_link(text: str) -> ActivationLink | None:
    """Read what `activation_link` made; None for any other text, however like one it looks."""
    if len(text) > LINK_LENGTH_MAX:
        return None
    try:
        parts = urlsplit(text.strip())
        fields = parse_qs(parts.query, strict_parsing=True, max_num_fields=8)
        server, code = fields["server"][0], fields["code"][0]
        address = urlsplit(server)
    except (ValueError, KeyError):
        return None
    is_ours = parts.scheme == _SCHEME and parts.path == "activate" and bool(code.strip())
    if not is_ours or address.scheme not in ("http", "https") or not address.hostname:
        return None
    return ActivationLink(server.rstrip("/"), code.strip())


class ActivationRequest(Message, frozen=True, kw_only=True):
    """`POST /v1/activate`, unsigned; `proof` is the new key over `signing.activation_bytes`."""

    code: str
    public_key: bytes
    proof: bytes
    serial: str
    software: str


class ActivationAnswer(Message, frozen=True, kw_only=True):
    """What binds this device to a store. `data_key` (32 bytes) seals templates on its disk."""

    terminal_id: UUID
    key_id: str
    organisation_id: UUID
    site_id: UUID
    merchant_id: UUID
    store_id: UUID
    binding_version: int
    merchant_name: str
    store_name: str
    terminal_name: str
    currency: str
    zone: str
    day_cut_off: str
    profile: str
    data_key: bytes
    data_key_id: str
    card_key: bytes
    lease_days: int
    epoch: str
    server_at: datetime


class DeviceReport(Message, frozen=True, kw_only=True):
    """Health of one device, as shown in kiosk and console."""

    name: str
    kind: str
    state: str
    code: str = ""


class Heartbeat(Message, frozen=True, kw_only=True):
    """`POST /v1/heartbeat`, every 15 s ± jitter."""

    journal_id: UUID
    head_sequence: int
    head_hash: bytes
    acknowledged_sequence: int
    waiting_count: int
    waiting_amount: int
    epoch: str
    cursor: int
    stamp: Stamp
    software: str
    shift_id: UUID | None = None
    devices: tuple[DeviceReport, ...] = ()


class HeartbeatAnswer(Message, frozen=True, kw_only=True):
    """`state` is active, retired or revoked; the heads are the server's for this terminal.

    A `binding_version` other than the counter's own: it was moved, `GET /v1/binding` says where.
    `shows_codes`: a channel takes payers who scan what the counter shows them. `code` is why the
    counter sells nothing, though it is active: its merchant is closed, or suspended.
    """

    state: str
    epoch: str
    server_at: datetime
    head_journal_id: UUID | None = None
    head_sequence: int = 0
    head_hash: bytes = b""
    lease_until: datetime | None = None
    code: str = ""
    binding_version: int = 0
    shows_codes: bool = False


class Failure(Message, frozen=True, kw_only=True):
    """The body of every answer that is not a 2xx: what, where and what to do."""

    code: str
    data: dict[str, Any] = {}
    text_zh: str = ""
    text_en: str = ""
    retry_after_ms: int = 0
    server_at: datetime | None = None
