"""Letters of long ago, written again from what the tables know: a broker may deliver anything twice, and late."""

from collections.abc import Mapping, Sequence
from typing import Any

from backbone.contracts.intake import ApplicationReceived
from backbone.contracts.message import Message
from backbone.contracts.scheduler import ApplicationStatus, VerificationRequested
from backbone.letters import Letter

SOME = "ORDER BY random() LIMIT 40"
SQL = {
    "intake": f"""SELECT e.application_id, e.epoch, e.seq, e.state, e.cause, e.at FROM scheduler.event e
JOIN scheduler.application a ON a.id = e.application_id WHERE e.seq < a.seq {SOME}""",
    "scheduler": f"""SELECT id AS application_id, office, reason, district_code, received_at, receipt_number, sealed, source
FROM scheduler.application {SOME}""",
    "gateway": f"""SELECT a.id AS application_id, a.round, a.office, o.account, a.reason, a.sealed, backbone.now() AS requested_at
FROM scheduler.application a JOIN scheduler.office o ON o.code = a.office WHERE a.round > 0 {SOME}""",
}
MODELS: dict[str, type[Message]] = {
    "intake": ApplicationStatus,
    "scheduler": ApplicationReceived,
    "gateway": VerificationRequested,
}


def letters(queue: str, rows: Sequence[Mapping[str, Any]]) -> list[Letter]:
    """What a queue's publisher once sent, or might have, by the rows of SQL."""
    messages = [MODELS[queue](**dict(row)) for row in rows]
    return [
        Letter(type=m.TYPE, key=m.routing_key(), subject=m.subject(), body=m.model_dump_json(), id=str(n))
        for n, m in enumerate(messages)
    ]
