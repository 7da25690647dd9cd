"""What a field of a profile may be, in words taken from its type: no second list to maintain."""

from __future__ import annotations

import re

from msgspec import inspect

from kiosk_profiles.schema import Profile


def allowed_at(path: str) -> str:
    """Return the allowed values of the field at `path`, or the field names of the table there."""
    kind = _type_at(path)
    if isinstance(kind, inspect.StructType):
        return ", ".join(field.encode_name for field in kind.fields)
    return _words(kind)


def _type_at(path: str) -> inspect.Type:
    kind: inspect.Type = inspect.type_info(Profile)
    for name in re.findall(r"[^.\[\]]+|\[[^\]]*\]", path):
        kind = _inner(kind, name)
    return kind


def _inner(kind: inspect.Type, name: str) -> inspect.Type:
    match kind:
        case inspect.StructType():
            found = [field.type for field in kind.fields if field.encode_name == name]
            return found[0] if found else kind
        case inspect.VarTupleType() | inspect.ListType():
            return kind.item_type
        case inspect.DictType():
            return kind.value_type
        case _:
            return kind


def _words(kind: inspect.Type) -> str:
    match kind:
        case inspect.LiteralType():
            return ", ".join(str(value) for value in kind.values)
        case inspect.BoolType():
            return "true, false"
        case inspect.IntType() | inspect.FloatType():
            number = "whole number" if isinstance(kind, inspect.IntType) else "number"
            return f"{number} {kind.ge} … {kind.le}" if kind.le is not None else number
        case inspect.StrType():
            return f"text matching {kind.pattern}" if kind.pattern else "text"
        case inspect.VarTupleType() | inspect.ListType():
            return f"list of: {_words(kind.item_type)}"
        case inspect.StructType() | inspect.DictType():
            return "a table"
        case _:
            return "any value"
