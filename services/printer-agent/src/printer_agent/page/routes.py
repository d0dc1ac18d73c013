"""The page's routes: pages made here on the server, plain forms, a redirect after each act. Nothing needs JavaScript."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from backbone.clock import Clock
from backbone.ids import Ids
from printer_agent.card_face import FOLDER
from printer_agent.journal import JournalFull
from printer_agent.office import Office, Refused, Unreachable
from printer_agent.page import words
from printer_agent.page.acts import ACTS, Hands
from printer_agent.page.fields import MOST_BYTES, Faults, Form, Values, faults, parse
from printer_agent.page.forms import ANSWERS, FORMS
from printer_agent.page.gate import Gate, TurnedAway
from printer_agent.page.said import Said
from printer_agent.page.screen import screen
from printer_agent.page.shelf import Shelf
from printer_agent.settings import StationSettings
from printer_agent.use_cases import Station

log = structlog.get_logger()

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    # Not stricter: with `no-referrer` a browser sends `Origin: null` with the page's own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
TEMPLATES = Environment(
    loader=PackageLoader("printer_agent.page"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Page:
    """Everything a page is made from. `districts`: names by code."""

    def __init__(
        self,
        settings: StationSettings,
        *,
        station: Station,
        office: Office,
        clock: Clock,
        ids: Ids,
        districts: Mapping[str, str],
    ) -> None:
        self._settings = settings
        self._station = station
        self._shelf = Shelf(office, clock)
        self._hands = Hands(station=station, office=office, shelf=self._shelf)
        self._ids = ids
        self._districts = districts

    async def look(self, done: str, *, live: bool) -> Response:
        """The station as it stands; an uncertain card takes the whole screen."""
        view = self._station.view()
        stock = await self._shelf.look()
        shown = screen(
            view,
            blanks=None if stock is None else stock.blanks.get("on_hand"),
            tz=self._settings.tz,
            districts=self._districts,
        )
        name = "station.html" if shown.uncertain is None else "uncertain.html"
        return _page(
            name,
            station=self._settings.station,
            screen=shown,
            shelf=self._shelf.shown(self._settings.tz),
            spoiled=shown.spoiled_today if stock is None else max(stock.today.spoiled, shown.spoiled_today),
            done=words.DONE.get(done),
            live=live,
            answers=ANSWERS,
        )

    def ask(self, form: Form) -> Response:
        """An empty form."""
        values = {field.name: field.given for field in form.fields} | {"number": str(self._ids.new())}
        uncertain = self._station.view().uncertain
        if form in ANSWERS:
            if uncertain is None:
                return _back()
            values["attempt_id"] = str(uncertain.attempt_id)
        return self._form(form, values)

    async def take(self, form: Form, values: Values) -> Response:
        """A filled-in form: done, or shown again with what is wrong; what was written stays."""
        if found := faults(form, values):
            return self._form(form, values, found, status=422)
        try:
            done = await ACTS[form.path](self._hands, values)
        except Unreachable:
            return self._form(form, values, fault=words.AWAY, status=503)
        except JournalFull:
            return self._form(form, values, fault=words.STATES["journal_full"].sentence, status=503)
        except Refused as refused:
            log.info("page_refused", form=form.path, cause=refused.slug)
            why = Said(refused.message_id or refused.slug, refused.message_en or refused.slug)
            return self._form(form, values, fault=words.REFUSED.fill(why=why), status=409)
        return _back(done)

    async def ask_printer(self) -> Response:
        """ "Sudah": the printer is asked again."""
        health = await self._station.ask_printer()
        return _back(f"asked-{health.state}")

    def _form(
        self,
        form: Form,
        values: Values,
        found: Faults | None = None,
        *,
        fault: Said | None = None,
        status: int = 200,
    ) -> Response:
        view = self._station.view()
        shown = screen(view, blanks=None, tz=self._settings.tz, districts=self._districts)
        return _page(
            "form.html",
            status,
            station=self._settings.station,
            form=form,
            values=values,
            faults=found or {},
            fault=fault,
            card=shown.uncertain if form in ANSWERS else None,
        )


def add_page(app: FastAPI, page: Page, gate: Gate) -> None:
    """Serve the page at the app's root, its files below `page/`."""
    routes = APIRouter(dependencies=[Depends(gate)], include_in_schema=False)

    @routes.get("/")
    async def look(done: str = "", live: str = "1") -> Response:
        return await page.look(done, live=live != "0")

    @routes.post("/printer")
    async def ask_printer() -> Response:
        return await page.ask_printer()

    for form in FORMS.values():
        _add_form(routes, page, form)
    app.include_router(routes)
    app.mount("/page/fonts", StaticFiles(directory=FOLDER / "fonts"))
    app.mount("/page", StaticFiles(directory=Path(__file__).parent / "files"))

    @app.exception_handler(TurnedAway)
    async def turned_away(request: Request, error: TurnedAway) -> Response:
        log.warning("page_turned_away", cause=error.cause)
        answer = _page("turned_away.html", error.status, why=words.TURNED_AWAY[error.cause])
        if error.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="Cetak", charset="UTF-8"'
        return answer


def _add_form(routes: APIRouter, page: Page, form: Form) -> None:
    @routes.get(f"/{form.path}")
    async def ask() -> Response:
        return page.ask(form)

    @routes.post(f"/{form.path}")
    async def take(request: Request) -> Response:
        values = await _read(request)
        if values is None or not _is_id(values.get("attempt_id")):
            return _page("turned_away.html", 400, why=words.UNREADABLE)
        return await page.take(form, values)


async def _read(request: Request) -> Values | None:
    """The form's values; None where they cannot be read."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    try:
        return parse(body)
    except ValueError:
        return None


def _is_id(text: str | None) -> bool:
    try:
        return text is None or bool(UUID(text))
    except ValueError:
        return False


def _page(name: str, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(TEMPLATES.get_template(name).render(**values), status, HEADERS)


def _back(done: str = "") -> Response:
    return RedirectResponse(f"./?done={done}" if done else "./", 303, HEADERS)
