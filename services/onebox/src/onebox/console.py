"""What every command shares: where output goes, exit codes, how an error is told.

Data go to standard output, progress and messages to standard error. Exit codes: 0 done · 1 failed, or a finding ·
2 wrong usage · 3 service unreachable · 4 not allowed · 130 interrupted.
"""

import json
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NoReturn

import httpx2
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from backbone.embedded_postgres import PostgresFailed

FAILED, USAGE, UNREACHABLE, NOT_ALLOWED = 1, 2, 3, 4

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class Failed(Exception):
    """Ends a command with a code and a message for people; `problem` is what the service said."""

    def __init__(self, message: str, *, code: int = FAILED, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.problem = problem


def run(work: Coroutine[Any, Any, None], *, as_json: bool = False) -> None:
    """Run a command's coroutine; every failure becomes a message and an exit code."""
    import uvloop

    try:
        uvloop.run(work)
    except Failed as failed:
        _tell(failed, as_json=as_json)
    except (httpx2.TransportError, PostgresFailed, ConnectionError) as error:
        _tell(
            Failed(f"Layanan tidak terjangkau · Service unreachable: {error}", code=UNREACHABLE),
            as_json=as_json,
        )
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _tell(failed: Failed, *, as_json: bool) -> NoReturn:
    if as_json:
        print_json(failed.problem or {"error": str(failed)})
    else:
        err.print(f"[bold red]✗[/] {escape(str(failed))}")
        for error in (failed.problem or {}).get("errors", []):
            err.print(f"  {error['field']}: {error['message_id']} · {error['message_en']}", markup=False)
    raise typer.Exit(failed.code)


def answer(response: httpx2.Response) -> Any:
    """The body of a good answer; raises Failed with the service's own words otherwise."""
    if response.status_code < 400:
        return response.json()
    try:
        problem = response.json()
    except ValueError:
        problem = {"title": response.text[:200], "title_en": f"HTTP {response.status_code}"}
    code = NOT_ALLOWED if response.status_code in (401, 403) else FAILED
    extra = {key: value for key, value in problem.items() if key in ("detail", "veto", "state", "per_day")}
    detail = f" ({', '.join(f'{key}: {value}' for key, value in extra.items())})" if extra else ""
    raise Failed(f"{problem.get('title')} · {problem.get('title_en')}{detail}", code=code, problem=problem)


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n")


def show(value: Any, *, as_json: bool, human: Callable[[Any], None]) -> None:
    """One document of JSON, or words for people."""
    if as_json:
        print_json(value)
    else:
        human(value)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """The first column names the row, and is never broken."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        made.add_column(column, overflow="fold", no_wrap=place == 0)
    for row in rows:
        made.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(made)
