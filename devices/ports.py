"""The ports of the counter's hardware: protocols that drivers and twins keep, and their events.

Rules every implementation keeps:

- Events are immutable, hold no pictures, and carry the *monotonic capture time* in seconds
  (``time.monotonic()`` of this machine; the same clock in every process on Linux).
- The ``repr`` of an event never shows a code, a card's UID or a person in full.
- Nothing here owns a thread. A device is opened, then ``step(now)`` is called again and again by
  whoever owns its bus; it returns what happened since, and waits no longer than ``STEP_WAIT_S``.
- A device that went away raises :class:`DeviceLost` from ``open`` or ``step``; the supervisor
  closes it, reports :class:`DeviceHealth` and opens it again with bounded backoff.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from devices.events import (
    Assurance,
    Box,
    CardPresented,
    CardRemoved,
    CodeGone,
    CodeScanned,
    DeviceHealth,
    DrawerMoved,
    Event,
    FaceMatch,
    FaceObserved,
    FaceTrackLost,
    Frame,
    FrameSeen,
    HealthState,
    Key,
    Keyed,
    PlateRead,
    Side,
    Symbology,
    TriggerPressed,
    TwoCards,
    Undriven,
    WeightRead,
    ZoneEmpty,
    masked,
)

__all__ = [
    "Assurance",
    "Barrier",
    "Box",
    "Camera",
    "CardPresented",
    "CardReader",
    "CardRemoved",
    "CashDrawer",
    "CodeGone",
    "CodeScanned",
    "Device",
    "DeviceEntry",
    "DeviceHealth",
    "DeviceLost",
    "DeviceSettings",
    "DrawerMoved",
    "Event",
    "Eyes",
    "FaceMatch",
    "FaceObserved",
    "FaceTemplate",
    "FaceTrackLost",
    "Frame",
    "FrameSeen",
    "HealthState",
    "Key",
    "Keyed",
    "Keypad",
    "PlateRead",
    "PlateReader",
    "PrintLine",
    "Printer",
    "PrinterState",
    "Receipt",
    "STEP_WAIT_S",
    "Scale",
    "Scanner",
    "Side",
    "Symbology",
    "Trigger",
    "TriggerPressed",
    "TwoCards",
    "Undriven",
    "WeightRead",
    "ZoneEmpty",
    "masked",
]

STEP_WAIT_S = 0.05
"""The longest a ``step`` waits for its device, so that a bus thread can stop within a tick."""


class DeviceLost(Exception):
    """The device is not there, or stopped answering; opening it again later may help.

    ``code`` is dotted and stable (``devices.lost``); ``detail`` is for technicians and never
    holds what the device read.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


# --- ports ---------------------------------------------------------------------------------------


class Device(Protocol):
    """What the supervisor needs of anything it opens; ``name`` is unique, ``bus`` its thread."""

    name: str
    kind: str
    bus: str

    def open(self, now: float) -> None:
        """Open the device, or raise :class:`DeviceLost`. Opening twice is a defect."""

    def step(self, now: float) -> Iterable[Event]:
        """Wait at most ``STEP_WAIT_S``, return what happened, or raise :class:`DeviceLost`."""

    def close(self) -> None:
        """Let go of everything; safe to call at any time and more than once."""


class Scanner(Device, Protocol):
    """Gives :class:`CodeScanned` and :class:`CodeGone`."""


class CardReader(Device, Protocol):
    """Gives :class:`CardPresented`, :class:`CardRemoved` and :class:`TwoCards`."""


class Scale(Device, Protocol):
    """Gives :class:`WeightRead`."""

    def zero(self) -> None:
        """Ask the scale to zero itself; raise :class:`DeviceLost` when it does not answer."""


class Keypad(Device, Protocol):
    """Gives :class:`Keyed`: numeric keypads, on the cashier's side or the diner's."""


class Trigger(Device, Protocol):
    """Gives :class:`TriggerPressed`: a foot switch, a tray sensor, a gate."""


class PlateReader(Device, Protocol):
    """Gives :class:`PlateRead`."""


class Camera(Protocol):
    """A source of frames: a device by path, a video file, a folder of pictures, or a script."""

    name: str

    def open(self, now: float) -> None:
        """Open the source, or raise :class:`DeviceLost`."""

    def read(self, now: float) -> Frame | None:
        """Return the newest frame, None when there is none yet; :class:`DeviceLost` at its end.

        May block as long as the hardware does: that is why cameras live in the eyes' process.
        """

    def close(self) -> None:
        """Let go of the source; safe to call more than once."""


class PrinterState(StrEnum):
    """What a receipt printer says of itself."""

    READY = "ready"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PrintLine:
    """One line of a receipt: ``left`` and ``right`` texts, ``scale`` 1 (body) to 3 (the amount)."""

    left: str
    right: str = ""
    scale: int = 1
    is_centred: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says, already in the diner's language; amounts are already texts.

    Names must come masked. ``code`` is printed as a QR when not empty.
    """

    title: str
    lines: tuple[PrintLine, ...]
    code: str = field(default="", repr=False)
    footer: str = ""


@runtime_checkable
class Printer(Protocol):
    """Prints receipts; never in the path of a payment (queue it, bound it, offer a reprint)."""

    name: str

    def open(self, now: float) -> None:
        """Open the printer, or raise :class:`DeviceLost`."""

    def print_receipt(self, receipt: Receipt) -> None:
        """Print and cut one receipt, or raise :class:`DeviceLost`."""

    def state(self) -> PrinterState:
        """What the printer reports; ``UNKNOWN`` when it cannot tell."""

    def close(self) -> None:
        """Let go of the printer; safe to call more than once."""


@runtime_checkable
class CashDrawer(Protocol):
    """A drawer that opens on a pulse, mostly wired through the receipt printer."""

    name: str

    def kick(self) -> None:
        """Open the drawer, or raise :class:`DeviceLost`."""


class Barrier(Protocol):
    """A lane's barrier."""

    name: str

    def raise_arm(self) -> None:
        """Let one vehicle pass."""

    def lower_arm(self) -> None:
        """Close the lane."""


# --- the eyes ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FaceTemplate:
    """One template of one person: ``vector`` is 128 float32, little-endian (512 bytes)."""

    person: str
    vector: bytes = field(repr=False)


class Eyes(Protocol):
    """The camera, its codes and its faces, as the counter uses them (a child process, or a twin).

    Only when armed are faces in the pay zone embedded; ``arm`` forgets what was matched before.
    Events come by the same callback as every other device's.
    """

    def arm(self, now: float) -> None:
        """Start embedding faces that are in the zone, for frames captured after ``now``."""

    def disarm(self) -> None:
        """Stop embedding; codes and tracks go on."""

    def set_gallery(self, templates: Iterable[FaceTemplate]) -> None:
        """Replace the whole gallery. Templates stay in memory."""

    def update_gallery(self, *, added: Iterable[FaceTemplate], removed: Iterable[str]) -> None:
        """Add templates and forget persons."""


DeviceSettings = Mapping[str, Any]
"""The free settings of one profile entry; each driver checks its own."""


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """One device of a kiosk profile: ``kind`` is the port, ``driver`` a name in the registry."""

    name: str
    kind: str
    driver: str
    settings: DeviceSettings = field(default_factory=dict)
