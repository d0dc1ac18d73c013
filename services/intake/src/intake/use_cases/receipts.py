"""The citizen's view: a receipt number and its PIN, no token. Wrong and unknown look and last the same."""

import hmac
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from backbone.clock import Clock
from backbone.database import Row
from backbone.problems import NotFound, Problem
from intake.domain.case import PUBLIC_STATES, to_bring
from intake.domain.receipt import derive_pin, parse_receipt
from intake.store import applications
from intake.use_cases.desk import Desk

NOBODY: Final = UUID(int=0)
"""Whose PIN is derived where there is no receipt, so that the work is the same."""


class TooMany(Problem):
    status = 429
    slug = "too-many-requests"
    message_id = "Terlalu banyak percobaan. Silakan coba lagi sebentar lagi."
    message_en = "Too many attempts. Please try again shortly."


class Buckets:
    """Token buckets by name, in this process's memory: every replica counts for itself, a restart forgets."""

    def __init__(self, clock: Clock, *, burst: float, per_minute: float, names: int = 100_000) -> None:
        self._clock = clock
        self._burst = burst
        self._rate = per_minute / 60
        self._names = names
        self._full_at: dict[str, float] = {}

    def take(self, name: str) -> None:
        """Take one token; raises TooMany, with the seconds until the next."""
        now = self._clock.now().timestamp()
        full_at = max(now, self._full_at.get(name, now)) + 1 / self._rate
        wait = full_at - now - self._burst / self._rate
        if wait > 0:
            raise TooMany(retry_after=int(wait) + 1)
        if len(self._full_at) >= self._names:
            self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        self._full_at[name] = full_at


async def look_up(desk: Desk, number: str, pin: str) -> dict[str, Any]:
    """The state in plain words; raises NotFound for a wrong PIN and an unknown number alike."""
    async with desk.database.reading() as reader:
        row = await reader.fetchrow(applications.PUBLIC, parse_receipt(number) or "")
    whose, version = (NOBODY, 1) if row is None else (row["id"], row["pin_version"])
    right = hmac.compare_digest(derive_pin(desk.keys.pin, whose, version).encode(), pin.encode())
    if row is None or not right:
        raise NotFound
    return _view(desk, row)


def _view(desk: Desk, row: Row) -> dict[str, Any]:
    state = PUBLIC_STATES[row["state"]]
    dated = state.name in ("action_needed", "ready")
    queued = row["place"] is not None and state.name == "queued"
    return {
        "receipt_number": row["receipt_number"],
        "state": state.name,
        "state_id": state.words_id,
        "state_en": state.words_en,
        "since": _local(desk, row["state_at"]),
        "who_acts": state.who_acts,
        "act_before": _local(desk, row["due_at"]) if dated else None,
        "place": row["place"] if queued else None,
        "lane_place": row["lane_place"] if queued else None,
        "place_as_of": _local(desk, row["ranked_at"]) if queued else None,
        "received_at": _local(desk, row["received_at"]),
        "collected_at": _local(desk, row["collected_at"]),
        "bring_id": [bring.words_id for bring in to_bring(state, row["reason"])],
        "bring_en": [bring.words_en for bring in to_bring(state, row["reason"])],
    }


def _local(desk: Desk, moment: datetime | None) -> str | None:
    """In office time, whole seconds, with its offset."""
    if moment is None:
        return None
    return moment.astimezone(UTC).astimezone(desk.terms.tz).isoformat(timespec="seconds")
