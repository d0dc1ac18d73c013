"""Bears agent processes quickly: it has imported all they need, and forks one for each line of JSON on its input.

A child is `cetak serve station ID` with the environment of its line; `clock_off` seconds its machine's clock is off. The
child's process id is the answer, one line. Children that end are forgotten at once.
"""

import json
import os
import signal
import sys
from datetime import timedelta
from typing import Any


def main() -> None:
    _import_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(asked)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _import_all() -> None:
    # A warning that is shown as garbage is collected amid an import would bring these in, which 3.11 does not survive.
    import linecache
    import tracemalloc

    import onebox.__main__
    import onebox.one_service
    import onebox.simulation
    import printer_agent.drivers.ipp.session

    assert all(
        (
            linecache,
            tracemalloc,
            onebox.__main__,
            onebox.one_service,
            onebox.simulation,
            printer_agent.drivers.ipp.session,
        )
    )


def _become(asked: dict[str, Any]) -> None:
    """Never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(asked["log"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)
    os.environ.update(asked["environment"])
    if asked["clock_off"]:
        _turn_the_clock(timedelta(seconds=asked["clock_off"]))
    sys.argv = ["cetak", "serve", "station", asked["station"]]
    code = 1
    try:
        from onebox.__main__ import main as cetak

        cetak()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stderr.flush()
        os._exit(code)


def _turn_the_clock(by: timedelta) -> None:
    from backbone.clock import SystemClock

    true = SystemClock.now
    setattr(SystemClock, "now", lambda self: true(self) + by)  # noqa: B010  # mypy lets no method be assigned


if __name__ == "__main__":
    main()
