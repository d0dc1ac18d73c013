"""Dead letters: listed and inspected without bodies, replayed, or discarded with a reason."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from backbone.auth import ActorDep
from backbone.broker import Letter, cause
from backbone.contracts.message import Wire
from backbone.database import INFRASTRUCTURE, Database
from backbone.failpoints import Injected
from backbone.problems import Conflict, NotFound
from backbone.rights import authorize

OPEN = "SELECT count(*) FROM dead_letter WHERE settled_at IS NULL"
LIST = """SELECT id, queue, type, subject, error, tries, died_at, settled_at, settled_by, settled_how, reason
FROM dead_letter WHERE ($1 OR settled_at IS NULL) AND id > $2 ORDER BY id LIMIT $3"""
TAKE = "SELECT * FROM dead_letter WHERE id = $1 AND settled_at IS NULL FOR UPDATE"
SETTLE = """UPDATE dead_letter SET settled_at = backbone.now(), settled_by = $2, settled_how = $3, reason = $4
WHERE id = $1"""


Id = Annotated[int, Field(ge=0, le=2**63 - 1)]


class DeadLetter(Wire):
    """One refused message; its body is never shown."""

    id: int
    queue: str
    type: str
    subject: str
    error: str
    tries: int
    died_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    settled_how: str | None
    reason: str | None


class Discard(Wire):
    reason: str = Field(min_length=3, max_length=500)


class StillRefused(Conflict):
    slug = "still-refused"
    message_id = "Pesan masih ditolak. Perbaiki penyebabnya, lalu putar ulang."
    message_en = "The message is still refused. Mend the cause, then replay it."


class MustNotDiscard(Conflict):
    slug = "must-not-discard"
    message_id = "Pesan permohonan tidak boleh dibuang: permohonan akan hilang. Putar ulang setelah penyebabnya diperbaiki."
    message_en = "A message about an application cannot be discarded: the application would be lost. Replay it once the cause is mended."


async def count_open(database: Database) -> int:
    async with database.reading() as reader:
        return int(await reader.fetchval(OPEN))


def router(database: Database, consume: Callable[[Letter], Awaitable[None]]) -> APIRouter:
    """The dead-letter calls of one service; `consume` handles one letter again."""
    found = APIRouter(prefix="/dead-letters", tags=["ops"])

    @found.get("")
    async def list_letters(
        actor: ActorDep, settled: bool = False, after: Id = 0, limit: int = 100
    ) -> list[DeadLetter]:
        authorize(actor, "dead_letter.read")
        async with database.reading() as reader:
            rows = await reader.fetch(LIST, settled, after, max(1, min(limit, 1000)))
        return [DeadLetter(**dict(row)) for row in rows]

    @found.post("/{letter_id}/replay")
    async def replay(actor: ActorDep, letter_id: Id) -> dict[str, Any]:
        authorize(actor, "dead_letter.settle")
        async with database.transaction() as transaction:
            row = await transaction.fetchrow(TAKE, letter_id)
            if row is None:
                raise NotFound
            await _handle(consume, Letter(type=row["type"], key="", subject=row["subject"], body=row["body"]))
            await transaction.execute(SETTLE, letter_id, actor.subject, "replayed", None)
        return {"id": letter_id, "settled": "replayed"}

    @found.post("/{letter_id}/discard")
    async def discard(actor: ActorDep, letter_id: Id, body: Discard, request: Request) -> dict[str, Any]:
        authorize(actor, "dead_letter.settle")
        async with database.transaction() as transaction:
            row = await transaction.fetchrow(TAKE, letter_id)
            if row is None:
                raise NotFound
            if row["type"].startswith("application."):
                raise MustNotDiscard
            await transaction.execute(SETTLE, letter_id, actor.subject, "discarded", body.reason)
        return {"id": letter_id, "settled": "discarded"}

    return found


async def _handle(consume: Callable[[Letter], Awaitable[None]], letter: Letter) -> None:
    try:
        await consume(letter)
    except (*INFRASTRUCTURE, Injected):
        raise
    except Exception as error:  # noqa: BLE001  # whatever the content provokes
        raise StillRefused(cause(error)) from None
