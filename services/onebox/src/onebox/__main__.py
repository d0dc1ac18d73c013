"""The `cetak` command."""

import typer

from onebox.commands import manage, office, proof, work

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
    help="Cetak: antrean cetak KTP-el yang adil, tepat waktu, dan tidak pernah mencetak dua kali.\n\n"
    "Works off a backlog of identity cards: fair, in time, never a card twice or without approval.\n\n"
    "Exit codes: 0 done, 1 failed or a finding, 2 usage, 3 unreachable, 4 not allowed, 130 interrupted.",
)
for name, command in {
    "init": office.init,
    "up": office.up,
    "import": work.import_file,
    "queue": work.queue,
    "explain": work.explain,
    "window": manage.window,
    "stock": manage.stock,
    "policy": manage.policy,
    "token": office.token,
    "audit": proof.audit_command,
    "health": office.health,
    "demo": proof.demo,
}.items():
    app.command(name)(command)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
