"""Dead letters: listed, inspected without what they say of people, replayed, or discarded with a reason."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from backbone.auth import ActorDep
from backbone.broker import cause
from backbone.contracts.message import Wire
from backbone.database import INFRASTRUCTURE, Database
from backbone.failpoints import Injected
from backbone.letters import Letter
from backbone.outline import outline
from backbone.problems import Conflict, NotFound
from backbone.rights import authorize

OPEN = "SELECT count(*) FROM dead_letter WHERE settled_at IS NULL"
LIST = """SELECT id, queue, type, subject, error, tries, died_at, settled_at, settled_by, settled_how, reason
FROM dead_letter WHERE ($1 OR settled_at IS NULL) AND id > $2 ORDER BY id LIMIT $3"""
ONE = """SELECT id, queue, type, subject, body, error, tries, died_at, settled_at, settled_by, settled_how, reason
FROM dead_letter WHERE id = $1"""
TAKE = "SELECT * FROM dead_letter WHERE id = $1 AND settled_at IS NULL FOR UPDATE"
SETTLE = """UPDATE dead_letter SET settled_at = backbone.now(), settled_by = $2, settled_how = $3, reason = $4
WHERE id = $1"""
REFUSED = "UPDATE dead_letter SET tries = tries + 1, error = $2 WHERE id = $1"


Id = Annotated[int, Field(ge=0, le=2**63 - 1)]


class DeadLetter(Wire):
    """One refused message; its body is never shown. `tries`: how often it was refused."""

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


class Inspected(DeadLetter):
    """A refused message looked at: `size` in bytes, `body` as `backbone.outline` tells it."""

    size: int
    body: Any


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
    _add_looking(found, database)
    _add_settling(found, database, consume)
    return found


def _add_looking(found: APIRouter, database: Database) -> None:
    @found.get("")
    async def list_letters(
        actor: ActorDep, settled: bool = False, after: Id = 0, limit: int = 100
    ) -> list[DeadLetter]:
        authorize(actor, "dead_letter.read")
        async with database.reading() as reader:
            rows = await reader.fetch(LIST, settled, after, max(1, min(limit, 1000)))
        return [DeadLetter(**dict(row)) for row in rows]

    @found.get("/{letter_id}")
    async def inspect(actor: ActorDep, letter_id: Id) -> Inspected:
        authorize(actor, "dead_letter.read")
        async with database.reading() as reader:
            row = await reader.fetchrow(ONE, letter_id)
        if row is None:
            raise NotFound
        told = {"size": len(row["body"].encode()), "body": outline(row["type"], row["body"])}
        return Inspected(**(dict(row) | told))


def _add_settling(found: APIRouter, database: Database, consume: Callable[[Letter], Awaitable[None]]) -> None:
    @found.post("/{letter_id}/replay")
    async def replay(actor: ActorDep, letter_id: Id) -> dict[str, Any]:
        authorize(actor, "dead_letter.settle")
        async with database.transaction() as transaction:
            row = await transaction.fetchrow(TAKE, letter_id)
            if row is None:
                raise NotFound
            letter = Letter(type=row["type"], key="", subject=row["subject"], body=row["body"])
            refusal = await _refusal(consume, letter)
            if refusal:
                await transaction.execute(REFUSED, letter_id, refusal)
            else:
                await transaction.execute(SETTLE, letter_id, actor.subject, "replayed", None)
        if refusal:
            raise StillRefused(refusal)
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


async def _refusal(consume: Callable[[Letter], Awaitable[None]], letter: Letter) -> str:
    """Why the letter is refused again; empty where it was handled."""
    try:
        await consume(letter)
    except (*INFRASTRUCTURE, Injected):
        raise
    except Exception as error:  # noqa: BLE001  # whatever the content provokes
        return cause(error)
    return ""
