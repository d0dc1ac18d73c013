"""IPP over HTTP in front of a machine (RFC 8010, 8011): POST /ipp/print; what hands do is under /_control."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from simulator.card_printer import describe, ipp
from simulator.card_printer.machine import Cut, Job, Machine, Off, Unwilling
from simulator.card_printer.mishaps import Mishap

OK, BAD_REQUEST, NOT_SUPPORTED, VERSION = 0x0000, 0x0400, 0x0501, 0x0503
VALIDATE_JOB, CREATE_JOB, SEND_DOCUMENT, CANCEL_JOB = 0x0004, 0x0005, 0x0006, 0x0008
GET_JOB, GET_JOBS, GET_PRINTER = 0x0009, 0x000A, 0x000B
TYPE: Final = "application/ipp"

Groups = tuple[tuple[int, ipp.Attributes], ...]


class Service:
    """Answers IPP requests for one machine at `uri`."""

    def __init__(self, machine: Machine, uri: str) -> None:
        self._machine = machine
        self._uri = uri
        self._acts: Mapping[int, Callable[[ipp.Message], Groups]] = {
            VALIDATE_JOB: lambda asked: (),
            CREATE_JOB: self._create,
            SEND_DOCUMENT: self._send,
            CANCEL_JOB: self._cancel,
            GET_JOB: self._get_job,
            GET_JOBS: self._get_jobs,
            GET_PRINTER: self._get_printer,
        }

    def answer(self, asked: ipp.Message) -> ipp.Message:
        """Raises Off, or Cut where it was done and nobody hears of it."""
        act = self._acts.get(asked.code)
        if asked.version[0] not in (1, 2):
            return _answered(asked, VERSION)
        if act is None:
            return _answered(asked, NOT_SUPPORTED)
        try:
            return _answered(asked, OK, act(asked))
        except Unwilling as no:
            return _answered(asked, no.status)

    def _create(self, asked: ipp.Message) -> Groups:
        job = self._machine.create_job(
            str(asked.first("job-name", "")), str(asked.first("requesting-user-name", ""))
        )
        return self._jobs(asked, [job])

    def _send(self, asked: ipp.Message) -> Groups:
        if not asked.first("last-document", default=False):
            raise Unwilling(BAD_REQUEST)
        return self._jobs(asked, [self._machine.send_document(self._number(asked), asked.data)])

    def _cancel(self, asked: ipp.Message) -> Groups:
        self._machine.cancel(self._number(asked))
        return ()

    def _get_job(self, asked: ipp.Message) -> Groups:
        return self._jobs(asked, [self._machine.job(self._number(asked))])

    def _get_jobs(self, asked: ipp.Message) -> Groups:
        """`which-jobs` is not-completed where absent (RFC 8011, section 4.2.6.1)."""
        which = asked.first("which-jobs", "not-completed")
        found = [
            job
            for job in self._machine.jobs.values()
            if which == "all" or job.ended == (which == "completed")
        ]
        found.sort(key=lambda job: -job.id if which == "completed" else job.id)
        return self._jobs(asked, found[: asked.first("limit", len(found))])

    def _get_printer(self, asked: ipp.Message) -> Groups:
        told = describe.printer(self._machine, self._uri)
        return ((ipp.PRINTER, _wanted(asked, told)),)

    def _jobs(self, asked: ipp.Message, jobs: list[Job]) -> Groups:
        """`job-uuid` and the like only where they are asked for; id, uri and state always come back from a new job."""
        short = ("job-id", "job-uri", "job-state", "job-state-reasons", "job-uuid")
        names = asked.all("requested-attributes") or (short if asked.code != GET_JOB else ("all",))
        told = [describe.job(job, self._uri, self._machine) for job in jobs]
        return tuple((ipp.JOB, _picked(each, names)) for each in told)

    def _number(self, asked: ipp.Message) -> int:
        number = asked.first("job-id")
        if number is None:
            number = str(asked.first("job-uri", "0")).rsplit("/", 1)[-1]
        try:
            return int(number)
        except ValueError:
            raise Unwilling(BAD_REQUEST) from None


def _wanted(asked: ipp.Message, told: ipp.Attributes) -> ipp.Attributes:
    return _picked(told, tuple(ipp.names_asked(asked)))


def _picked(told: ipp.Attributes, names: tuple[str, ...]) -> ipp.Attributes:
    groups = {"all", "job-description", "job-template", "printer-description"}
    return told if groups & set(names) else {name: told[name] for name in names if name in told}


def _answered(asked: ipp.Message, status: int, groups: Groups = ()) -> ipp.Message:
    head = {
        "attributes-charset": ipp.texts(ipp.CHARSET, "utf-8"),
        "attributes-natural-language": ipp.texts(ipp.LANGUAGE, "en"),
    }
    version = asked.version if asked.version[0] in (1, 2) else (2, 0)
    return ipp.Message(
        code=status, request_id=asked.request_id, version=version, groups=((ipp.OPERATION, head), *groups)
    )


class _CutOff(Response):
    """Headers that promise more than comes: the server then cuts the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", TYPE.encode()), (b"content-length", b"1024")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"\2", "more_body": True})
        raise ConnectionResetError


def create_app(machine: Machine, uri: str) -> Starlette:
    """The printer as an ASGI application; its motor runs for the application's life."""
    service = Service(machine, uri)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        motor = asyncio.create_task(machine.run())
        yield
        motor.cancel()
        await asyncio.gather(motor, return_exceptions=True)

    async def speak(request: Request) -> Response:
        try:
            asked = ipp.decode(await request.body())
            return Response(ipp.encode(service.answer(asked)), media_type=TYPE)
        except ipp.Malformed:
            return Response(status_code=400)
        except (Off, Cut):
            return _CutOff()

    async def hands(request: Request) -> Response:
        _act(machine, request.path_params["act"], await request.json())
        return Response(status_code=204)

    async def look(request: Request) -> Response:
        return JSONResponse(_seen(machine))

    routes = [
        Route("/ipp/print", speak, methods=["POST"]),
        Route("/_control", look, methods=["GET"]),
        Route("/_control/{act}", hands, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _act(machine: Machine, act: str, said: dict[str, Any]) -> None:
    """Raises KeyError for an act that nobody can do."""
    acts: dict[str, Callable[[], None]] = {
        "load": lambda: machine.load(int(said["blanks"])),
        "mishaps": lambda: machine.mishaps.order(Mishap(**said)),
        "open-cover": machine.open_cover,
        "close-cover": machine.close_cover,
        "clear-jam": machine.clear_jam,
        "change-ribbon": machine.change_ribbon,
        "cut-power": machine.cut_power,
        "power-on": machine.power_on,
    }
    acts[act]()


def _seen(machine: Machine) -> dict[str, Any]:
    return {
        "hopper": machine.hopper,
        "good": machine.bins.good,
        "reject": machine.bins.reject,
        "ribbon": machine.ribbon,
        "powered": machine.powered,
        "reasons": machine.reasons,
        "quiet": machine.quiet,
    }
