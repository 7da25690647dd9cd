"""Read what a merchant asks. Raises `KeyError`, `TypeError` or `ValueError` for what is wrong."""

import json
import re
from collections.abc import Mapping
from typing import Any

from server.sandbox.frame import Request


def content(request: Request) -> dict[str, Any]:
    """Return the body's object; empty when it is none."""
    try:
        read = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def number(asked: Mapping[str, Any]) -> str:
    """Return the order's number."""
    given = str(asked["out_trade_no"])
    if not re.fullmatch(r"[0-9A-Za-z_*|-]{6,32}", given):
        raise ValueError("out_trade_no")
    return given


def total(asked: Mapping[str, Any]) -> int:
    """Return the order's amount in fen."""
    if asked["amount"].get("currency", "CNY") != "CNY":
        raise ValueError("currency")
    return fen(asked["amount"]["total"])


def fen(value: Any) -> int:
    """Return an amount, which is a whole number of fen above 0."""
    if type(value) is not int or value < 1:
        raise ValueError("amount")
    return value


def kept(asked: Mapping[str, Any]) -> dict[str, str]:
    """What of a request stays with the order."""
    names = ("appid", "mchid", "sp_appid", "sp_mchid", "sub_appid", "sub_mchid", "description")
    found = {name: str(asked[name]) for name in names if name in asked}
    device = asked.get("scene_info", {}).get("device_id")
    return {**found, "device_id": device} if device else found
