"""serve, migrate: the distributed form, one process a service, over a shared PostgreSQL and RabbitMQ."""

import traceback
from collections.abc import Coroutine
from enum import StrEnum
from typing import Annotated, Any

import structlog
import typer

from backbone import failpoints, log
from onebox import console
from onebox.connection import deployment
from onebox.console import FAILED, Failed, err
from onebox.settings import Environment
from onebox.storage import Storage

logger = structlog.get_logger()


class Name(StrEnum):
    INTAKE = "intake"
    SCHEDULER = "scheduler"
    GATEWAY = "gateway"
    SIMULATOR = "simulator"
    STATION = "station"


def serve(
    service: Annotated[Name, typer.Argument(help="Layanan · the service")],
    station: Annotated[str | None, typer.Argument(help="Nama stasiun · the station's id")] = None,
) -> None:
    """Run one service in this process until SIGTERM, on CETAK_PORT; needs CETAK_BROKER_URL, and `cetak migrate` once.

    Example: cetak serve station 2102-1
    """
    from onebox.one_service import serve_one
    from onebox.simulation import serve_centre

    if (service is Name.STATION) != (station is not None):
        raise typer.BadParameter("nama stasiun hanya untuk station · a station's id goes with station only")
    environment = Environment()
    log.configure(level=environment.log_level)
    failpoints.arm(environment.failpoint)

    async def work() -> None:
        found = deployment(environment)
        if service is Name.SIMULATOR:
            await serve_centre(environment, found)
        else:
            await serve_one(environment, found, service.value, station)

    console.run(_told(work()))


async def _told(work: Coroutine[Any, Any, None]) -> None:
    """What ends a service is told in its log, without the values it went wrong with; exit 1."""
    try:
        await work
    except Failed:
        raise
    except Exception as error:  # noqa: BLE001  # it ends the process, told without its values
        found = _first(error)
        frames = traceback.extract_tb(found.__traceback__)[-4:]
        where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
        logger.error("service_ends", error=type(found).__name__, where=where)  # noqa: TRY400  # the group says nothing
        raise typer.Exit(FAILED) from None


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def migrate() -> None:
    """Bring the database's schemas and roles up to date: before the first `serve`, and after an upgrade."""

    async def work() -> None:
        environment = Environment()
        deployment(environment)
        storage = Storage(environment.home, environment.database_url)
        await storage.open()
        await storage.close(adopted=False)
        err.print("Basis data siap · the database is ready.")

    console.run(work())
