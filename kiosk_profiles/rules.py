"""What no single field can say: combinations that would charge the wrong person or cannot work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from kiosk_profiles.lines import line_of
from kiosk_profiles.mistakes import Mistake
from kiosk_profiles.schema import DeviceKind, Profile, Tender

_NEEDED: dict[Tender, DeviceKind] = {"card": "card_reader", "face": "camera"}
_NEEDS_A_CASHIER: tuple[Tender, ...] = ("cash", "on_account")


def broken_rules(profile: Profile, file: str, index: dict[str, int]) -> list[Mistake]:
    """Return one mistake per broken rule, with the line of the field that should change."""
    found = [*_face_rules(profile), *_unattended_rules(profile), *_device_rules(profile)]
    if profile.purpose == "sale" and not profile.tenders:
        found.append(("tenders", "no_tender", "", ", ".join(get_args(Tender))))
    return [
        Mistake(file, line_of(field, index), field, kind, got=got, allowed=allowed)
        for field, kind, got, allowed in found
    ]


Broken = tuple[str, str, str, str]


def _face_rules(profile: Profile) -> Iterator[Broken]:
    takes_faces = "face" in profile.tenders
    if takes_faces and profile.face.mode == "off":
        yield "face.mode", "face_without_mode", "off", "confirm, auto"
    if not takes_faces and profile.face.mode != "off":
        yield "tenders", "face_not_taken", "", "face"
    walk_past = profile.amount.source == "standing" and profile.face.mode == "auto"
    if walk_past and not (profile.face.auto_lane or profile.devices_of("trigger")):
        yield "face.mode", "auto_needs_trigger", "auto", "off, confirm"


def _unattended_rules(profile: Profile) -> Iterator[Broken]:
    if profile.attended:
        return
    if profile.face.mode == "auto":
        yield "face.mode", "unattended_auto", "auto", "off, confirm"
    if profile.face.mode == "confirm" and profile.face.confirm_by != "diner":
        yield "face.confirm_by", "unattended_confirm", profile.face.confirm_by, "diner"
    for tender in profile.tenders:
        if tender in _NEEDS_A_CASHIER:
            yield "tenders", "unattended_tender", tender, ""


def _device_rules(profile: Profile) -> Iterator[Broken]:
    for tender in profile.tenders:
        kind = _NEEDED.get(tender)
        if kind and not profile.devices_of(kind):
            yield f"tenders: {tender}", "no_device", "", kind
    if "code" in profile.tenders and not (
        profile.devices_of("scanner") or profile.devices_of("camera")
    ):
        yield "tenders: code", "no_device", "", "scanner / camera"
    names = [device.name for device in profile.devices]
    for name, times in Counter(names).items():
        if times > 1:
            yield f"devices[{_last(names, name)}].name", "duplicate_device", name, ""


def _last(names: list[str], name: str) -> int:
    return len(names) - 1 - names[::-1].index(name)
