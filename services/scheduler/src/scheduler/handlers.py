"""Messages in."""

from collections.abc import Mapping

from backbone.contracts import gateway, intake
from backbone.contracts.message import Message
from backbone.service import Handler
from scheduler.use_cases import answers, commands, received, reopening

HANDLERS: Mapping[type[Message], Handler] = {
    intake.ApplicationReceived: received.receive,
    intake.WithdrawalRequested: commands.withdraw,
    intake.CorrectionSubmitted: commands.correct,
    intake.ReopeningRequested: reopening.reopen,
    intake.ApplicationCollected: commands.collected,
    gateway.VerificationAnswered: answers.answered,
    gateway.VerificationReturned: answers.returned,
    gateway.WindowChanged: answers.window_changed,
    gateway.CalendarsChanged: answers.calendars_changed,
}
