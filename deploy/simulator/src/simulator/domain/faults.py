"""What goes wrong at the centre: on order for the next calls, or dated as an outage. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from simulator.domain.person import Refusal

IN_PROCESS: Final = Refusal(code="08")

FaultKind = Literal[
    "status", "timeout", "slow", "reset", "malformed", "html", "wrong_json", "other_nik", "refusal"
]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to answer wrongly.

    status: HTTP `status`, with `Retry-After` where given. timeout: nothing for `seconds`, then 504.
    slow: the true answer, `seconds` late. reset: the connection is cut amid the answer. malformed: cut-off JSON.
    html: a page with HTTP 200. wrong_json: JSON of another shape. other_nik: the answer about `nik`, or about anybody
    else. refusal: `refusal`, whoever is asked about.
    """

    kind: FaultKind = "status"
    status: int = 503
    retry_after: int | None = None
    seconds: float = 60
    nik: str | None = None
    refusal: Refusal = IN_PROCESS

    @property
    def name(self) -> str:
        """How the call log calls it."""
        return f"fault:{self.status if self.kind == 'status' else self.kind}"


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Every call that begins in `[from_, until)` meets the fault."""

    from_: datetime
    until: datetime
    fault: Fault = Fault()


@dataclass(frozen=True, kw_only=True)
class Order:
    """The next `calls` calls, of a method or for a NIK where given, meet the fault."""

    fault: Fault
    calls: int = 1
    method: str | None = None
    nik: str | None = None

    def meets(self, method: str, nik: str) -> bool:
        return self.method in (None, method) and self.nik in (None, nik)


class Orders:
    """The orders not yet carried out, the oldest first."""

    def __init__(self) -> None:
        self._open: list[Order] = []

    def add(self, order: Order) -> None:
        self._open.append(order)

    def clear(self) -> None:
        self._open.clear()

    def take(self, method: str, nik: str) -> Fault | None:
        """The fault that this call meets; it counts as met."""
        for place, order in enumerate(self._open):
            if order.meets(method, nik):
                self._open[place : place + 1] = (
                    [replace(order, calls=order.calls - 1)] if order.calls > 1 else []
                )
                return order.fault
        return None
