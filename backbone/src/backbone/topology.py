"""Every exchange, queue and binding, as data. Pure: both brokers are set up from it."""

from dataclasses import dataclass

from backbone.contracts import gateway, intake, scheduler
from backbone.contracts.message import Message, UnknownType, registry

EXCHANGE = "cetak"

PUBLISHED: dict[str, tuple[type[Message], ...]] = {
    "intake": (
        intake.ApplicationReceived,
        intake.WithdrawalRequested,
        intake.CorrectionSubmitted,
        intake.ReopeningRequested,
        intake.ApplicationCollected,
    ),
    "scheduler": (
        scheduler.VerificationRequested,
        scheduler.ApplicationStatus,
        scheduler.ApplicationRanked,
        scheduler.StationLook,
        scheduler.ApprovalSpent,
    ),
    "gateway": (
        gateway.VerificationAnswered,
        gateway.VerificationReturned,
        gateway.WindowChanged,
        gateway.CalendarsChanged,
    ),
}
"""What each service publishes, and nobody else may."""

CONTRACTS: dict[str, type[Message]] = registry(*(message for sent in PUBLISHED.values() for message in sent))
PUBLISHERS: dict[str, str] = {message.TYPE: name for name, sent in PUBLISHED.items() for message in sent}


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A durable queue and the routing keys bound to it; its dead letters go to `<name>.dead`.

    A fleeting queue only wakes whoever reads it: the newest letters are enough, and nobody misses those before.
    """

    name: str
    keys: frozenset[str]
    fleeting: bool = False

    @property
    def dead(self) -> str:
        return f"{self.name}.dead"


QUEUES: tuple[Queue, ...] = (
    Queue(name="intake", keys=frozenset({"application.status", "application.ranked"})),
    Queue(
        name="scheduler",
        keys=frozenset(
            {
                "application.received",
                "application.withdrawal_requested",
                "application.corrected",
                "application.reopening_requested",
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
    return Queue(name=f"station.{station}", keys=frozenset({f"station.{station}.look"}), fleeting=True)


def only_wakes(key: str) -> bool:
    """Whether letters of this key are for whoever is there: a station asks for its jobs when it comes."""
    return key.startswith("station.")


def contract(type_name: str) -> type[Message]:
    """The model of a type name; raises UnknownType."""
    try:
        return CONTRACTS[type_name]
    except KeyError:
        raise UnknownType(f"no contract is named {type_name}") from None
