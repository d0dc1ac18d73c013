"""Who is at risk of missing a service target: what is used, what is left, and the pages of the list. Pure."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

HOUR: Final = 3600

Mark = tuple[datetime, UUID]
"""A card in the order of its kind: `ranked_from`, id."""
Marks = Mapping[str, Mark]


class BadCursor(ValueError):
    """It is no cursor of this list."""


@dataclass(frozen=True, kw_only=True)
class Risk:
    """One application beside its target, in hours of counter time. `due_at`: when its target is used up, in UTC."""

    id: UUID
    receipt_number: str
    kind: str
    reason: str
    district_code: str
    state: str
    frozen: bool
    received_at: datetime
    ranked_from: datetime
    target_hours: float
    used_hours: float
    left_hours: float
    used_share: float
    due_at: datetime | None
    exceeded: bool


def risk(row: Mapping[str, Any], target_hours: float, used_seconds: float, due_at: datetime | None) -> Risk:
    """An application's row beside the target of its kind."""
    used = used_seconds / HOUR
    return Risk(
        id=row["id"],
        receipt_number=row["receipt_number"],
        kind=row["kind"],
        reason=row["reason"],
        district_code=row["district_code"],
        state=row["state"],
        frozen=row["frozen_by"] is not None,
        received_at=row["received_at"],
        ranked_from=row["ranked_from"],
        target_hours=target_hours,
        used_hours=round(used, 2),
        left_hours=round(target_hours - used, 2),
        used_share=round(used / target_hours, 3),
        due_at=due_at,
        exceeded=used_seconds >= target_hours * HOUR,
    )


def page_of(risks: Sequence[Risk], limit: int) -> tuple[list[Risk], bool]:
    """The first by when they are due, and whether there are more; within a kind that is the order of its lane."""
    ordered = sorted(risks, key=lambda one: (one.due_at is None, one.due_at, one.ranked_from, one.id))
    return ordered[:limit], len(ordered) > limit


def write_cursor(before: Marks, page: Sequence[Risk]) -> str:
    """Where the next page begins: behind the last card of each kind, of this page or of one before."""
    marks = {**before, **{one.kind: (one.ranked_from, one.id) for one in page}}
    told = {kind: [moment.isoformat(), str(card)] for kind, (moment, card) in marks.items()}
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def read_cursor(text: str | None) -> dict[str, Mark]:
    """What `write_cursor` wrote; nothing for None. Raises BadCursor."""
    if text is None:
        return {}
    try:
        told = json.loads(base64.urlsafe_b64decode(text))
        marks = {str(kind): (datetime.fromisoformat(at), UUID(card)) for kind, (at, card) in told.items()}
    except (ValueError, TypeError, AttributeError):
        raise BadCursor from None
    if any(moment.utcoffset() is None for moment, _ in marks.values()):
        raise BadCursor
    return marks
