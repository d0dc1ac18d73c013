"""Errors on HTTP: RFC 9457 problems with a stable type and words in Indonesian and English.

A service subclasses Problem: the class's docstring is no message, its class fields are. `type` is `urn:cetak:<slug>`.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backbone.contracts.message import Wire
from backbone.database import INFRASTRUCTURE

log = structlog.get_logger()


class FieldError(Wire):
    """One field at fault, and what the sender should change."""

    field: str
    code: str
    message_id: str
    message_en: str


class Problem(Exception):
    """An answer that is an error. `extra` members stand beside the standard ones."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    message_id: ClassVar[str] = "Terjadi kesalahan di pihak kami. Data Anda aman; silakan coba lagi."
    message_en: ClassVar[str] = "Something went wrong on our side. Your data are safe; please try again."

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail or self.message_en)
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after
        self.extra = extra

    def response(self, instance: str) -> JSONResponse:
        body = {
            "type": f"urn:cetak:{self.slug}",
            "title": self.message_id,
            "title_en": self.message_en,
            "status": self.status,
            "instance": instance,
            **({"detail": self.detail} if self.detail else {}),
            **({"errors": [error.model_dump() for error in self.errors]} if self.errors else {}),
            **self.extra,
        }
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(body, self.status, headers, media_type="application/problem+json")


class Invalid(Problem):
    status = 422
    slug = "invalid"
    message_id = "Ada isian yang harus diperbaiki."
    message_en = "Some fields must be corrected."


class NotFound(Problem):
    status = 404
    slug = "not-found"
    message_id = "Tidak ditemukan."
    message_en = "Not found."


class Unauthenticated(Problem):
    status = 401
    slug = "unauthenticated"
    message_id = "Token akses tidak ada, tidak sah, atau kedaluwarsa."
    message_en = "The access token is missing, invalid or expired."


class Forbidden(Problem):
    status = 403
    slug = "forbidden"
    message_id = "Token ini tidak berhak melakukan hal itu di kantor ini."
    message_en = "This token may not do that at this office."


class Conflict(Problem):
    status = 409
    slug = "conflict"
    message_id = "Keadaannya sudah berubah; permintaan ini tidak dapat dijalankan lagi."
    message_en = "The state has changed; this request can no longer be carried out."


class Unavailable(Problem):
    status = 503
    slug = "unavailable"
    message_id = "Layanan sedang tidak dapat menyimpan. Silakan coba lagi sebentar lagi."
    message_en = "The service cannot store at the moment. Please try again shortly."


def instance(request: Request) -> str:
    return f"urn:cetak:request:{request.scope.get('correlation_id', 'none')}"


def install(app: FastAPI) -> None:
    """Answer every error of an app as a problem."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> JSONResponse:
        return error.response(instance(request))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return Invalid(errors=[_field_error(item) for item in error.errors()]).response(instance(request))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        kinds: dict[int, type[Problem]] = {404: NotFound, 401: Unauthenticated, 403: Forbidden}
        kind = kinds.get(error.status_code)
        if kind is None:
            kind = type(
                "Http",
                (Problem,),
                {
                    "status": error.status_code,
                    "slug": "http",
                    "message_id": "Permintaan ditolak.",
                    "message_en": str(error.detail),
                },
            )
        response = kind().response(instance(request))
        response.headers.update(error.headers or {})
        return response

    async def infrastructure(request: Request, error: Exception) -> JSONResponse:
        log.warning("unavailable", error=type(error).__name__, route=request.url.path)
        return Unavailable(retry_after=5).response(instance(request))

    for kind in INFRASTRUCTURE:
        app.add_exception_handler(kind, infrastructure)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        return Problem().response(instance(request))


_WORDS: Final = {
    "missing": ("Isian ini wajib diisi.", "This field is required."),
    "string_too_short": (
        "Isian ini terlalu pendek: paling sedikit {min_length} huruf.",
        "This is too short: at least {min_length} characters.",
    ),
    "string_too_long": (
        "Isian ini terlalu panjang: paling banyak {max_length} huruf.",
        "This is too long: at most {max_length} characters.",
    ),
    "literal_error": ("Pilih salah satu: {expected}.", "Choose one of: {expected}."),
    "enum": ("Pilih salah satu: {expected}.", "Choose one of: {expected}."),
}
"""What pydantic finds, by its type; `{}` is filled with what it asked for, never with what was sent."""


def _field_error(item: dict[str, Any]) -> FieldError:
    """One of pydantic's findings in our words; its own English text quotes no input."""
    field = ".".join(str(part) for part in item["loc"][1:] if item["type"] != "json_invalid")
    words = _WORDS.get(item["type"], ("Isian ini tidak sesuai bentuk yang diminta.", None))
    message_id, message_en = (
        None if text is None else text.format_map(item.get("ctx", {})) for text in words
    )
    return FieldError(
        field=field or "body",
        code=str(item["type"]),
        message_id=str(message_id),
        message_en=str(item["msg"]) if message_en is None else message_en,
    )
