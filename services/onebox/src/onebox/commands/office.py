"""init, up, health, token: bringing an office up and letting people and devices in."""

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Annotated, Any

import httpx2
import typer
from pydantic import ValidationError

from backbone import failpoints, log
from backbone.auth import Authority
from backbone.clock import SystemClock
from backbone.embedded_postgres import EmbeddedPostgres
from backbone.ids import Ids
from backbone.rights import SCOPES, Actor
from onebox import console, simulation
from onebox.connection import deployment, running_at, say_running, say_stopped
from onebox.console import Failed, err, out
from onebox.homes import own_as_parent
from onebox.host import Host, open_host
from onebox.keys import load_or_make
from onebox.options import AsJson
from onebox.serving import serve_app, stop_signals
from onebox.settings import Deployment, Environment, StationConfig, read, write
from onebox.storage import Storage

EVERY = 5.0
"""Seconds between the loops' looks without a bell. In one process every change rings; the looks are the guarantee."""

Office = Annotated[str, typer.Option(help="Kode wilayah kantor · the office's region code")]


def init(office: Office = "21.02", stations: Annotated[int, typer.Option(min=1, max=50)] = 2) -> None:
    """Make an office in CETAK_HOME (default ./var): its settings, its keys and the first tokens, shown once.

    Example: cetak init --office 21.02 --stations 2
    """
    environment = Environment()
    if read(environment.home) is not None:
        err.print(f"Sudah ada kantor di {environment.home} · there is an office already; nothing changed.")
        return
    make_office(environment.home, office, stations)


def make_office(home: Path, office: str, stations: int) -> Deployment:
    """Write the settings and the keys, print the first tokens. Ends the command where a lost office's database is left."""
    _no_database_left(home)
    named = tuple(StationConfig(id=f"{office.replace('.', '')}-{n}") for n in range(1, stations + 1))
    try:
        made = Deployment(office=office, stations=named)
    except ValidationError:
        raise typer.BadParameter(f"{office}: bukan kode wilayah · no region code (21.02)") from None
    write(home, made)
    own_as_parent(home)
    out.print(f"[bold]Kantor {office}[/] dibuat di {home}. · Office made.")
    out.print("Token pertama, hanya ditampilkan sekali · first tokens, shown only once:")
    for name, scopes in (
        ("kiosk", {"kiosk"}),
        ("loket", {"counter"}),
        ("supervisor", {"supervisor", "operator"}),
    ):
        print_token(home, made, name, frozenset(scopes), days=365)
    return made


def _no_database_left(home: Path) -> None:
    """New keys cannot read an old database, and its stations' numbers would go on without their journals."""
    left = EmbeddedPostgres(home)
    if left.made and Environment().database_url is None:
        err.print(
            f"Setelan kantor di {home} hilang, tetapi basis datanya masih ada di {left.folder}: kembalikan isi {home}, "
            "atau hapus folder itu bila datanya tidak dipakai lagi.\n"
            f"The office's settings in {home} are gone, but its database still lies in {left.folder}: put the contents "
            f"of {home} back, or remove that folder if nobody needs its data."
        )
        raise typer.Exit(code=1)


def print_token(
    home: Path,
    office: Deployment,
    subject: str,
    scopes: frozenset[str],
    *,
    days: int,
    station: str | None = None,
) -> None:
    keys = load_or_make(home / "keys.json")
    authority = Authority(SystemClock(), public=keys.public, private=keys.private)
    actor = Actor(subject=subject, scopes=scopes, prefix=office.office, station=station)
    out.print(f"  {subject:<11} {authority.issue(actor, timedelta(days=days))}", soft_wrap=True)


def token(
    subject: Annotated[str, typer.Argument(help="Nama perangkat atau akun · a device's or account's name")],
    scope: Annotated[list[str], typer.Option(help=" · ".join(sorted(SCOPES)))],
    station: Annotated[
        str | None, typer.Option(help="Hanya untuk cakupan station · for the scope station")
    ] = None,
    days: Annotated[int, typer.Option(min=1)] = 365,
) -> None:
    """Make a signed access token for a device or a person of this office.

    Example: cetak token kiosk-2 --scope kiosk --days 90
    """

    async def work() -> None:
        environment = Environment()
        found = deployment(environment)
        unknown = set(scope) - SCOPES
        if unknown or (("station" in scope) != (station is not None)):
            raise Failed(
                f"Cakupan tidak dikenal, atau --station kurang · unknown scope or missing --station: {unknown}",
                code=console.USAGE,
            )
        print_token(environment.home, found, subject, frozenset(scope), days=days, station=station)

    console.run(work())


def up() -> None:
    """Run the whole office in this process until Ctrl-C: intake, scheduler, gateway, stations, one port.

    Example: cetak up        (makes the office 21.02 on first use)
    """
    environment = Environment()
    log.configure(level=environment.log_level)
    failpoints.arm(environment.failpoint)
    found = read(environment.home) or make_office(environment.home, "21.02", 2)
    console.run(_up(environment, found))


async def _up(environment: Environment, found: Deployment) -> None:
    if running_at(environment.home) is not None:
        raise Failed(f"Sudah berjalan · already running at {running_at(environment.home)}")
    storage = Storage(environment.home, environment.database_url)
    err.print("Menyiapkan basis data · preparing the database ...")
    await storage.open()
    clock = SystemClock()
    chaos = None if environment.chaos is None else Random(environment.chaos)  # noqa: S311  # a test's dice
    try:
        async with open_host(
            environment.home,
            found,
            storage,
            clock=clock,
            ids=Ids(clock),
            centre=None if found.centre.url else simulation.centre(environment.home, found, clock),
            every=EVERY,
            chaos=chaos,
        ) as host:
            await _serve(environment, host)
    finally:
        say_stopped(environment.home)
        await storage.close()


async def _serve(environment: Environment, host: Host) -> None:
    """Serve until a signal, or until a loop dies, which ends the process."""
    address = f"http://{environment.host}:{environment.port}"
    say_running(environment.home, address)
    err.print(f"Cetak {host.parts.deployment.office} di · at [bold]{address}[/]  (Ctrl-C berhenti · stops)")

    async def stop() -> None:
        err.print("Berhenti · stopping ...")
        host.stop()

    await serve_app(
        host.app, environment.host, environment.port, asked=stop_signals(), run=host.run, stop=stop
    )


def health(as_json: AsJson = False) -> None:
    """Ask every service of the running office whether it is ready; exit 3 where nothing runs."""

    async def work() -> None:
        address = running_at(Environment().home)
        if address is None:
            raise Failed("Tidak berjalan · not running", code=console.UNREACHABLE)
        async with httpx2.AsyncClient(base_url=address, timeout=10) as client:
            found = {
                name: (await client.get(f"/{name}/health/ready")).json()
                for name in ("intake", "scheduler", "gateway")
            }
        console.show(found, as_json=as_json, human=_show_health)
        if any(body["status"] == "fail" for body in found.values()):
            raise typer.Exit(console.FAILED)

    console.run(work(), as_json=as_json)


def _show_health(found: dict[str, Any]) -> None:
    rows = [
        (name, check["name"], check["status"], check["output"])
        for name, body in found.items()
        for check in body["checks"]
    ]
    console.table("", ("layanan", "periksa", "keadaan", "keterangan"), rows)
