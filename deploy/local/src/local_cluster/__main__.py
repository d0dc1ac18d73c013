"""`python -m local_cluster up | down | status`: the distributed form of this home's office, in the background."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import typer

from local_cluster import words
from local_cluster.cluster import LAST, Cluster
from local_cluster.installing import ensure_rabbit
from local_cluster.process import NotReady
from local_cluster.rabbit_node import RabbitFailed, RabbitNode
from local_cluster.settings import ClusterSettings
from local_cluster.state import Started, birth, load, save
from onebox import console
from onebox.commands.office import make_office
from onebox.connection import running_at
from onebox.console import UNREACHABLE, Failed, err
from onebox.homes import make_home, own_as_parent
from onebox.settings import read
from onebox.storage import Storage

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=__doc__)


@app.command()
def up() -> None:
    """Start RabbitMQ, PostgreSQL and one process a service; comes back when all are ready."""
    _run(_up(ClusterSettings()))


@app.command()
def down() -> None:
    """Stop what `up` started, and nothing else."""
    _run(_down(ClusterSettings()))


@app.command()
def status() -> None:
    """What runs where. Exit 3 where something does not."""
    known = load(_state(ClusterSettings()))
    if known is None:
        raise typer.Exit(_nothing_runs())
    words.show(known[1])
    if not all(one.alive for one in known[1]):
        raise typer.Exit(UNREACHABLE)


async def _up(settings: ClusterSettings) -> None:
    known = load(_state(settings))
    if known is not None and any(one.alive for one in known[1]):
        _already(known[1])
        return
    if (address := running_at(settings.home)) is not None:
        raise Failed(f"Kantor ini sudah berjalan di {address} · this office runs already")
    ensure_rabbit()
    make_home(settings.home)
    if read(settings.home) is None:
        make_office(settings.home, "21.02", 2)
    cluster = Cluster(settings.home, settings.port, front=True, log_level=settings.log_level)
    try:
        err.print("Menyiapkan RabbitMQ dan PostgreSQL · preparing RabbitMQ and PostgreSQL ...")
        await cluster.lay_ground()
        cluster.launch()
        started = _started(cluster)
        save(_state(settings), settings.port, started)
        err.print(f"Menunggu {len(started)} proses siap · waiting for {len(started)} processes ...")
        await cluster.until_ready()
    except BaseException:
        await cluster.stop()
        _state(settings).unlink(missing_ok=True)
        raise
    own_as_parent(settings.home)
    words.show(started)
    words.first_steps(settings.home, cluster.deployment, f"http://127.0.0.1:{settings.port}")


async def _down(settings: ClusterSettings) -> None:
    known = load(_state(settings))
    if known is None:
        _nothing_runs()
        return
    port, started = known
    err.print("Menghentikan · stopping ...")
    for callers in (True, False):
        await asyncio.gather(*(one.stop() for one in started if (one.service not in LAST) is callers))
    await RabbitNode(settings.home / "rabbitmq", port + 1).stop()
    await Storage(settings.home).close()
    _state(settings).unlink()
    own_as_parent(settings.home)
    err.print("Berhenti; data tetap ada · stopped; the data stay.")


def _started(cluster: Cluster) -> list[Started]:
    return [
        Started(
            name=member.name,
            service=member.service,
            url=f"{member.url}{member.path}",
            pid=pid,
            birth=birth(pid),
        )
        for member in cluster.plan.members
        if (pid := cluster.processes[member.name].pid) is not None
    ]


def _already(started: list[Started]) -> None:
    words.show(started)
    dead = [one.name for one in started if not one.alive]
    if dead:
        raise Failed(f"Mati · dead: {', '.join(dead)}. Jalankan · run: make down, make up")
    err.print("Sudah berjalan · it runs already.")


def _nothing_runs() -> int:
    err.print("Tidak ada yang berjalan · nothing runs here.")
    return UNREACHABLE


def _state(settings: ClusterSettings) -> Any:
    return settings.home / "local" / "cluster.json"


def _run(work: Coroutine[Any, Any, None]) -> None:
    async def told() -> None:
        try:
            await work
        except (RabbitFailed, NotReady) as error:
            raise Failed(str(error)) from None

    console.run(told())


if __name__ == "__main__":
    app()
