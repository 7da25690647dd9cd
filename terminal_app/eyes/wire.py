"""What parent and child say to each other: MessagePack with a length in front, never a picture."""

import struct
from typing import IO, Any

import msgspec

from devices import ports
from devices.simulated.scene import Scene
from devices.vision.faces.zone import Zone
from devices.vision.formats import PAYMENT_FORMATS

FRAME_BYTES_MAX = 128 * 1024 * 1024
"""A gallery of 100,000 templates in one message, and room."""
ALIVE_S = 0.5
"""How often the child says that it is alive, by a message without a body."""
_LENGTH = struct.Struct(">I")
ALIVE = _LENGTH.pack(0)


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """How the child is set up. `camera` is a profile entry; `formats` the symbologies to read."""

    name: str
    driver: str
    settings: dict[str, Any] = {}
    model: str
    zone: Zone = Zone()
    formats: tuple[ports.Symbology, ...] = PAYMENT_FORMATS
    frame_age_max_s: float = 0.25
    code_gone_s: float = 2.0


class Template(msgspec.Struct, frozen=True):
    """One template; `vector` is 512 bytes."""

    person: str
    vector: bytes


class Arm(msgspec.Struct, frozen=True, tag="arm"):
    """Embed faces in the zone, in frames captured after `after`."""

    after: float


class Disarm(msgspec.Struct, frozen=True, tag="disarm"):
    """Embed nothing."""


class SetGallery(msgspec.Struct, frozen=True, tag="set_gallery"):
    """Replace the gallery."""

    templates: list[Template]


class UpdateGallery(msgspec.Struct, frozen=True, tag="update_gallery"):
    """Add templates and forget persons."""

    added: list[Template]
    removed: list[str]


class Show(msgspec.Struct, frozen=True, tag="show"):
    """Let a simulated camera show a scene from now on."""

    scene: Scene


class Plug(msgspec.Struct, frozen=True, tag="plug"):
    """Unplug a simulated camera, or plug it in again."""

    is_in: bool


Command = Arm | Disarm | SetGallery | UpdateGallery | Show | Plug

EVENTS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        ports.CodeScanned,
        ports.CodeGone,
        ports.FrameSeen,
        ports.FaceObserved,
        ports.ZoneEmpty,
        ports.FaceTrackLost,
        ports.DeviceHealth,
    )
}

_commands = msgspec.msgpack.Decoder(Command)


def encode_command(command: Command) -> bytes:
    """One message for the child."""
    return _framed(msgspec.msgpack.encode(command))


def decode_command(body: bytes) -> Command:
    """Read a message of the parent; raises `msgspec.MsgspecError`."""
    command: Command = _commands.decode(body)
    return command


def encode_event(event: ports.Event) -> bytes:
    """One message for the parent: the event's name and its fields."""
    return _framed(msgspec.msgpack.encode([type(event).__name__, event]))


def decode_event(body: bytes) -> ports.Event:
    """Read a message of the child; raises `msgspec.MsgspecError` or KeyError."""
    name, fields = msgspec.msgpack.decode(body)
    fields.pop("masked_text", None)
    event: ports.Event = msgspec.convert(fields, EVENTS[name], strict=False)
    return event


def read_body(stream: IO[bytes]) -> bytes | None:
    """Read the next message's body; None at the end of the stream or when it is broken."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > FRAME_BYTES_MAX:
        return None
    body = stream.read(length)
    return body if len(body) == length else None


def _framed(body: bytes) -> bytes:
    return _LENGTH.pack(len(body)) + body
