"""The checks behind `fanpiao doctor`: each looks at one thing and says what it found.

A check never changes anything, never opens a device that a running counter holds, and never raises:
what goes wrong while looking is what it found.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import getpass
import importlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from pathlib import Path

import kiosk_profiles.load
from fanpiao.findings import Finding
from kiosk_profiles.mistakes import Mistake
from kiosk_profiles.schema import Profile

# Below this the counter's journal may meet a full disk in the middle of a lunch.
DISK_LEAST_MB = 500
DISK_COMFORTABLE_MB = 2_000
# This version was written after it; a clock before it has lost its battery.
NOT_BEFORE = dt.date(2026, 1, 1)
CLOCK_DIFFERENCE_MAX_S = 30
SERVER_TIMEOUT_S = 3.0
TOOL_TIMEOUT_S = 10.0
GLYPHS = "饭票￥"
QT_PINNED = "6.11.3"

SHARED_LIBRARIES = ("libzbar.so.0", "libpcsclite.so.1", "libEGL.so.1", "libGL.so.1")
MODULES = (
    "cv2", "dlib", "onnxruntime", "zxingcpp", "pyzbar.pyzbar", "serial", "smartcard.System",
    "escpos.escpos", "nacl.signing", "django", "psycopg", "msgspec",
)  # fmt: skip


def python() -> Finding:
    """Look at this interpreter's version."""
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding(
        "python", "ok" if fits else "wrong", f"python.{'ok' if fits else 'unsupported'}",
        {"version": version},
    )  # fmt: skip


def disk(folder: Path) -> Finding:
    """Look at the space left where the journal and the books are kept."""
    while not folder.exists():
        folder = folder.parent
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    data: dict[str, str | int] = {
        "path": str(folder),
        "free_mb": free_mb,
        "least_mb": DISK_LEAST_MB,
    }
    if free_mb < DISK_LEAST_MB:
        return Finding("disk", "wrong", "disk.full", data)
    if free_mb < DISK_COMFORTABLE_MB:
        return Finding("disk", "warning", "disk.low", data)
    return Finding("disk", "ok", "disk.ok", data)


def clock(today: dt.date) -> Finding:
    """Look whether the date is possible and the clock kept by somebody."""
    if today < NOT_BEFORE:
        return Finding("clock", "wrong", "clock.impossible", {"today": today.isoformat()})
    if Path("/run/systemd/timesync/synchronized").exists():
        return Finding("clock", "ok", "clock.ok")
    answer = _output("timedatectl", "show", "--property", "NTPSynchronized", "--value")
    match (answer or "").strip():
        case "yes":
            return Finding("clock", "ok", "clock.ok")
        case "no":
            return Finding("clock", "warning", "clock.unsynchronised")
        case _:
            return Finding("clock", "warning", "clock.unsure")


def fonts() -> Finding:
    """Look for a font that has every glyph the counter cannot do without."""
    charset = " ".join(f"{ord(glyph):x}" for glyph in GLYPHS)
    answer = _output("fc-list", f":charset={charset}", "family")
    if answer is None:
        return Finding("fonts", "warning", "fonts.unsure")
    families = sorted(line.split(",")[0].strip() for line in answer.splitlines() if line.strip())
    if not families:
        return Finding("fonts", "wrong", "fonts.missing")
    return Finding("fonts", "ok", "fonts.ok", {"font": families[0]})


def libraries() -> Finding:
    """Load every shared library and module that a counter or server uses."""
    missing = [name for name in SHARED_LIBRARIES if not _loads(name)]
    missing += [name for name in MODULES if not _imports(name)]
    if missing:
        return Finding("libraries", "wrong", "library.missing", {"names": ", ".join(missing)})
    return Finding("libraries", "ok", "library.ok", {"count": len(SHARED_LIBRARIES + MODULES)})


def qt() -> Finding:
    """Look whether Qt is the pinned one: others lose reference counts on Python 3.11."""
    try:
        version = importlib.metadata.version("PySide6-Essentials")
    except importlib.metadata.PackageNotFoundError:
        return Finding("qt", "wrong", "library.missing", {"names": "PySide6-Essentials"})
    data: dict[str, str | int] = {"version": version, "pinned": QT_PINNED}
    if version != QT_PINNED:
        return Finding("qt", "wrong", "qt.other", data)
    return Finding("qt", "ok", "qt.ok", data)


