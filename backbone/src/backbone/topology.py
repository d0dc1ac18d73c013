"""Every exchange, queue and binding, as data. Pure: both brokers are set up from it."""

from dataclasses import dataclass

from backbone.contracts import gateway, intake, scheduler
from backbone.contracts.message import Message, UnknownType, registry

EXCHANGE = "cetak"

CONTRACTS: dict[str, type[Message]] = registry(
    intake.ApplicationReceived,
    intake.WithdrawalRequested,
    intake.CorrectionSubmitted,
    intake.ApplicationCollected,
    scheduler.VerificationRequested,
    scheduler.ApplicationStatus,
    scheduler.ApplicationRanked,
    scheduler.StationLook,
    scheduler.ApprovalSpent,
    gateway.VerificationAnswered,
    gateway.VerificationReturned,
    gateway.WindowChanged,
    gateway.CalendarsChanged,
)


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A durable queue and the routing keys bound to it; its dead letters go to `<name>.dead`."""

    name: str
    keys: frozenset[str]


QUEUES: tuple[Queue, ...] = (
    Queue(name="intake", keys=frozenset({"application.status", "application.ranked"})),
    Queue(
        name="scheduler",
        keys=frozenset(
            {
                "application.received",
                "application.withdrawal_requested",
                "application.corrected",
                "application.collected",
                "verification.answered",
                "verification.returned",
                "window.changed",
                "window.calendars",
            }
        ),
    ),
    Queue(name="gateway", keys=frozenset({"verification.requested", "approval.spent"})),
)


def station_queue(station: str) -> Queue:
    """The queue of one station."""
    return Queue(name=f"station.{station}", keys=frozenset({f"station.{station}.look"}))


def contract(type_name: str) -> type[Message]:
    """The model of a type name; raises UnknownType."""
    try:
        return CONTRACTS[type_name]
    except KeyError:
        raise UnknownType(f"no contract is named {type_name}") from None
