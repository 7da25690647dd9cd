"""Reads a profile entry's free settings: each driver names what it allows, mistakes are told."""

from collections.abc import Iterable
from typing import Any

from devices.ports import DeviceSettings, Side


def check_fields(settings: DeviceSettings, allowed: Iterable[str]) -> None:
    """Raise ValueError naming the unknown fields and the allowed ones."""
    names = sorted(allowed)
    unknown = sorted(set(settings) - set(names))
    if unknown:
        raise ValueError(f"unknown settings {', '.join(unknown)}; allowed: {', '.join(names)}")


def choice(settings: DeviceSettings, field: str, allowed: Iterable[str], default: str) -> str:
    """Return a text that is one of `allowed`, or raise ValueError naming them."""
    value, names = settings.get(field, default), tuple(allowed)
    if value not in names:
        raise ValueError(f"{field} = {value!r}; allowed: {', '.join(names)}")
    return str(value)


def side_of(settings: DeviceSettings) -> Side:
    """Return on whose side the keypad lies, the cashier's by default."""
    return Side(choice(settings, "side", [side.value for side in Side], Side.CASHIER.value))


def number(settings: DeviceSettings, field: str, default: float, low: float, high: float) -> float:
    """Return a number within `low` and `high`, or raise ValueError naming the range."""
    value: Any = settings.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{field} = {value!r}; allowed: a number {low:g} … {high:g}")
    return float(value)


def flag(settings: DeviceSettings, field: str, *, default: bool) -> bool:
    """Return true or false, or raise ValueError."""
    value = settings.get(field, default)
    if not isinstance(value, bool):
        raise ValueError(f"{field} = {value!r}; allowed: true, false")
    return value