def data() -> Finding:
    """Look whether the face model and the sample photographs of the set-up are there."""
    from fanpiao.fetch_data import MODEL, PHOTOGRAPHS, ROOT

    wanted = [MODEL, *(ROOT / "var/data" / place for place in PHOTOGRAPHS.values())]
    missing = [str(path.relative_to(ROOT)) for path in wanted if not path.exists()]
    if missing:
        return Finding("data", "wrong", "data.missing", {"names": ", ".join(missing)})
    return Finding("data", "ok", "data.ok")


def serial_ports() -> Finding:
    """Look which serial ports are plugged in, and whether this user may open them."""
    from serial.tools import list_ports

    ports = [port.device for port in list_ports.comports() if port.hwid != "n/a"]
    return _devices("serial", ports, "ports")


def cameras() -> Finding:
    """Look which cameras are plugged in, and whether this user may open them."""
    from devices.transport import video

    return _devices("camera", [node.path for node in video.plugged_in()], "paths")


def pcsc(*, is_needed: bool) -> Finding:
    """Look whether the card service runs and sees a reader; `is_needed` by the profile."""
    try:
        from smartcard.System import readers

        names = [str(reader) for reader in readers()]
    except Exception:  # pyscard has no error of its own that all its failures share
        return Finding("pcsc", "wrong" if is_needed else "warning", "pcsc.stopped")
    if not names:
        return Finding("pcsc", "wrong" if is_needed else "warning", "pcsc.no_reader")
    return Finding("pcsc", "ok", "pcsc.ok", {"readers": ", ".join(names)})


def profile(name_or_path: str) -> tuple[Profile | None, list[Finding]]:
    """Read a profile and look whether the devices it names by path are there."""
    try:
        found = kiosk_profiles.load.load(name_or_path)
    except kiosk_profiles.load.ProfileInvalid as error:
        return None, [
            Finding("profile", "wrong", "profile.invalid", _said(mistake))
            for mistake in error.mistakes
        ]
    missing = [
        Finding(
            "profile", "wrong", "profile.device_missing",
            {"name": found.name, "device": device, "path": path},
        )
        for device, path in _paths_named_by(found)
        if not Path(path).exists()
    ]  # fmt: skip
    return found, missing or [Finding("profile", "ok", "profile.ok", {"name": found.name})]


def server(url: str, now: dt.datetime) -> list[Finding]:
    """Ask the server whether it is well, and compare its clock with this one."""
    import httpx

    started = time.monotonic()
    try:
        answer = httpx.get(f"{url.rstrip('/')}/v1/health", timeout=SERVER_TIMEOUT_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return [_server_finding("wrong", "server.silent", url, why=type(error).__name__)]
    took_ms = round((time.monotonic() - started) * 1000)
    if answer.status_code != httpx.codes.OK:
        return [_server_finding("wrong", "server.strange", url, status=answer.status_code)]
    return [
        _server_finding("ok", "server.ok", url, took_ms=took_ms),
        *_difference(answer.headers.get("date"), now),
    ]


def _server_finding(state: str, code: str, url: str, **data: str | int) -> Finding:
    assert state in ("ok", "wrong")
    return Finding("server", "ok" if state == "ok" else "wrong", code, {"url": url, **data})


def _difference(date: str | None, now: dt.datetime) -> Iterable[Finding]:
    try:
        seconds = round(abs((parsedate_to_datetime(date or "") - now).total_seconds()))
    except (TypeError, ValueError):
        return
    if seconds > CLOCK_DIFFERENCE_MAX_S:
        yield Finding("clock", "wrong", "clock.differs", {"seconds": seconds})


def _paths_named_by(found: Profile) -> Iterable[tuple[str, str]]:
    for device in found.devices:
        for value in device.settings.values():
            path = str(value).removeprefix("file:")
            if path.startswith("/dev/"):
                yield device.name, path


def _said(mistake: Mistake) -> dict[str, str | int]:
    return {"zh": mistake.sentence("zh"), "en": mistake.sentence("en")}


def _devices(check: str, paths: list[str], word: str) -> Finding:
    if not paths:
        return Finding(check, "ok", f"{check}.none")
    closed = [path for path in paths if not os.access(path, os.R_OK | os.W_OK)]
    if closed:
        data: dict[str, str | int] = {word: ", ".join(closed), "user": getpass.getuser()}
        return Finding(check, "wrong", f"{check}.forbidden", data)
    return Finding(check, "ok", f"{check}.ok", {word: ", ".join(paths)})


def _output(*command: str) -> str | None:
    """Return what a tool of the system says, None when it is not there or fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TOOL_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _imports(module: str) -> bool:
    try:
        importlib.import_module(module)
    except Exception:  # a broken binary module may raise anything at import
        return False
    return True
