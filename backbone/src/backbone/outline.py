"""What a message looks like without what it says: for people who look for its fault. Pure.

Shown are a known contract's own ids, states, numbers and times, and only where the value is one; everything else, the
names of unknown fields included, is told by its kind and length.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from backbone.topology import CONTRACTS

LARGE = 10**12
"""Numbers from here on are hidden: a person's number has sixteen digits."""
MANY = 20
"""Elements told of a list or an object."""
DEEP = 8


def outline(type_name: str, body: str) -> Any:
    """The structure of a message's JSON, every value masked that might tell of a person."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return _text(body)
    model = CONTRACTS.get(type_name)
    if model is None or not isinstance(found, dict):
        return _masked(found)
    fields = {
        name: _shown(field.annotation, found[name])
        for name, field in model.model_fields.items()
        if name in found
    }
    return fields | _masked({name: value for name, value in found.items() if name not in fields})


def _shown(annotation: Any, value: Any) -> Any:
    return value if any(_is(kind, value) for kind in _kinds(annotation)) else _masked(value)


def _kinds(annotation: Any) -> Iterable[Any]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _is(kind: Any, value: Any) -> bool:
    """Whether this value is an id, a state, a number or a time, as the contract says it should be."""
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if kind in (int, float):
        return type(value) in (int, kind) and abs(value) < LARGE
    if kind in (bool, NoneType):
        return type(value) is kind
    return kind in (UUID, datetime) and isinstance(value, str) and _reads(kind, value)


def _reads(kind: Any, value: str) -> bool:
    # Both constructors take digits alone, sixteen of them too; what we write ourselves has hyphens.
    read: Callable[[str], object] = UUID if kind is UUID else datetime.fromisoformat
    try:
        read(value)
    except ValueError:
        return False
    return "-" in value


def _masked(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return "(number)"
    if depth == DEEP:
        return "(more)"
    if isinstance(value, list):
        return [_masked(one, depth + 1) for one in value[:MANY]]
    some = list(value.values())[:MANY]
    return {f"(field {place})": _masked(one, depth + 1) for place, one in enumerate(some, 1)}


def _text(value: str) -> str:
    return f"(text of {len(value)})"
