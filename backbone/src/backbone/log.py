"""Structured logs to standard error, one JSON object a line, with an allow-list of fields.

What is not on the list does not reach a line; 16 digits in a row are masked wherever they stand; a traceback is told
by error type and places, never by its values, since messages of errors may quote a person's data.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "service",
        "loop",
        "type",
        "subject",
        "error",
        "where",
        "seconds",
        "count",
        "status",
        "method",
        "route",
        "correlation_id",
        "application_id",
        "attempt_id",
        "approval_id",
        "batch_id",
        "station",
        "office",
        "account",
        "stage",
        "state",
        "cause",
        "queue",
        "key",
        "keys",
        "types",
        "failures",
        "size",
        "run",
        "port",
        "url",
        "path",
        "reason",
        "name",
        "pid",
        "mode",
        "picks",
        "code",
    ]
)
NIK = re.compile(r"\d{16}")


def configure(*, level: str = "INFO", json: bool = True) -> None:
    """Set up logging once, in a process's entry point."""
    renderer: Any = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            tell_errors,
            allow,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def tell_errors(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type and the places it came through."""
    if event.pop("exc_info", None):
        kind, _, trace = sys.exc_info()
        event["error"] = getattr(kind, "__name__", "unknown")
        frames = traceback.extract_tb(trace)[-4:]
        event["where"] = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return event


def allow(logger: Any, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Keep the allowed fields, with numbers that look like a NIK masked."""
    return {key: _masked(value) for key, value in event.items() if key in ALLOWED}


def _masked(value: Any) -> Any:
    if isinstance(value, float | bool) or value is None:
        return value
    masked = NIK.sub("****************", str(value))
    return value if isinstance(value, int) and masked == str(value) else masked
