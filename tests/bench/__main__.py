"""`make bench`: Cetak beside textbooks and beside the machine's own limits, all in one run.

It never fails on slowness; it fails on a wrong result. Names of benches as arguments run only these; `scale:100000` is
that bench at another size.
"""

import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from tests.bench import end_to_end, hop, import_file, intake, machine, peers, scale, walk_in
from tests.bench.report import table
from tests.bench.stage import open_stage

from backbone.service import settle

PORT = 26200
HOME = Path("var/bench")
BENCHES: dict[str, Callable[..., Awaitable[None]]] = {
    "machine": machine.run,
    "intake": intake.run,
    "hop": hop.run,
    "walk_in": walk_in.run,
    "end_to_end": end_to_end.run,
    "import": import_file.run,
}

ASKED: dict[str, Callable[..., Awaitable[None]]] = {"frameworks": peers.run, "scale": scale.run}
"""Only when named: they need an environment of their own, or ten minutes and 8 GB of disk."""


async def main(names: list[str]) -> None:
    async with open_stage(HOME, PORT) as stage:
        for name in names or BENCHES:
            print(f"bench: {name} ...", file=sys.stderr)
            name, *sizes = name.split(":")  # noqa: PLW2901
            await (BENCHES | ASKED)[name](stage, *map(int, sizes))
            # What is measured is kept, whatever becomes of the rest.
            (HOME / "results.json").write_text(json.dumps(stage.results, indent=1) + "\n")
    print(table(stage.results))


if __name__ == "__main__":
    # On the loop that the services run on, and without the pauses of which they are free.
    settle()
    uvloop.run(main(sys.argv[1:]))
