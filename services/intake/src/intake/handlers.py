"""Messages in."""

from collections.abc import Mapping

from backbone.contracts import scheduler
from backbone.contracts.message import Message
from backbone.service import Handler
from intake.use_cases import statuses

HANDLERS: Mapping[type[Message], Handler] = {
    scheduler.ApplicationStatus: statuses.status,
    scheduler.ApplicationRanked: statuses.ranked,
}
