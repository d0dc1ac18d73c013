"""POST /v1/applications: the one busy route, kept lean: no dependencies, no response model."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import Response

from backbone.auth import actor_of
from backbone.problems import FieldError, Invalid, Problem
from backbone.rights import Actor, authorize
from intake.api.desk import desk_of
from intake.domain.application import ApplicationDraft
from intake.use_cases.accept import Accepted, OpenApplication, accept, field_errors, judge
from intake.use_cases.desk import Desk, received_by
from intake.use_cases.receipts import Buckets

LARGEST = 64 * 1024
LONGEST_KEY = 255
REQUIRED = ("nik", "full_name", "birth_date", "district_code", "reason")


class KeyMissing(Problem):
    status = 400
    slug = "idempotency-key-required"
    message_id = (
        "Kepala Idempotency-Key wajib dikirim: 1 sampai 255 huruf atau angka, baru untuk setiap permohonan."
    )
    message_en = (
        "The header Idempotency-Key is required: 1 to 255 characters, a new one for each application."
    )


class TooLarge(Problem):
    status = 413
    slug = "too-large"
    message_id = "Permohonan terlalu besar."
    message_en = "The application is too large."


class Posted(BaseModel):
    """An application as posted. All values are JSON strings; what they are worth the domain decides."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"required": list(REQUIRED)})

    nik: str | None = None
    full_name: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    district_code: str | None = None
    reason: str | None = None
    phone: str | None = None
    reference: str | None = None
    captured_at: str | None = None


class Lean(APIRoute):
    """Hands the request to the endpoint as it is; the documentation comes from `openapi_extra`."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        endpoint: Callable[[Request], Awaitable[Response]] = self.endpoint
        return endpoint


router = APIRouter(prefix="/v1", tags=["applications"], route_class=Lean)

_DOCUMENTED: dict[str, Any] = {
    "parameters": [
        {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Posted.model_json_schema()}},
    },
}


@router.post("/applications", status_code=202, openapi_extra=_DOCUMENTED)
async def post(request: Request) -> Response:
    """Take an application; it is durably stored when the answer comes."""
    desk, actor = await desk_of(request), await actor_of(request)
    authorize(actor, "application.post")
    key = _key(request)
    posted = _parse(await _body(request), desk, actor)
    try:
        accepted = await accept(desk, actor, key, _draft(posted), posted.__dict__)
    except OpenApplication:
        _slow_down(request, actor)
        raise
    headers = {"Idempotency-Replayed": "true"} if accepted.repeated else None
    return Response(_answer(accepted), 202, headers, "application/json")


def _answer(accepted: Accepted) -> bytes:
    """The stored answer with the PIN as its last member: neither is parsed to be written again."""
    return b'%b,"pin":"%b"}' % (accepted.answer[:-1], accepted.pin.encode())


(ROUTE,) = (route for route in router.routes if isinstance(route, APIRoute))


def _key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "").strip()
    if not key or len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise KeyMissing
    return key


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > LARGEST:
        raise TooLarge
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise TooLarge
    return body


def _parse(body: bytes, desk: Desk, actor: Actor) -> Posted:
    try:
        return Posted.model_validate_json(body)
    except ValidationError as error:
        wrong = {str(item["loc"][0]) for item in error.errors(include_input=False) if item["loc"]}
    if not wrong:
        raise Invalid(errors=[_no_json()]) from None
    raise Invalid(errors=_errors_of_all(body, wrong, desk, actor)) from None


def _errors_of_all(body: bytes, wrong: set[str], desk: Desk, actor: Actor) -> list[FieldError]:
    """The fields that are no strings, and what the domain says of the others."""
    values = {
        name: value
        for name, value in json.loads(body).items()
        if name not in wrong and name in Posted.model_fields
    }
    verdict = judge(desk, _draft(Posted(**values)), received_by(actor))
    others = [error for error in field_errors(verdict.errors) if error.field not in wrong]
    return [_no_string(name) for name in Posted.model_fields if name in wrong] + others


def _draft(posted: Posted) -> ApplicationDraft:
    return ApplicationDraft(
        nik=posted.nik or "",
        full_name=posted.full_name or "",
        birth_date=posted.birth_date or "",
        sex=posted.sex or "",
        district_code=posted.district_code or "",
        reason=posted.reason or "",
        phone=posted.phone or "",
        reference=posted.reference or "",
        submitted_at=posted.captured_at or "",
    )


def _slow_down(request: Request, actor: Actor) -> None:
    """A kiosk that asks person after person whether they have a case is slowed."""
    if received_by(actor) == "kiosk":
        curious: Buckets = request.app.state.curious_kiosks
        curious.take(actor.subject)


def _no_string(name: str) -> FieldError:
    return FieldError(
        field=name,
        code="no_string",
        message_id="Isian ini harus berupa teks dalam tanda kutip, bukan angka: angka kehilangan digit dan nol di depan.",
        message_en="This field must be a JSON string in quotation marks, not a number: numbers lose digits and leading zeros.",
    )


def _no_json() -> FieldError:
    return FieldError(
        field="body",
        code="no_json",
        message_id="Isi permintaan harus berupa satu objek JSON dalam UTF-8.",
        message_en="The body must be one JSON object in UTF-8.",
    )
