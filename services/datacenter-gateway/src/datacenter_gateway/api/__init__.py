"""The gateway over HTTP: the window, the calendars' overrides, an officer's resume, the records."""

from fastapi import APIRouter

from datacenter_gateway.api import calendars, records, window

router = APIRouter(prefix="/v1")
for part in (window, calendars, records):
    router.include_router(part.router)
