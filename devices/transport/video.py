"""Capture devices of the kernel (V4L2): which there are, and the controls that OpenCV lacks.

A camera shows as several nodes of which one captures; the others carry its metadata and give no
picture. Controls are set through a second handle, which V4L2 allows beside the one that streams.
Numbers are those of linux/videodev2.h and linux/v4l2-controls.h.
"""

import fcntl
import os
import struct
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

_LISTING: Final = Path("/sys/class/video4linux")
_BY_PATH: Final = Path("/dev/v4l/by-path")
_CAPABILITY: Final = struct.Struct("=16s32s32sIII12x")
_CONTROL: Final = struct.Struct("=Ii")
_QUERY: Final = 0x80685600
"""VIDIOC_QUERYCAP."""
_GET, _SET = 0xC008561B, 0xC008561C
"""VIDIOC_G_CTRL, VIDIOC_S_CTRL."""
_HAS_OWN_CAPS: Final = 0x80000000
_CAPTURES: Final = 0x00000001


class Control(IntEnum):
    """The controls a counter sets."""

    MAINS = 0x00980918
    EXPOSURE_MODE = 0x009A0901
    EXPOSURE = 0x009A0902


class Mains(IntEnum):
    """What flickers in the lamps."""

    HZ_50 = 1
    HZ_60 = 2


class ExposureMode(IntEnum):
    """Who decides how long a frame is exposed."""

    MANUAL = 1
    APERTURE_PRIORITY = 3


@dataclass(frozen=True, slots=True)
class Node:
    """A node that captures: its stable path where the system makes one, and its name."""

    path: str
    name: str


def plugged_in(listing: Path = _LISTING, by_path: Path = _BY_PATH) -> tuple[Node, ...]:
    """The capture nodes of this machine, metadata nodes left out; nothing is opened."""
    stable = {os.path.realpath(link): str(link) for link in sorted(by_path.glob("*-index0"))}
    nodes = []
    for entry in sorted(listing.glob("video*")):
        if _said(entry / "index") != "0":
            continue
        device = f"/dev/{entry.name}"
        nodes.append(Node(stable.get(device, device), _said(entry / "name")))
    return tuple(nodes)


def captures(path: str) -> bool:
    """Whether the node at `path` gives pictures; True for what is no V4L2 node at all.

    OSError when it cannot be opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        answer = fcntl.ioctl(descriptor, _QUERY, bytes(_CAPABILITY.size))
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return capture_bit(answer)


def capture_bit(capability: bytes) -> bool:
    """Read a ``struct v4l2_capability``: the node's own abilities, or its device's."""
    *_, device_wide, own = _CAPABILITY.unpack(capability)
    return bool((own if device_wide & _HAS_OWN_CAPS else device_wide) & _CAPTURES)


class Controls:
    """The controls of one node; a control that the camera lacks is no mistake."""

    def __init__(self, path: str) -> None:
        self._path = path

    def get(self, control: Control) -> int | None:
        """Return its value, None when the camera lacks it or is away."""
        answer = self._asked(_GET, _CONTROL.pack(control, 0))
        return None if answer is None else int(_CONTROL.unpack(answer)[1])

    def set(self, control: Control, value: int) -> bool:
        """Set it; False when the camera lacks it, refuses the value, or is away."""
        return self._asked(_SET, _CONTROL.pack(control, value)) is not None

    def _asked(self, request: int, data: bytes) -> bytes | None:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return fcntl.ioctl(descriptor, request, data)
        except OSError:
            return None
        finally:
            os.close(descriptor)


def _said(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
