"""The policy as data with versions: read, and set with effect at once or from a date."""

from datetime import datetime
from typing import Any

from backbone.database import Row
from backbone.problems import FieldError, Invalid, NotFound
from scheduler.domain.policy import BadPolicy, Policy, parse_rules, to_json
from scheduler.store import knowledge
from scheduler.use_cases.desk import Desk

ENDS_FIRST = FieldError(
    field="valid_until",
    code="ends_first",
    message_id="Kebijakan harus berakhir sesudah mulai.",
    message_en="A policy must end after it begins.",
)


async def current(desk: Desk, office: str) -> tuple[Row, list[Row]]:
    """The policy in force and the last hundred versions. Raises NotFound for an unknown office."""
    async with desk.database.reading() as reader:
        row = await knowledge.policy(reader, office)
        if row is None:
            raise NotFound
        return row, await reader.fetch(knowledge.POLICIES, office)


async def put(
    desk: Desk,
    office: str,
    rules: dict[str, Any],
    *,
    valid_from: datetime | None,
    valid_until: datetime | None,
    author: str,
    reason: str,
) -> Row:
    """Store a new version; no row of the backlog is rewritten. Raises Invalid naming every wrong field."""
    clean = to_json(checked(desk, rules, valid_from, valid_until))
    async with desk.database.transaction() as tx:
        if await knowledge.policy(tx, office) is None:
            raise NotFound
        row = await knowledge.add_policy(
            tx,
            office,
            valid_from=valid_from,
            valid_until=valid_until,
            rules=clean,
            author=author,
            reason=reason,
        )
        tx.ring(desk.release_bell)
        return row


def checked(
    desk: Desk, rules: dict[str, Any], valid_from: datetime | None, valid_until: datetime | None
) -> Policy:
    """The policy these rules are. Raises Invalid naming every wrong field."""
    try:
        policy = parse_rules(rules)
    except BadPolicy as bad:
        raise Invalid(
            errors=[
                FieldError(
                    field=f"rules.{e.field}", code=e.code, message_id=e.message_id, message_en=e.message_en
                )
                for e in bad.errors
            ]
        ) from None
    if valid_until is not None and valid_until <= (valid_from or desk.clock.now()):
        raise Invalid(errors=[ENDS_FIRST])
    return policy
