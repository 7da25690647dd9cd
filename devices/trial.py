"""Tries each device of a profile: by itself for doctor, with a person for a counter's first start.

`look` opens a device, asks it once and lets go. `PROOFS` says what a person does to prove that it
works ("scan anything") and which event of a running counter is the proof.
"""

import contextlib
import os
from dataclasses import dataclass
from typing import Final

from devices import ports, registry
from devices.ports import DeviceEntry, DeviceLost
from devices.transport import video
from domain.messages import Language, text


@dataclass(frozen=True, slots=True)
class Proof:
    """What to ask a person for, by code, and the events any of which is the proof."""

    ask: str
    events: tuple[type, ...] = ()

    def is_given_by(self, entry: DeviceEntry, event: object) -> bool:
        """Whether this event came from that device and proves it."""
        source = getattr(event, "source", getattr(event, "reader", ""))
        return isinstance(event, self.events) and source == entry.name


PROOFS: Final[dict[str, Proof]] = {
    "scanner": Proof("trials.scan", (ports.CodeScanned,)),
    "card_reader": Proof("trials.tap", (ports.CardPresented,)),
    "camera": Proof("trials.look", (ports.FaceObserved, ports.CodeScanned)),
    "keypad": Proof("trials.press", (ports.Keyed,)),
    "trigger": Proof("trials.press", (ports.TriggerPressed,)),
    "scale": Proof("trials.weigh", (ports.WeightRead,)),
    # Paper, a drawer and a tone are seen and heard by the person alone
    "printer": Proof("trials.print"),
    "drawer": Proof("trials.open"),
    "speaker": Proof("trials.listen"),
}
"""By kind; a person confirms what has no event."""


def trial_receipt(language: Language) -> ports.Receipt:
    """Return what a printer is tried with: letters of both scripts, an amount, and a code."""
    line = ports.PrintLine("饭票 Fanpiao", "￥12.00", scale=2)
    return ports.Receipt(text("trials.receipt", {}, language), (line,), code="FANPIAO")


def look(entry: DeviceEntry, now: float) -> tuple[str, str]:
    """Open the device of an entry, ask it once, let go: ("", "") when well, else code and detail.

    Something that another program holds answers `devices.busy`; nothing is taken from a counter.
    """
    try:
        match entry.kind:
            case "camera":
                _look_at_camera(entry)
            case "printer" | "drawer":
                return _look_at_printer(entry, now)
            case _:
                _look_at_supervised(entry, now)
    except DeviceLost as lost:
        return lost.code, lost.detail
    except ValueError as mistake:
        return "devices.settings", str(mistake)
    return "", ""


def _look_at_supervised(entry: DeviceEntry, now: float) -> None:
    device = registry.make_device(entry)
    try:
        device.open(now)
        for _ in device.step(now):
            continue
    finally:
        with contextlib.suppress(Exception):
            device.close()


def _look_at_printer(entry: DeviceEntry, now: float) -> tuple[str, str]:
    if entry.driver == "simulated":
        return "", ""
    printer = registry.make_printer(entry)
    try:
        printer.open(now)
        state = printer.state()
    finally:
        printer.close()
    troubles = {
        ports.PrinterState.PAPER_OUT: "printers.no_paper",
        ports.PrinterState.COVER_OPEN: "printers.cover_open",
        ports.PrinterState.PAPER_LOW: "printers.paper_low",
    }
    return troubles.get(state, ""), entry.name if state in troubles else ""


def _look_at_camera(entry: DeviceEntry) -> None:
    registry.make_camera(entry)
    if entry.driver == "device":
        _look_at_node(str(entry.settings["path"]))
    elif entry.driver == "pair" and entry.settings.get("of", "device") == "device":
        for half in ("path", "infrared"):
            _look_at_node(str(entry.settings[half]))


def _look_at_node(path: str) -> None:
    if not os.path.exists(path):
        raise DeviceLost("devices.absent", path)
    if not os.access(path, os.R_OK | os.W_OK):
        raise DeviceLost("devices.no_permission", path)
    try:
        is_capture = video.captures(path)
    except OSError as error:
        raise DeviceLost("devices.busy", path) from error
    if not is_capture:
        raise DeviceLost("cameras.no_capture", path)
