"""A file of rules and contracts to try out: TOML or JSON, with errors by line and field.

[[rule]]                     any number; they replace the stored rules
name = "lunch"
action = "prefer"            prefer, forbid or only
channels = ["wechat"]
priority = 10                also: kinds, from_amount, to_amount, opens, closes, weekdays,
                             merchant, store (ids)
[[contract]]                 any number; if there is one, they replace every merchant's
channel = "wechat"
card = { rate_ppm = 3800 }   also: cost, kinds, least_amount, most_amount, day_amount, opens,
starts_on = 2026-01-01       closes, cycle_days, ends_on
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.errors import Refused
from domain.fees import read_card
from domain.routing import Action, Contract, Hours, RouteRule

Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to try; `contracts` None: the stored ones stay."""

    rules: tuple[RouteRule, ...] = ()
    contracts: tuple[Contract, ...] | None = None


def read_plan(path: Path) -> Plan:
    """Read a plan; raises `Refused("routing.plan_malformed")` naming file, line and field."""
    raw = path.read_bytes()
    try:
        text = raw.decode()
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as wrong:
        raise _malformed(path, "1", "file", str(wrong)) from wrong
    tables = {"rule": (RULE, _rule), "contract": (CONTRACT, _contract)}
    made: dict[str, list[Any]] = {}
    if not isinstance(data, dict) or set(data) - set(tables):
        raise _malformed(path, "1", "file", "only rule and contract may stand in it")
    for kind, rows in data.items():
        if not isinstance(rows, list):
            raise _malformed(path, "1", kind, "not a list of tables")
        fields, make = tables[kind]
        made[kind] = []
        for index, row in enumerate(rows):
            values = _values(path, text, (kind, index), row, fields)
            made[kind].append(make(values))
    contracts = tuple(made["contract"]) if "contract" in made else None
    return Plan(tuple(made.get("rule", ())), contracts)


def _values(
    path: Path, text: str, place: tuple[str, int], row: Any, fields: Mapping[str, Read]
) -> dict[str, Any]:
    kind, index = place
    if not isinstance(row, dict):
        raise _malformed(path, _line(text, kind, index, ""), kind, "not a table")
    values: dict[str, Any] = {}
    for name in (*row, *(need for need in NEEDED[kind] if need not in row)):
        try:
            if name not in row:
                raise ValueError("is missing")
            if name not in fields:
                raise ValueError("no such field")
            values[name] = fields[name](row[name])
        except (ValueError, TypeError, AttributeError) as wrong:
            line = _line(text, kind, index, name)
            raise _malformed(path, line, f"{kind}.{name}", str(wrong)) from wrong
    return values


def _line(text: str, kind: str, index: int, name: str) -> str:
    """Return the line of a field in a TOML file, of its table when it has none of its own."""
    count, found = -1, "1"
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.replace(" ", "")
        if bare.startswith("[["):
            if count == index:
                break
            count += bare.startswith(f"[[{kind}]]")
            found = str(number) if count == index else found
        elif count == index and name and bare.startswith(f"{name}="):
            return str(number)
    return found


def _malformed(path: Path, line: str, field: str, why: str) -> Refused:
    return Refused("routing.plan_malformed", file=path.name, line=line, field=field, why=why)


def _names(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError("not a list of names")
    return frozenset(value)


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not a whole number, 0 or more")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("not a text")
    return value


def _weekdays(value: Any) -> frozenset[int]:
    days = value if isinstance(value, list) else [None]
    if not all(type(day) is int and 1 <= day <= 7 for day in days):
        raise ValueError("not a list of weekdays, 1 to 7")
    return frozenset(days)


def _day(value: Any) -> date:
    return value if type(value) is date else date.fromisoformat(value)


RULE: Mapping[str, Read] = {
    "name": _text, "action": Action, "channels": _names, "priority": _whole, "kinds": _names,
    "from_amount": _whole, "to_amount": _whole, "opens": time.fromisoformat,
    "closes": time.fromisoformat, "weekdays": _weekdays, "merchant": UUID, "store": UUID,
}  # fmt: skip
CONTRACT: Mapping[str, Read] = {
    "channel": _text, "card": read_card, "cost": read_card, "kinds": _names,
    "least_amount": _whole, "most_amount": _whole, "day_amount": _whole,
    "opens": time.fromisoformat, "closes": time.fromisoformat, "cycle_days": _whole,
    "starts_on": _day, "ends_on": _day,
}  # fmt: skip
NEEDED = {"rule": ("name", "action", "channels"), "contract": ("channel",)}


def _hours(values: dict[str, Any]) -> Hours:
    return Hours(values.pop("opens", time(0)), values.pop("closes", time(0)))


def _rule(values: dict[str, Any]) -> RouteRule:
    hours = _hours(values)
    merchant, store = values.pop("merchant", None), values.pop("store", None)
    priority = values.pop("priority", 100)
    return RouteRule(**values, priority=priority, hours=hours, merchant_id=merchant, store_id=store)


def _contract(values: dict[str, Any]) -> Contract:
    hours, starts_on = _hours(values), values.pop("starts_on", date.min)
    return Contract(**values, id=UUID(int=0), hours=hours, starts_on=starts_on)
