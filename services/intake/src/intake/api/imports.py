"""Backlog files: the body is the CSV itself, read as it comes."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request

from backbone.auth import ActorDep
from backbone.problems import Invalid
from intake.api.desk import DeskDep
from intake.domain.backlog_header import BadHeader
from intake.use_cases import importing
from intake.use_cases.accept import field_errors

router = APIRouter(prefix="/v1/imports", tags=["imports"])

_DOCUMENTED: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}
}


@router.post("", openapi_extra=_DOCUMENTED)
async def post(
    request: Request,
    desk: DeskDep,
    actor: ActorDep,
    dry_run: bool = False,
    name: str = "",
    batch_id: UUID | None = None,
) -> dict[str, Any]:
    """Import a backlog file, or say what an import would do. The file's name: `name`, or the header X-File-Name.

    Who wants to ask for the progress meanwhile sends a fresh `batch_id`.
    """
    given = (name or request.headers.get("x-file-name", "backlog.csv"))[:200]
    try:
        return await importing.run_import(
            desk, actor, request.stream(), name=given, dry_run=dry_run, batch_id=batch_id
        )
    except BadHeader as error:
        raise Invalid(errors=field_errors([error.finding])) from None


@router.get("/{batch_id}")
async def progress(desk: DeskDep, actor: ActorDep, batch_id: UUID) -> dict[str, Any]:
    return await importing.progress(desk, actor, batch_id)
