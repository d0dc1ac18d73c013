"""audit and demo: the promises, checked and played."""

import gc
from pathlib import Path
from typing import Annotated, Any

import typer

from onebox import console
from onebox.audit import Finding, audit
from onebox.audit.show import show_findings
from onebox.connection import deployment
from onebox.console import FAILED
from onebox.homes import witnesses
from onebox.options import AsJson
from onebox.settings import Environment
from onebox.storage import Storage


def audit_command(as_json: AsJson = False) -> None:
    """Check every promise across all services' tables and the witnesses of this home; exit 1 where one is broken."""

    async def work() -> None:
        environment = Environment()
        deployment(environment)
        findings = await audit_home(environment.home, environment.database_url)
        console.show(
            [finding.__dict__ for finding in findings],
            as_json=as_json,
            human=lambda _: show_findings(findings),
        )
        if findings:
            raise typer.Exit(FAILED)

    console.run(work(), as_json=as_json)


async def audit_home(home: Path, url: str | None = None) -> list[Finding]:
    """Audit the database of a home, starting it for the while if it does not run."""
    from onebox.connection import running_at

    storage = Storage(home, url)
    await storage.open() if running_at(home) is None else None
    try:
        return await audit(storage.login("audit" if url is None else ""), witnesses(home))
    finally:
        if running_at(home) is None:
            await storage.close(adopted=False)


def demo(
    no_print_after_close: Annotated[
        bool,
        typer.Option(help="Pusat data yang lebih ketat · a stricter centre: no printing while it is shut"),
    ] = False,
    days: Annotated[int, typer.Option(help="Paling lama sekian hari · at most so many days")] = 60,
    chaos: Annotated[
        int | None, typer.Option(help="Pesan ganda, terlambat, acak · messages twice, late, shuffled")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play the Karimun story in virtual time: 3,000 owed cards, a centre that closes at 15:00; then audit it.

    Leaves cards and a summary in CETAK_HOME/demo.
    """
    from backbone import log
    from onebox.demo.play import play

    log.configure(level="ERROR")

    # Millions of short-lived objects, hardly a cycle among them: looking for cycles rarely saves a fifth of the time.
    gc.set_threshold(50_000, 50, 50)

    async def work() -> None:
        summary: dict[str, Any] = await play(
            Environment().home / "demo",
            print_after_close=not no_print_after_close,
            most_days=days,
            chaos=chaos,
        )
        if as_json:
            console.print_json(summary)
        if summary["audit_findings"]:
            raise typer.Exit(FAILED)

    console.run(work(), as_json=as_json)
