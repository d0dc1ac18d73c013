"""Messages in."""

from collections.abc import Mapping

from backbone.contracts.message import Message
from backbone.contracts.scheduler import ApprovalSpent, VerificationRequested
from backbone.service import Handler
from datacenter_gateway.use_cases import requests

HANDLERS: Mapping[type[Message], Handler] = {
    VerificationRequested: requests.requested,
    ApprovalSpent: requests.spent,
}
