"""What goes back on the wire, and how the call log calls it. Pure."""

import json
from dataclasses import dataclass
from typing import Any

from simulator.domain.faults import Fault
from simulator.domain.person import Refusal


@dataclass(frozen=True, kw_only=True)
class Reply:
    """`seconds`: how much longer than usual the answer takes. `cut`: the connection ends amid the body."""

    answered: str
    body: bytes
    status: int = 200
    media_type: str = "application/json"
    retry_after: int | None = None
    seconds: float = 0
    cut: bool = False


def content(row: dict[str, Any], answered: str, quota_left: int | None) -> Reply:
    """The protocol's envelope around one content row."""
    envelope = {
        "content": [row],
        "lastPage": True,
        "numberOfElements": 1,
        "sort": None,
        "totalElements": 1,
        "firstPage": True,
        "number": 0,
        "size": 1,
        **({} if quota_left is None else {"quotaLimiter": quota_left}),
    }
    return Reply(answered=answered, body=_json(envelope))


def refusal(why: Refusal, quota_left: int | None, *, answered: str | None = None) -> Reply:
    """A refusal with HTTP 200."""
    return content(dict(why.row()), answered or why.name, quota_left)


def failure(
    answered: str, status: int, text: str, *, retry_after: int | None = None, seconds: float = 0
) -> Reply:
    """A transport failure by its status."""
    body = _json({"message": text})
    return Reply(answered=answered, body=body, status=status, retry_after=retry_after, seconds=seconds)


def broken(fault: Fault, truth: Reply) -> Reply:
    """The reply of a fault that says nothing about anybody."""
    match fault.kind:
        case "timeout":
            return failure(fault.name, 504, "Waktu habis", seconds=fault.seconds)
        case "reset":
            return Reply(answered=fault.name, body=truth.body, cut=True)
        case "malformed":
            return Reply(answered=fault.name, body=truth.body[: len(truth.body) // 2])
        case "html":
            page = b"<!DOCTYPE html><html><body><h1>Dalam pemeliharaan</h1></body></html>"
            return Reply(answered=fault.name, body=page, media_type="text/html")
        case "wrong_json":
            return Reply(answered=fault.name, body=_json({"status": "OK", "data": []}))
        case _:
            return failure(fault.name, fault.status, "Gangguan layanan", retry_after=fault.retry_after)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
