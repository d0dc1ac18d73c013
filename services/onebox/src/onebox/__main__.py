"""The `cetak` command."""

import typer

from backbone import log
from onebox.commands import case, office, policy, proof, recover, serve, stock, why, window, work

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
    help="Cetak: antrean cetak KTP-el yang adil, tepat waktu, dan tidak pernah mencetak dua kali.\n\n"
    "Works off a backlog of identity cards: fair, in time, never a card twice or without approval.\n\n"
    "Exit codes: 0 done, 1 failed or a finding, 2 usage, 3 unreachable, 4 not allowed, 130 interrupted.",
)
app.command("init")(office.init)
app.command("up")(office.up)
app.command("serve")(serve.serve)
app.command("migrate")(serve.migrate)
app.command("import")(work.import_file)
app.command("queue")(work.queue)
app.command("explain")(work.explain)
app.command("find")(case.find)
app.command("urgent")(case.urgent)
app.command("hold")(case.hold)
app.command("decide")(case.decide)
app.command("reopen")(case.reopen)
app.command("why")(why.why)
app.command("at-risk")(why.at_risk)
app.command("targets")(why.targets)
app.add_typer(window.app, name="window")
app.add_typer(stock.app, name="stock")
app.add_typer(policy.app, name="policy")
app.command("recover")(recover.recover)
app.command("token")(office.token)
app.command("audit")(proof.audit_command)
app.command("health")(office.health)
app.command("demo")(proof.demo)


def main() -> None:
    # What is logged goes to standard error: standard output is a command's data.
    log.configure(level="WARNING")
    app()


if __name__ == "__main__":
    main()
